import type { AccessRecord } from '../core/access.ts';
import { hex } from '../core/bits.ts';
import type { Finding } from '../rules/index.ts';
import { html, type Markup } from './html-markup.ts';

const VERBS = { port: ['in', 'out'], memory: ['read', 'write'], ram: ['load', 'store'] } as const;

/** The accesses that led to a finding, down a line: the one that broke the clause is the last. */
export function timeline({ evidence }: Finding): Markup {
  const { accesses, skipped, facts } = evidence;
  const steps = accesses.map((access, i) => step(access, accesses[i - 1], i === accesses.length - 1));
  const gap = skipped > 0 ? [html`<li class="gap">… ${skipped} more</li>`] : [];
  return html`<ol class="timeline">
${[...steps.slice(0, 1), ...gap, ...steps.slice(1)]}
</ol>
${facts.map((fact) => html`<p class="fact"><code>${fact}</code></p>`)}`;
}

function step(access: AccessRecord, before: AccessRecord | undefined, isLast: boolean): Markup {
  const { at, space, write, address, width, value, text } = access;
  const verb = VERBS[space][write ? 1 : 0];
  const since = before === undefined ? '' : `+${micros(at - before.at)} µs`;
  const where = hex(address, space === 'port' ? 4 : 8);
  const shown = value === null ? '…' : hex(value, width * 2);
  return html`<li class="${write ? 'write' : 'read'}${isLast ? ' broke' : ''}"><span class="time">${micros(at)} µs</span> <span class="since">${since}</span> <code>${verb} ${where} ${write ? '←' : '→'} ${shown}</code> <span class="words">${text}</span></li>`;
}

function micros(nanos: number): string {
  return (nanos / 1000).toFixed(3);
}
