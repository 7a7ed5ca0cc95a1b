// Which period an incremental export is to have, if nobody says.
import { type ExportSummary } from '../../client/dynamodb';
import { describeExport, exportPages } from './described_exports';

export interface Period {
  from: number; // seconds since 1970
  to: number;
  follows: boolean; // an incremental export that there is
}

const DAY = 86_400; // the longest period that the service takes
const LOOKED_AT = 200;

// When the last incremental export of the table that has not failed ended.
export async function lastExportedTo(arn: string, signal?: AbortSignal): Promise<number | undefined> {
  const found: ExportSummary[] = [];
  for await (const page of exportPages(arn, signal)) {
    found.push(...page.filter((one) => one.ExportType === 'INCREMENTAL_EXPORT' && one.ExportStatus !== 'FAILED'));
    if (found.length >= LOOKED_AT) break;
  }
  const ends = await Promise.all(
    found
      .slice(0, LOOKED_AT)
      .map(async (one) => (await describeExport(one.ExportArn, signal)).IncrementalExportSpecification?.ExportToTime ?? 0),
  );
  const last = Math.max(0, ...ends);
  return last || undefined;
}

// From where the last one ended, a day at most; without one the last day. Within the window, in whole seconds.
export function nextPeriod(window: { earliest: number; latest: number }, last: number | undefined): Period {
  const earliest = Math.ceil(window.earliest);
  const latest = Math.floor(window.latest);
  const follows = last !== undefined && last >= earliest && last < latest;
  const from = follows ? last : Math.max(earliest, latest - DAY);
  return { from, to: Math.min(latest, from + DAY), follows };
}
