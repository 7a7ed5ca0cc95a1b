// The page that every address of the console is answered with. What is in it is drawn at once: a frame with the menu,
// whose links lead somewhere already. The script, which takes longer, draws the view in its place.

const BASE = '/_tidemark/console';

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%23006ce0'/%3E%3Cpath d='M2 6c2-2 4-2 6 0s4 2 6 0M2 11c2-2 4-2 6 0s4 2 6 0' stroke='white' stroke-width='1.6' fill='none'/%3E%3C/svg%3E";

const linkTo = ({ text, view }) => `<a href="${BASE}/${view}">${text}</a>`;
const sectionOf = ({ text, items }) => `<b>${text}</b>${items.map(linkTo).join('')}`;

// `names` are those that the files are served by; `menu` is src/app/menu.json.
// The large style sheet stands behind the frame: what is in front of it is drawn without waiting for it.
export function pageOf(names, menu) {
  const asset = (name) => `${BASE}/assets/${names[name]}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tidemark</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${asset('frame.css')}">
<script type="module" src="${asset('console.js')}"></script>
</head>
<body>
<div id="root">
<div class="frame">
<header>Tidemark</header>
<nav aria-label="Services">${menu.map(sectionOf).join('')}</nav>
<main role="status">Loading …</main>
</div>
</div>
<link rel="stylesheet" href="${asset('console.css')}">
<noscript>The console needs JavaScript.</noscript>
</body>
</html>
`;
}
