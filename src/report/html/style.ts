/**
 * The style of every page: calm, dense, one accent per subject. Light and dark follow the reader's
 * system; contrasts are at least 4.5 for text and 3 for lines (axe looks at it in a test).
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f7f9; --ink: #1b2129; --muted: #56606c; --line: #d9dee4;
  --faint: #eceff3; --good: #17683f; --bad: #a32638; --link: #1a5fa3; --band: #c98a0033;
  --c0: #1f6fb4; --c1: #b9520f; --c2: #23804f; --c3: #8347ac; --c4: #b0304b; --c5: #66690a;
  --c6: #0d7682; --c7: #7a5632;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --panel: #1b2027; --ink: #e4e8ed; --muted: #a0abb8; --line: #343c46;
    --faint: #262d35; --good: #74cf9f; --bad: #f28d9c; --link: #86bdf2; --band: #e0a94033;
    --c0: #6fb1ea; --c1: #f0a065; --c2: #6cc79a; --c3: #c49be6; --c4: #ee8a9c; --c5: #cac659;
    --c6: #62c4d0; --c7: #cda985;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
  font-variant-numeric: tabular-nums; }
header, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
footer { padding-block: 1rem 3rem; color: var(--muted); font-size: .85rem; }
h1 { font-size: 1.5rem; line-height: 1.3; font-weight: 650; margin: .25rem 0 .75rem;
  max-width: 52rem; text-wrap: pretty; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .25rem; padding-top: .75rem;
  border-top: 1px solid var(--line); }
h3 { font-size: .95rem; margin: 1.25rem 0 .25rem; }
h3.chart-title { font-size: .88rem; }
p, ul, ol, dl { margin: .35rem 0 .75rem; }
p, li { max-width: 46rem; }
ul, ol { padding-left: 1.25rem; }
a { color: var(--link); }
code, pre, kbd { font: .86em/1.45 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
p, li, td, th, dd, figcaption { overflow-wrap: anywhere; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 4px;
  padding: .6rem .75rem; margin: .5rem 0; overflow-x: auto; white-space: pre-wrap; }
.muted, figcaption { color: var(--muted); }
figcaption, .small { font-size: .85rem; }
.kicker { color: var(--muted); font-size: .85rem; margin: 0; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
nav ul { display: flex; flex-wrap: wrap; gap: .15rem 1rem; list-style: none; padding: 0;
  margin: .75rem 0 0; font-size: .88rem; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
  gap: .5rem 1.25rem; margin: 1rem 0; padding: .75rem 0; border-block: 1px solid var(--line); }
.facts div { min-width: 0; }
.facts dt { color: var(--muted); font-size: .78rem; }
.facts dd { margin: 0; font-weight: 600; font-size: .95rem; }
.callout { border-left: 3px solid var(--bad); background: var(--panel); padding: .5rem .75rem;
  margin: .75rem 0; max-width: none; }
.callout.plain { border-color: var(--c0); }
figure { margin: .75rem 0 1rem; min-width: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
  gap: 0 2rem; align-items: start; }
.pair > *, .trio > * { min-width: 0; }
.trio { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr));
  gap: 0 2.25rem; align-items: start; }
.scroll { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; font-size: .86rem; width: 100%; }
th, td { padding: .28rem .6rem .28rem 0; text-align: right; vertical-align: top;
  border-bottom: 1px solid var(--faint); white-space: nowrap; }
.prose table { min-width: min(100%, 34rem); }
.prose th, .prose td, th.text, td.text { text-align: left; }
.prose th.figure, .prose td.figure { text-align: right; }
.prose h2 { margin-top: 2.75rem; }
.sources { padding-left: 2rem; }
.sources li { max-width: none; margin-bottom: .2rem; }
.bars { margin: .75rem 0 1rem; }
.bars .value { text-align: right; white-space: nowrap; }
.prose td, td.wrap { white-space: normal; overflow-wrap: break-word; }
thead th { color: var(--muted); font-weight: 500; font-size: .8rem; vertical-align: bottom;
  border-bottom-color: var(--line); }
tbody th { font-weight: 600; text-align: left; }
th:first-child, td:first-child { text-align: left; }
.swatch { display: inline-block; width: .7em; height: .7em; border-radius: 2px;
  margin-right: .4em; background: var(--c); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; list-style: none; padding: 0;
  margin: .25rem 0; font-size: .85rem; }
.legend svg { width: 26px; height: 10px; margin-right: .35em; overflow: visible; }
details { margin: .35rem 0; font-size: .88rem; }
details > summary { cursor: pointer; color: var(--link); width: fit-content; max-width: 100%; }
details.note > summary { font-size: .82rem; }
details[open] { padding-bottom: .4rem; }
.k0 { --c: var(--c0); } .k1 { --c: var(--c1); } .k2 { --c: var(--c2); } .k3 { --c: var(--c3); }
.k4 { --c: var(--c4); } .k5 { --c: var(--c5); } .k6 { --c: var(--c6); } .k7 { --c: var(--c7); }
.plot { display: block; overflow: visible; width: calc(100% - 62px); margin: 12px 10px 40px 52px; }
.plot.titled { margin-top: 28px; }
.plot text { fill: var(--muted); font-size: 11.5px; }
.plot .grid { stroke: var(--faint); } .plot .axis { stroke: var(--line); }
.plot .strong { fill: var(--ink); font-weight: 600; }
.plot .halo { stroke: var(--page); stroke-width: 4px; paint-order: stroke; }
.plot .title { font-size: 11px; }
.line { fill: none; stroke: var(--c); stroke-width: 1.8; vector-effect: non-scaling-stroke;
  stroke-linejoin: round; }
.line.thin { stroke-width: 1; opacity: .35; }
.line.quiet { stroke-width: 1.2; opacity: .8; stroke-dasharray: 2 3; }
.d1 { stroke-dasharray: 7 3; } .d2 { stroke-dasharray: 2 2.5; } .d3 { stroke-dasharray: 9 3 2 3; }
.dot { fill: var(--c); } .dot.open { fill: var(--page); stroke: var(--c); stroke-width: 1.5; }
.range { stroke: var(--c); stroke-width: 2; } .mid { stroke: var(--c); stroke-width: 3; }
.shade { fill: var(--c); opacity: .16; }
.band { fill: var(--band); } .zone { fill: var(--faint); }
.reference { stroke: var(--muted); stroke-dasharray: 3 3; }
.rows { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr) max-content;
  gap: .15rem .9rem; align-items: center; font-size: .88rem; list-style: none; padding: 0; }
.rows > li { display: contents; }
.rows svg { width: 100%; height: 22px; overflow: visible; display: block; }
.rows .value { text-align: right; white-space: nowrap; }
.rows .axis-row svg { height: 26px; }
.rows .axis-row text { fill: var(--muted); font-size: 11px; }
.rows .grid { stroke: var(--faint); } .rows .axis { stroke: var(--line); }
.stack { display: flex; height: 16px; width: 100%; }
.stack span { background: var(--c); min-width: 1px; border-right: 1px solid var(--page); }
.p1 { opacity: .62; } .p2 { opacity: .3; }
.map td, .map th { text-align: center; white-space: normal; min-width: 5.2rem; }
.map td { border: 2px solid var(--page); background: var(--panel); padding: .35rem .3rem; }
.map td.wins { background: color-mix(in srgb, var(--c) 24%, var(--page)); }
td.na { color: var(--muted); line-height: 1.15; }
td.na small { display: block; font-size: .74rem; }
.map td small { display: block; color: var(--ink); font-size: .76rem; }
.bar { display: grid; grid-template-columns: 11rem minmax(0, 1fr) 9.5rem; gap: .6rem;
  align-items: center; }
details > summary.bar { width: 100%; color: var(--ink); list-style-position: inside; }
.track { position: relative; height: .8rem; background: var(--faint); border-radius: 2px; }
.track span { position: absolute; inset-block: 0; }
.track .solid { background: var(--c0); left: 0; border-radius: 2px; }
.track .could { border: 1.5px solid var(--ink); inset-block: -2px; border-radius: 2px; }
sup { line-height: 0; font-size: .72em; }
sup a { text-decoration: none; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
/* In a narrow column a row has its name and its figure above its track. */
.trio .rows { grid-template-columns: minmax(0, 1fr) max-content; }
.trio .rows .track-cell { grid-column: 1 / -1; margin-bottom: .3rem; }
.trio .rows > li { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; }
.trio .rows .value { grid-column: 2; grid-row: 1; }
@media (max-width: 40rem) {
  body { font-size: 14.5px; }
  h1 { font-size: 1.25rem; }
  .minor { display: none; }
  .rows { grid-template-columns: minmax(0, 1fr) max-content; }
  .rows .track-cell { grid-column: 1 / -1; grid-row: auto; order: 0; margin-bottom: .5rem; }
  .rows > li { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; }
  .rows .value { grid-column: 2; grid-row: 1; }
  .bar { grid-template-columns: minmax(0, 1fr) max-content; }
  .bar .track { grid-column: 1 / -1; grid-row: 2; }
}
@media print {
  :root { --page: #fff; --panel: #fff; --ink: #000; --muted: #444; --line: #bbb; --faint: #e6e6e6;
    --good: #17683f; --bad: #a32638; --link: #000; --c0: #1f6fb4; --c1: #b9520f; --c2: #23804f;
    --c3: #8347ac; --c4: #b0304b; --c5: #66690a; --c6: #0d7682; --c7: #7a5632; }
  body { font-size: 10pt; print-color-adjust: exact; }
  nav { display: none; }
  figure, tr, li, .callout { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; }
  th, td { white-space: normal; padding-right: .3rem; font-size: 8pt; }
}
`
