// Writes over time, stacked by who made them, with marks for what has a moment; a cursor, and a band to zoom into.
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { go } from '../../app/router';
import type { Activity } from '../../client/tidemark';
import { count, time } from '../../parts/format';

export interface Mark {
  time: number; // milliseconds
  kind: string;
  text: string;
  href: string;
  isFailed: boolean; // or cancelled: nothing came of it
}

const WIDTH = 1200;
const HEIGHT = 260;
const LEFT = 56;
const RIGHT = 12;
const TOP = 26;
const BOTTOM = 28;
const ORIGINS = ['client', 'import', 'bulk-put', 'restore', 'rewind', 'ttl', 'replication', 'unknown', 'system'];

const colorOf = (origin: string): string => {
  const known: Record<string, string> = { 'bulk-put': 'import', system: 'unknown' };
  return `var(--origin-${known[origin] ?? origin})`;
};

const markColors: Record<string, string> = {
  backup: 'var(--origin-import)',
  export: 'var(--origin-client)',
  import: 'var(--origin-replication)',
  restore: 'var(--origin-restore)',
  branch: 'var(--origin-restore)',
  rewind: 'var(--origin-rewind)',
};

const colorOfMark = (mark: Mark): string => (mark.isFailed ? 'var(--failed)' : (markColors[mark.kind] ?? 'var(--origin-unknown)'));
const nameOfMark = (mark: Mark): string => (mark.isFailed ? `${mark.kind}, nothing came of it` : mark.kind);

// What came to its end is a triangle that points at its moment, what did not is a cross.
const shapeOfMark = (mark: Mark, x: number): string =>
  mark.isFailed
    ? `M${x} ${TOP - 8}l4 -4l2 2l-4 4l4 4l-2 2l-4 -4l-4 4l-2 -2l4 -4l-4 -4l2 -2z`
    : `M${x} ${TOP - 4}l-6 -11h12z`;

