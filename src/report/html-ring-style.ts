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
