// The beginning of an object, as rows where it is CSV, as text where it is text; gzip is looked into.
export interface Preview {
  about: string;
  text?: string;
  columns?: string[];
  rows?: Record<string, string>[];
}

const LINES_MAX = 200;

async function inflated(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream('gzip'));
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    while (size < 1 << 20) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      size += value.length;
    }
  } catch {
    // Only its beginning was fetched: what came out so far is what there is to see.
  }
  void reader.cancel().catch(() => undefined);
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function textOf(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes);
  const odd = [...text.slice(0, 2000)].filter((c) => c === '\ufffd' || (c < ' ' && !'\t\n\r'.includes(c))).length;
  return odd > 5 ? undefined : text;
}

function hexOf(bytes: Uint8Array): string {
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, 1024); at += 16) {
    const part = [...bytes.slice(at, at + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')}`);
  }
  return lines.join('\n');
}

// One line of CSV, with quotes as RFC 4180 has them.
function cellsOf(line: string): string[] {
  const cells: string[] = [];
  const pattern = /("(?:[^"]|"")*"|[^,]*)(,|$)/g;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    const cell = match[1];
    cells.push(cell.startsWith('"') ? cell.slice(1, -1).replace(/""/g, '"') : cell);
    if (match[2] === '') break;
  }
  return cells;
}

export async function previewOf(name: string, bytes: Uint8Array, isCut: boolean): Promise<Preview> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const content = isGzip ? await inflated(bytes) : bytes;
  const inside = isGzip ? 'Inside the gzip: ' : '';
  const text = textOf(content);
  if (text === undefined) return { about: `${inside}not text; the first bytes`, text: hexOf(content) };
  const lines = text.split('\n');
  if ((isCut || content.length >= 1 << 20) && lines.length > 1) lines.pop();
  const shown = lines.slice(0, LINES_MAX);
  const more = lines.length > LINES_MAX || isCut ? `the first ${shown.length} lines` : `${lines.filter(Boolean).length} lines`;
  if (/\.csv(\.gz)?$/i.test(name) && lines.length > 1) {
    const columns = cellsOf(lines[0].replace(/\r$/, '')).map((column, at) => column || `column ${at + 1}`);
    const rows = shown
      .slice(1)
      .filter(Boolean)
      .map((line) => Object.fromEntries(cellsOf(line.replace(/\r$/, '')).map((cell, at) => [columns[at] ?? `column ${at + 1}`, cell])));
    return { about: `${inside}CSV, ${more}`, columns: [...new Set(columns)], rows };
  }
  const isOneJson = lines.length <= 2 && /^\s*[{[]/.test(text);
  if (isOneJson) {
    try {
      return { about: `${inside}JSON`, text: JSON.stringify(JSON.parse(text), null, 2) };
    } catch {
      // Cut, or lines after all.
    }
  }
  return { about: `${inside}${more}`, text: shown.join('\n') };
}