export function TimelineChart(props: {
  activity: Activity;
  marks: Mark[];
  cursor: number | undefined;
  onCursor: (time: number) => void;
  onZoom: (from: number, to: number) => void;
}) {
  const { activity } = props;
  const first = Date.parse(activity.from);
  const last = Math.max(first + 1000, Date.parse(activity.to));
  const step = activity.step_seconds * 1000;
  const shown = ORIGINS.filter((origin) => activity.writes[origin]?.some((n) => n > 0));
  const bars = Math.max(1, ...Object.values(activity.writes).map((counts) => counts.length));
  let highest = 1;
  for (let at = 0; at < bars; at++) highest = Math.max(highest, shown.reduce((sum, origin) => sum + (activity.writes[origin][at] ?? 0), 0));
  highest += highest > 1 ? highest % 2 : 0; // so that half of it is a whole number, too
  const x = (moment: number): number => LEFT + ((moment - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / highest) * (HEIGHT - TOP - BOTTOM);
  const timeAt = (position: number): number =>
    Math.min(last, Math.max(first, first + ((position - LEFT) / (WIDTH - LEFT - RIGHT)) * (last - first)));

  const svg = useRef<SVGSVGElement>(null);
  const [band, setBand] = useState<{ from: number; to: number } | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const position = (event: PointerEvent): number => {
    const box = svg.current!.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * WIDTH;
  };
  const down = (event: PointerEvent): void => {
    event.currentTarget.setPointerCapture?.(event.pointerId);
    const moment = timeAt(position(event));
    setBand({ from: moment, to: moment });
  };
  const moved = (event: PointerEvent): void => {
    const moment = timeAt(position(event));
    setHover(moment);
    if (band) setBand({ ...band, to: moment });
  };
  const up = (): void => {
    if (!band) return;
    const [from, to] = band.from < band.to ? [band.from, band.to] : [band.to, band.from];
    setBand(null);
    if (x(to) - x(from) > 6) props.onZoom(Math.floor(from), Math.ceil(to));
    else props.onCursor(Math.round(to));
  };
  const keyed = (event: KeyboardEvent): void => {
    const now = props.cursor ?? last;
    const sign = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (sign) {
      event.preventDefault();
      const next = Math.min(last, Math.max(first, now + sign * step));
      if (event.shiftKey) setBand({ from: band?.from ?? now, to: Math.min(last, Math.max(first, (band?.to ?? now) + sign * step)) });
      else props.onCursor(next);
    } else if (event.key === 'Enter' && band) {
      event.preventDefault();
      up();
    } else if (event.key === 'Escape') {
      setBand(null);
    }
  };

  // One path an origin, so that many bars are few elements.
  const paths = shown.map((origin, index) => {
    let path = '';
    for (let at = 0; at < bars; at++) {
      const value = activity.writes[origin][at] ?? 0;
      if (value === 0) continue;
      const below = shown.slice(0, index).reduce((sum, other) => sum + (activity.writes[other][at] ?? 0), 0);
      const left = x(first + at * step);
      const width = Math.max(1, x(first + (at + 1) * step) - left - 0.5);
      const top = y(below + value);
      path += `M${left.toFixed(1)} ${top.toFixed(1)}h${width.toFixed(1)}v${Math.max(1, y(below) - top).toFixed(1)}h-${width.toFixed(1)}z`;
    }
    return { origin, path };
  });
  const ticks = ticksOf(first, last);
  const visibleMarks = props.marks.filter((mark) => mark.time >= first && mark.time <= last);
  const hovered = hover === null ? -1 : Math.floor((hover - first) / step);

  return (
    <div>
      <div
        className="timeline"
        role="slider"
        tabIndex={0}
        aria-label="Moment on the timeline"
        aria-valuemin={0}
        aria-valuemax={last - first}
        aria-valuenow={(props.cursor ?? last) - first}
        aria-valuetext={time(new Date(props.cursor ?? last).toISOString())}
        onKeyDown={keyed}
        onPointerDown={down}
        onPointerMove={moved}
        onPointerUp={up}
        onPointerLeave={() => setHover(null)}
      >
        <svg ref={svg} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
          {(highest === 1 ? [0, 1] : [0, 0.5, 1]).map((part) => (
            <g key={part}>
              <line className="axis" x1={LEFT} x2={WIDTH - RIGHT} y1={y(highest * part)} y2={y(highest * part)} />
              <text x={LEFT - 8} y={y(highest * part) + 4} textAnchor="end">
                {short(highest * part)}
              </text>
            </g>
          ))}
          {ticks.map((tick) => (
            <text key={tick.time} x={x(tick.time)} y={HEIGHT - 8} textAnchor="middle">
              {tick.text}
            </text>
          ))}
          {paths.map(({ origin, path }) => (
            <path key={origin} d={path} fill={colorOf(origin)} />
          ))}
          {band && (
            <rect className="band" x={Math.min(x(band.from), x(band.to))} width={Math.abs(x(band.to) - x(band.from))} y={TOP} height={HEIGHT - TOP - BOTTOM} />
          )}
          {props.cursor !== undefined && props.cursor >= first && props.cursor <= last && (
            <line className="cursor" x1={x(props.cursor)} x2={x(props.cursor)} y1={TOP - 8} y2={HEIGHT - BOTTOM} />
          )}
          {visibleMarks.map((mark, at) => (
            <path
              key={at}
              className="mark"
              fill={colorOfMark(mark)}
              d={shapeOfMark(mark, x(mark.time))}
              onPointerDown={(event) => event.stopPropagation()}
              onClick={() => go(mark.href)}
            >
              <title>{`${mark.text}, ${time(new Date(mark.time).toISOString())}`}</title>
            </path>
          ))}
        </svg>
      </div>
      <div className="legend">
        {shown.map((origin) => (
          <span key={origin}>
            <i style={{ background: colorOf(origin) }} />
            {origin}
          </span>
        ))}
        {[...new Map(visibleMarks.map((mark) => [nameOfMark(mark), mark]))].map(([name, mark]) => (
          <span key={`mark ${name}`}>
            <span style={{ color: colorOfMark(mark) }}>{mark.isFailed ? '✖' : '▼'} </span>
            {name}
          </span>
        ))}
        {hovered >= 0 && hover !== null && (
          <span>
            {time(new Date(hover).toISOString())}
            {shown.map((origin) => (activity.writes[origin][hovered] ? `, ${count(activity.writes[origin][hovered])} ${origin}` : ''))}
          </span>
        )}
      </div>
    </div>
  );
}

const short = (value: number): string =>
  value >= 1e6 ? `${(value / 1e6).toFixed(1)}M` : value >= 1e4 ? `${Math.round(value / 1e3)}k` : Number.isInteger(value) ? String(value) : value.toFixed(1);

const MINUTE = 60_000;
const units = [1000, 5000, 15_000, MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 180 * MINUTE, 720 * MINUTE, 1440 * MINUTE, 7 * 1440 * MINUTE];

function ticksOf(first: number, last: number): { time: number; text: string }[] {
  const unit = units.find((candidate) => (last - first) / candidate <= 9) ?? units[units.length - 1];
  const ticks = [];
  for (let at = Math.ceil(first / unit) * unit; at <= last && ticks.length < 20; at += unit) {
    const text = new Date(at).toISOString();
    ticks.push({
      time: at,
      text: unit >= 1440 * MINUTE ? text.slice(5, 10) : unit >= 720 * MINUTE ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : unit >= MINUTE ? text.slice(11, 16) : text.slice(11, 19),
    });
  }
  return ticks;
}
