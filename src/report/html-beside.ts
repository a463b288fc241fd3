import type { AccessRecord } from '../core/access.ts';
import { accessPlace, accessText, micros } from './finding.ts';
import { html, type Markup } from './html-markup.ts';
import { type Frame, framesOf, placeText } from './place.ts';
import type { Run } from './report.ts';

/** What a page shows beside the report. */
export interface Beside {
  /** The text of a file that a stack names, by its place there; null if it cannot be read. */
  source(file: string): string | null;
  /** The command that repeats a run; null if there is none. */
  command(run: Run): string | null;
  /** The last accesses of a run, up to its first finding of a clause; of null, up to its end. */
  lastAccesses(run: Run, clause: string | null): readonly AccessRecord[];
}

/** Nothing can be read or repeated. */
export const ALONE: Beside = { source: () => null, command: () => null, lastAccesses: () => [] };

/** Lines before and after that of the driver. */
const AROUND = 3;
/** A longer line was made by a program. */
const WIDEST = 160;

/** The frames of a driver: of the innermost the lines around, of the others their own line. */
export function stackPart(stack: string, root: string, { source }: Beside): Markup[] {
  const frames = framesOf(stack, root);
  if (frames.length === 0) return [];
  const first = frames.find(({ place }) => place !== null);
  return [
    html`<ol class="stack">
${frames.map((frame) => frameItem(frame, source, frame === first ? AROUND : 0))}
</ol>`,
  ];
}

function frameItem({ name, place }: Frame, source: Beside['source'], around: number): Markup {
  const at = place === null ? [] : [html` <code class="place">${placeText(place)}</code>`];
  const lines = place === null ? [] : excerpt(source(place.file), place.line, around);
  return html`<li>${name}${at}${lines}</li>`;
}

function excerpt(text: string | null, line: number, around: number): Markup[] {
  const all = text?.split(/\r?\n/) ?? [];
  if (line < 1 || line > all.length) return [];
  const first = Math.max(1, line - around);
  const shown = all.slice(first - 1, line + around);
  const width = String(first + shown.length - 1).length;
  const rows = shown.map((code, i) => {
    const cut = code.length > WIDEST ? `${code.slice(0, WIDEST)}…` : code;
    const row = `${String(first + i).padStart(width)}  ${cut.replaceAll('\t', '  ')}`;
    return first + i === line && around > 0 ? html`<mark>${row}</mark>` : html`<span>${row}</span>`;
  });
  return [html`<pre class="source">${rows}</pre>`];
}

/** How a run is repeated, and what it did last. */
export function runPart(run: Run | null, clause: string | null, beside: Beside): Markup[] {
  if (run === null) return [];
  const command = beside.command(run);
  const accesses = beside.lastAccesses(run, clause);
  return [
    ...(command === null ? [] : [html`<p class="again">Again: <code>${command}</code></p>`]),
    ...(accesses.length === 0 ? [] : [tracePart(accesses, clause)]),
  ];
}

function tracePart(accesses: readonly AccessRecord[], clause: string | null): Markup {
  const times = accesses.map(({ at }) => micros(at));
  const width = Math.max(...times.map(({ length }) => length));
  const room = Math.max(...accesses.map((access) => accessPlace(access).length));
  const lines = accesses.map(
    (access, i) => html`<span>${times[i]!.padStart(width)} µs  ${accessText(access, room)}</span>`,
  );
  return html`<details class="trace"><summary>The last ${accesses.length} accesses ${clause === null ? 'before it stopped' : 'up to then'}</summary>
<pre>${lines}</pre>
</details>`;
}
