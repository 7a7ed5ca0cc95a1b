// Numbers, sizes and times for people.
export function bytes(count: number | undefined): string {
  if (count === undefined) return '–';
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

export const usd = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(8)} USD`);

export const count = (value: number | undefined): string => (value === undefined ? '–' : value.toLocaleString('en-US'));

// `1 item`, `2 items`.
export const counted = (value: number | undefined, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

// What a bill counts: of gigabytes there is no plural.
export const quantity = (value: number, unit: string): string => (/^GB/.test(unit) ? `${count(value)} ${unit}` : counted(value, unit));

const pad = (value: number): string => String(value).padStart(2, '0');

// Seconds since 1970, milliseconds as Date has them, or a date of ISO 8601; shown in UTC, as the service says it.
export function time(value: number | string | undefined): string {
  if (value === undefined || value === '') return '–';
  const date = typeof value === 'number' ? new Date(value * 1000) : new Date(value);
  if (Number.isNaN(date.getTime())) return String(value);
  return `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())} ${pad(date.getUTCHours())}:${pad(
    date.getUTCMinutes(),
  )}:${pad(date.getUTCSeconds())} UTC`;
}

export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.round((seconds % 86400) / 3600)} h`;
}

// `P1DT12H` as people say it, `1 day 12 hours`; nothing at all where it is zero. A sign is left out.
export function spoken(isoDuration: string): string {
  const match = /^-?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(isoDuration);
  if (!match) return isoDuration;
  const [, ...numbers] = match;
  return numbers.flatMap((number, at) => (Number(number) ? [counted(Number(number), ['day', 'hour', 'minute', 'second'][at])] : [])).join(' ');
}

// How a clock differs from the machine's: `1 hour ahead`, `2 minutes behind`; nothing where it does not.
export function aheadOrBehind(isoOffset: string): string {
  const text = spoken(isoOffset);
  return text && `${text} ${isoOffset.startsWith('-') ? 'behind' : 'ahead'}`;
}

export function elapsed(from: number | string | undefined, to: number | string | undefined): string {
  if (from === undefined || to === undefined) return '–';
  const ms = (value: number | string): number => (typeof value === 'number' ? value * 1000 : Date.parse(value));
  return duration(Math.max(0, ms(to) - ms(from)) / 1000);
}

const proper: Record<string, string> = {
  DYNAMODB_JSON: 'DynamoDB JSON',
  ION: 'Amazon Ion',
  CSV: 'CSV',
  GZIP: 'GZIP',
  ZSTD: 'ZSTD',
  NONE: 'no compression',
};

// `ACTIVE` as the console of AWS writes it: `Active`.
export const words = (code: string | undefined): string =>
  code && code in proper ? proper[code] : code ? code.charAt(0).toUpperCase() + code.slice(1).toLowerCase().replace(/_/g, ' ') : '–';
