/** The styles of the HTML file. The graph stays light, for print. */

import { LIGHT } from "../../circuit/colours";

const DARK = {
  page: "#151513",
  sunken: "#1f1e1c",
  line: "#373632",
  text: "#e8e5de",
  quiet: "#a8a296",
  link: "#7cc7b9",
};

export const HTML_STYLE = `
:root { --page: ${LIGHT.page}; --sunken: ${LIGHT.sunken}; --line: ${LIGHT.line}; --text: ${LIGHT.text};
  --quiet: ${LIGHT.quiet}; --link: #1d6459; color-scheme: light; }
@media (prefers-color-scheme: dark) {
  :root { --page: ${DARK.page}; --sunken: ${DARK.sunken}; --line: ${DARK.line}; --text: ${DARK.text};
    --quiet: ${DARK.quiet}; --link: ${DARK.link}; color-scheme: dark; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.2; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 0 0 0.5rem; }
h4 { font-size: 0.8125rem; margin: 0; }
a { color: var(--link); }
.graph { overflow: auto; border: 1px solid var(--line); border-radius: 10px; }
.graph svg { display: block; width: 100%; min-width: 40rem; height: auto; max-height: none; }
.node { padding: 1.25rem 0; border-top: 1px solid var(--line); }
.node:target { outline: 2px solid var(--link); outline-offset: 6px; border-radius: 4px; }
.part { margin-left: 1.5rem; }
.patches { display: flex; flex-wrap: wrap; gap: 6px; }
.patches img, .missing { width: 96px; height: 96px; object-fit: contain; border-radius: 6px; background: var(--sunken); }
.missing { display: block; border: 1px dashed var(--quiet); }
dl { margin: 0.75rem 0; font-size: 0.875rem; }
dl > div { display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr; gap: 0.75rem; }
@media (max-width: 40rem) { dl > div { grid-template-columns: 6.5rem minmax(0, 1fr); } }
dt { color: var(--quiet); }
dd { margin: 0; }
.quiet { color: var(--quiet); font-size: 0.8125rem; }
.edges { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 0.75rem 1.5rem; font-size: 0.875rem; }
.edges ul { list-style: none; margin: 0; padding: 0; }
.number { font-variant-numeric: tabular-nums; }
@media print { .node { break-inside: avoid; } }
`;
