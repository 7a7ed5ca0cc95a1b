// Makes console/dist of the sources: one script, one style sheet, one page, each compressed. Names have a digest of what
// is in them. SOURCES says which sources it was made of; `--check` compares that and changes nothing.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const BYTES_MAX = 900_000;

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

// Of everything that the bundle depends on.
function digestOfSources() {
  const files = [...filesBelow(join(here, 'src')), ...['build.mjs', 'package.json', 'package-lock.json'].map((name) => join(here, name))];
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
  entryPoints: { console: 'src/main.tsx' },
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
const names = {};
for (const file of result.outputFiles) {
  const ending = file.path.slice(file.path.lastIndexOf('.'));
  names[ending] = `console-${createHash('sha256').update(file.contents).digest('hex').slice(0, 12)}${ending}`;
  put(names[ending], file.contents);
}
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%23006ce0'/%3E%3Cpath d='M2 6c2-2 4-2 6 0s4 2 6 0M2 11c2-2 4-2 6 0s4 2 6 0' stroke='white' stroke-width='1.6' fill='none'/%3E%3C/svg%3E";
put(
  'index.html',
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tidemark</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="/_tidemark/console/assets/${names['.css']}">
<script type="module" src="/_tidemark/console/assets/${names['.js']}"></script>
</head>
<body>
<div id="root"></div>
<noscript>The console needs JavaScript.</noscript>
</body>
</html>
`,
);
put('licences.txt', licences());
writeFileSync(join(dist, 'SOURCES'), sources + '\n');
console.log(`console/dist: ${total} bytes compressed`);
if (total > BYTES_MAX) {
  console.error(`That is more than ${BYTES_MAX}.`);
  process.exit(1);
}
