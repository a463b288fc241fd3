/** One column, which fits a phone, too; colours by the reader's preference. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1c2024; --dim: #60666e; --line: #d9dce0; --card: #f5f6f8;
  --fail: #b3261e; --pass: #1a7340; --noted: #8a5a00; --waived: #5b4bb5; --unreached: #60666e; --marked: #fde3df; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171a; --ink: #e6e8ea; --dim: #9aa1a9; --line: #343a41; --card: #1d2126;
    --fail: #ff8a80; --pass: #6fd08c; --noted: #e8b04a; --waived: #b3a7ff; --unreached: #9aa1a9; --marked: #4a2320; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.5rem; } h2 { margin: 1.5rem 0 .5rem; font-size: 1rem; color: var(--dim); }
code { font: .875rem/1.5 ui-monospace, monospace; }
p { margin: .4rem 0; } .fact { margin: 0; } [hidden] { display: none !important; }
.fail { color: var(--fail); } .pass { color: var(--pass); } .noted { color: var(--noted); }
.waived { color: var(--waived); } .unreached { color: var(--unreached); }
.where, .time, .since, header p { color: var(--dim); font-size: .875rem; }
nav { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .4rem; padding: .6rem 0;
  background: var(--ground); border-bottom: 1px solid var(--line); }
button, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: .4rem; padding: .3rem .6rem; min-height: 2.5rem; }
button { cursor: pointer; } button[aria-pressed=true] { background: var(--ink); color: var(--ground); border-color: var(--ink); }
input { flex: 1 1 10rem; min-width: 0; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; padding: .5rem .75rem; }
summary { cursor: pointer; } .mark { font-weight: 600; } summary .text { color: var(--dim); }
details[open] > summary { margin-bottom: .4rem; }
article, .stop { background: var(--card); border-radius: .4rem; padding: .5rem .75rem; margin: .6rem 0; }
.stop { border-left: .25rem solid var(--fail); } .stop h2 { margin: 0; color: var(--fail); } .gone { color: var(--noted); } .skips { margin-top: 1.5rem; }
.timeline { list-style: none; margin: .6rem 0; padding: 0 0 0 .4rem; }
.timeline li { position: relative; display: grid; grid-template-columns: 7rem 7rem 14rem 1fr; gap: 0 .75rem;
  align-items: baseline; padding: .15rem 0 .15rem 1rem; border-left: 2px solid var(--line); }
.timeline li::before { content: ''; position: absolute; left: -.36rem; top: .6rem; width: .6rem; height: .6rem;
  border-radius: 50%; border: 2px solid var(--dim); background: var(--card); }
.timeline .write::before { background: var(--dim); }
.timeline .broke::before { background: var(--fail); border-color: var(--fail); }
.timeline .broke .words { color: var(--fail); font-weight: 600; }
.timeline .gap { display: block; color: var(--dim); border-left-style: dotted; } .timeline .gap::before { display: none; }
.time, .since { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media (max-width: 44rem) {
  nav { position: static; }
  .timeline li { grid-template-columns: auto 1fr; } .time, .since { text-align: left; }
  .timeline code, .timeline .words { grid-column: 1 / -1; } }
@media print { nav { display: none; } }
`;

/** Lines of the driver, and what repeats a run. What is wider than the page moves by itself. */
export const BESIDE_STYLE = `
pre { margin: .4rem 0; overflow-x: auto; white-space: normal; font: .8rem/1.5 ui-monospace, monospace; }
pre > * { display: block; white-space: pre; width: max-content; min-width: 100%; }
.stack { margin: .6rem 0; padding-left: 1.4rem; font-size: .875rem; } .stack li { margin: .2rem 0; } .stack .place { color: var(--dim); }
.source { background: var(--ground); border: 1px solid var(--line); border-radius: .25rem; }
.source > * { padding: 0 .6rem; color: var(--dim); } .source mark { background: var(--marked); color: var(--ink); }
.again code { user-select: all; } .trace { background: var(--ground); }
.wide { overflow-x: auto; } .wide:focus-visible { outline: 2px solid var(--dim); }
.scenarios { margin: 1rem 0; } .scenarios table { border-collapse: collapse; font-size: .875rem; }
.scenarios th { font-weight: 400; text-align: left; } .scenarios thead th { vertical-align: bottom; color: var(--dim); }
.scenarios thead a { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; padding: .2rem 0; color: var(--ink); text-decoration: none; }
.scenarios a { color: inherit; } .scenarios td a { text-decoration: none; display: block; }
.scenarios td { min-width: 1.6rem; text-align: center; } .scenarios tbody th { min-width: 10rem; padding-right: .75rem; }
.scenarios tbody tr { border-top: 1px solid var(--line); } .scenarios tbody tr:hover { background: var(--card); }
.scenarios td .fail { color: var(--fail); } .scenarios td .noted { color: var(--noted); } .scenarios td .waived { color: var(--waived); }
main [id]:target { outline: 2px solid var(--dim); outline-offset: .3rem; border-radius: .2rem; } main [id] { scroll-margin-top: 5rem; }
`;

