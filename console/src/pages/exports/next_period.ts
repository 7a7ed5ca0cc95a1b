// Which period an incremental export is to have, if nobody says.
import { dynamodb, type ExportDescription, type ExportSummary } from '../../client/dynamodb';

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
  let token: string | undefined;
  do {
    const page: { ExportSummaries: ExportSummary[]; NextToken?: string } = await dynamodb(
      'ListExports',
      { TableArn: arn, MaxResults: 25, NextToken: token },
      { signal },
    );
    found.push(...page.ExportSummaries.filter((one) => one.ExportType === 'INCREMENTAL_EXPORT' && one.ExportStatus !== 'FAILED'));
    token = page.NextToken;
  } while (token && found.length < LOOKED_AT);
  const ends = await Promise.all(
    found.slice(0, LOOKED_AT).map(async (one) => {
      const answer = await dynamodb<{ ExportDescription: ExportDescription }>('DescribeExport', { ExportArn: one.ExportArn }, { signal });
      return answer.ExportDescription.IncrementalExportSpecification?.ExportToTime ?? 0;
    }),
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
