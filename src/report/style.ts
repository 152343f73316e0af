/** The look of the page: one accent colour, for what was refused; paper and ink for the rest. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --ink: #1d1b18; --muted: #67625a; --line: #e4dfd5;
  --accent: #a8321a; --soft: #cd7d69;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #171512; --ink: #efebe4; --muted: #a8a196; --line: #38342d;
    --accent: #ff9273; --soft: #a5563f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  font-variant-numeric: tabular-nums lining-nums;
}
main { max-width: 62rem; margin: 0 auto; padding: 3rem 1.5rem 2rem; }
h1 { margin: 0; font-size: clamp(1.75rem, 5vw, 2.75rem); line-height: 1.1; letter-spacing: -0.02em; text-wrap: balance; }
h1 strong { color: var(--accent); font-weight: inherit; }
h2 { margin: 0; font-size: 1.0625rem; line-height: 1.3; }
p { margin: 0; }
.over { margin-bottom: 0.5rem; color: var(--muted); }
.period { margin-top: 0.75rem; font-size: 1.0625rem; }
.note, .peak, footer, summary, th, .key, .none, .when { color: var(--muted); }
.note, .peak, footer, summary, .none { font-size: 0.875rem; }
.note { margin-top: 0.25rem; max-width: 44rem; }
.keys { display: grid; grid-template-columns: repeat(5, 1fr); gap: 1rem; margin: 2rem 0 0; padding: 1.25rem 0; border-block: 1px solid var(--line); }
.keys div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.keys dd { margin: 0; font-size: 1.625rem; line-height: 1.2; font-weight: 600; letter-spacing: -0.01em; }
.key { font-size: 0.875rem; }
section { margin-top: 2.75rem; min-width: 0; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 3rem; }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 1rem; margin-bottom: 0.75rem; }
.plot { display: grid; grid-template-columns: auto 1fr; gap: 0 0.5rem; }
.scale { display: flex; flex-direction: column; justify-content: space-between; text-align: right; }
.scale :first-child { transform: translateY(-50%); }
.scale :last-child { transform: translateY(50%); }
.scale, .axis { font-size: 0.75rem; line-height: 1rem; color: var(--muted); }
.columns { display: block; width: 100%; height: 8rem; overflow: visible; }
.tall .columns { height: 11rem; }
.columns line { stroke: var(--line); vector-effect: non-scaling-stroke; }
.columns rect, .bar rect { fill: var(--soft); }
.columns .most, .bar rect { fill: var(--accent); }
.columns .hit { fill: transparent; }
.columns g:hover rect:not(.hit) { fill: var(--ink); }
.axis { grid-column: 2; display: flex; margin-top: 0.375rem; height: 1rem; }
.axis span { flex: 1 1 0; min-width: 0; white-space: nowrap; }
.axis.each span { text-align: center; }
details { margin-top: 0.5rem; }
summary { cursor: pointer; width: fit-content; }
details table { width: auto; margin-top: 0.5rem; }
details tr > * + * { padding-left: 2rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
th { font-weight: 400; font-size: 0.8125rem; text-align: left; vertical-align: bottom; }
th, td { padding: 0.3125rem 0; border-bottom: 1px solid var(--line); }
th ~ td, td ~ td, th ~ th { padding-left: 1rem; }
.number { text-align: right; white-space: nowrap; }
th.name { width: 40%; color: var(--ink); font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 0.875rem; overflow-wrap: anywhere; }
.two th.name { width: 50%; }
td.share { width: 22%; min-width: 3rem; }
.pairs { table-layout: fixed; }
.pairs th.name { width: auto; }
.pairs thead th.name { text-align: right; }
.bar { display: block; width: 100%; height: 0.5rem; }
.when { white-space: nowrap; font-size: 0.875rem; }
.events { list-style: none; margin: 0; padding: 0; }
.events li { display: grid; grid-template-columns: 8.5rem 4rem 1fr; gap: 0 1rem; padding: 0.4375rem 0; border-bottom: 1px solid var(--line); font-size: 0.9375rem; }
.events .what { overflow-wrap: anywhere; }
.kind { color: var(--accent); }
.none { padding: 0.5rem 0; border-block: 1px solid var(--line); }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 44rem) {
  main { padding: 2rem 1rem 1.5rem; }
  .two { grid-template-columns: 1fr; }
  .keys { grid-template-columns: repeat(3, 1fr); }
  .wide { display: none; }
  th ~ td, td ~ td, th ~ th { padding-left: 0.5rem; }
  th.name, .two th.name { width: 47%; font-size: 0.8125rem; }
  .pairs th.name { width: auto; }
  td.share { width: 17%; min-width: 2rem; }
  .events li { grid-template-columns: auto 1fr; }
  .events .what { grid-column: 1 / -1; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --ink: #000; --muted: #444; --line: #ccc; --accent: #a8321a; --soft: #cd7d69;
  }
  @page { margin: 15mm; }
  html { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  .two { grid-template-columns: 1fr 1fr; }
  .keys { grid-template-columns: repeat(5, 1fr); }
  section { margin-top: 1.75rem; }
  .plot { margin-bottom: 0.75rem; }
  details { display: none; }
  .chart, tr, .events li { break-inside: avoid; }
  h2 { break-after: avoid; }
  rect { print-color-adjust: exact; }
}
`;
