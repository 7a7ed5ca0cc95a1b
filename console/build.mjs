// Makes console/dist of the sources: a script, the style sheets, the fonts and the page, each compressed. Names have a
// digest of what is in them. SOURCES says which sources it was made of; `--check` compares that and changes nothing.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, parse, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { pageOf } from './page.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const BYTES_MAX = 900_000;

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

// SHA-256 over everything that the bundle depends on.
function digestOfSources() {
  const files = [...filesBelow(join(here, 'src')), ...['build.mjs', 'page.mjs', 'package.json', 'package-lock.json'].map((name) => join(here, name))];
  const digest = createHash('sha256');
  for (const file of files.sort()) {
    const bytes = readFileSync(file);
    digest.update(`${relative(here, file)}\0${bytes.length}\0`).update(bytes);
  }
  return digest.digest('hex');
}

const sources = digestOfSources();

if (process.argv.includes('--check')) {
  const made = existsSync(join(dist, 'SOURCES')) ? readFileSync(join(dist, 'SOURCES'), 'utf8').trim() : 'nothing';
  if (made !== sources) {
    console.error('console/dist was made of other sources than there are: run script/build-console');
    process.exit(1);
  }
  process.exit(0);
}

const { build } = await import('esbuild');
const result = await build({
  absWorkingDir: here,
  entryPoints: { console: 'src/main.tsx', frame: 'src/frame.css' },
  bundle: true,
  minify: true,
  write: false,
  outdir: 'dist',
  format: 'esm',
  target: ['chrome109', 'firefox115', 'safari16.4'],
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none',
  logLevel: 'warning',
  logOverride: { 'unsupported-css-nesting': 'silent' },
});

// The licences of what is in the bundle go with it.
function licences() {
  const lock = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8'));
  const parts = [];
  for (const [path, entry] of Object.entries(lock.packages).sort()) {
    if (!path || entry.dev) continue;
    const folder = join(here, path);
    if (!existsSync(folder)) continue;
    const files = readdirSync(folder).filter((name) => /^(licen[cs]e|notice)(\.(md|txt))?$/i.test(name));
    const texts = files.map((name) => readFileSync(join(folder, name), 'utf8').trim());
    parts.push([`== ${path.replace(/^.*node_modules\//, '')} ${entry.version} (${entry.license})`, ...texts].join('\n\n'));
  }
  return parts.join('\n\n\n') + '\n';
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
let total = 0;
function put(name, text) {
  const compressed = gzipSync(text, { level: 9 });
  compressed[9] = 255; // the system that made it does not matter
  writeFileSync(join(dist, `${name}.gz`), compressed);
  total += compressed.length;
}
// Returns the name that it is served by.
function putByDigest(stem, ending, bytes) {
  const name = `${stem}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}${ending}`;
  put(name, bytes);
  return name;
}

// Fonts inside a style sheet would be read and decoded before anything is drawn, each of them, whether used or not.
function withFontsApart(css) {
  return css
    .replace(/url\("?data:font\/woff2;base64,([A-Za-z0-9+/=]+)"?\)/g, (_, base64) =>
      `url(${putByDigest('font', '.woff2', Buffer.from(base64, 'base64'))})`)
    .replaceAll('@font-face{', '@font-face{font-display:swap;');
}

const names = {};
for (const { path, text } of result.outputFiles) {
  const { name: stem, ext: ending } = parse(path);
  names[stem + ending] = putByDigest(stem, ending, ending === '.css' ? withFontsApart(text) : text);
}
put('index.html', pageOf(names, JSON.parse(readFileSync(join(here, 'src/app/menu.json'), 'utf8'))));
put('licences.txt', licences());
writeFileSync(join(dist, 'SOURCES'), sources + '\n');
console.log(`console/dist: ${total} bytes compressed`);
if (total > BYTES_MAX) {
  console.error(`That is more than ${BYTES_MAX}.`);
  process.exit(1);
}