/** Cells wrap where there is no room: a phone shows the same ring. */
export const RING_STYLE = `
.ring { margin: .6rem 0 .2rem; } .ring figcaption, .ring h3, .ring .legend, .ring .more { color: var(--dim); font-size: .8rem; }
.ring h3 { margin: .5rem 0 .25rem; font-weight: 600; } .ring h3 code { font-weight: 400; }
.ring .legend, .ring .more { margin: .2rem 0; }
.ring .row, .ring .desc { display: flex; flex-wrap: wrap; align-items: stretch; gap: .25rem; }
.ring .desc { align-items: center; margin: .25rem 0; } .ring .desc > b { font: 600 .8rem ui-monospace, monospace; min-width: 4.6rem; }
.ring .cell { display: inline-flex; flex-direction: column; padding: .1rem .4rem; background: var(--ground);
  border: 1px solid var(--line); border-radius: .25rem; }
.ring .cell i { color: var(--dim); font: .7rem/1.3 system-ui, sans-serif; white-space: nowrap; }
.ring .cell code { font-size: .8rem; }
.ring .available { border-color: var(--noted); } .ring .available .state { color: var(--noted); }
.ring .used { border-color: var(--pass); } .ring .used .state { color: var(--pass); }
.ring .stale { border-style: dashed; } .ring .stale code { color: var(--dim); }
.ring .about, .ring .wrong { border: 2px solid var(--fail); } .ring .about code, .ring .wrong code { color: var(--fail); font-weight: 600; }
.ring .odd { color: var(--fail); font-size: .8rem; font-weight: 600; }
.ring .table { flex-basis: 100%; margin-left: 1rem; padding-left: .6rem; border-left: 2px solid var(--line); }
@media (max-width: 44rem) { .ring .desc > b { flex-basis: 100%; } }
`;

/** Shows the verdicts of one kind that contain a word, and what a link leads to. Without it, all are shown. */
export const SCRIPT = `
const buttons = [...document.querySelectorAll('[data-show]')];
const word = document.querySelector('input');
function show() {
  const kind = buttons.find((button) => button.getAttribute('aria-pressed') === 'true').dataset.show;
  const wanted = word.value.trim().toLowerCase();
  let seen = 0;
  for (const section of document.querySelectorAll('main section')) {
    let here = 0;
    for (const item of section.querySelectorAll('details[data-kind]')) {
      item.hidden = !((kind === 'all' || item.dataset.kind === kind) && item.textContent.toLowerCase().includes(wanted));
      if (!item.hidden) here++;
    }
    section.hidden = here === 0;
    seen += here;
  }
  document.getElementById('nothing').hidden = seen > 0;
}
function press(button) {
  for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
  show();
}
/** A link leads to what is not shown, too. */
function follow() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const item = target?.closest('details[data-kind]');
  if (!item) return;
  word.value = item.hidden ? '' : word.value;
  if (item.hidden) press(buttons[0]);
  item.open = true;
  target.scrollIntoView();
}
for (const button of buttons) button.addEventListener('click', () => press(button));
word.addEventListener('input', show);
addEventListener('hashchange', follow);
show();
follow();
`;
