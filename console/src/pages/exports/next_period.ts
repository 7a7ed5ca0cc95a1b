// Which period an incremental export is to have, if nobody says.
import { type ExportSummary } from '../../client/dynamodb';
import { time } from '../../parts/format';
import { describeExport, exportPages } from './described_exports';

export interface Period {
  from: number; // seconds since 1970
  to: number;
  follows: boolean; // an incremental export that there is
}

const DAY = 86_400; // the longest period that the service takes, in seconds
const SHORTEST = 900;
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

export interface Window {
  earliest: number; // seconds since 1970: what can be exported
  latest: number;
}

// From where the last one ended, a day at most; without one, or where too little time has passed since, the last day.
// Within the window, in whole seconds. Nothing where the window is too short for any.
export function nextPeriod(window: Window, last: number | undefined): Period | undefined {
  const earliest = Math.ceil(window.earliest);
  const latest = Math.floor(window.latest);
  if (latest - earliest < SHORTEST) return undefined;
  const follows = last !== undefined && last >= earliest && last + SHORTEST <= latest;
  const from = follows ? last : Math.max(earliest, latest - DAY);
  return { from, to: Math.min(latest, from + DAY), follows };
}

// When the first one that nextPeriod() cannot give yet can be made: one at all, or one that follows on the last.
export function possibleFrom(window: Window, last: number | undefined): number {
  const earliest = Math.ceil(window.earliest);
  return (last !== undefined && last >= earliest ? last : earliest) + SHORTEST;
}

// What the service would refuse about a period, whatever has been written since; nothing where it would not.
export function faultOf(window: Window, from: number, to: number): { from?: string; to?: string } {
  if (from < Math.floor(window.earliest)) return { from: `What can be exported begins at ${time(Math.ceil(window.earliest))}.` };
  if (to - from < SHORTEST) return { to: 'A period has 15 minutes at least.' };
  if (to - from > DAY) return { to: 'A period has 24 hours at most.' };
  return {};
}
