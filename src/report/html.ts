import type { AccessRecord } from '../core/access.ts';
import { hex } from '../core/bits.ts';
import type { Finding } from '../core/finding.ts';
import { clauseUrl } from './clause-page.ts';
import { micros } from './finding.ts';
import { BESIDE_STYLE, RING_STYLE, SCRIPT, STYLE } from './html-assets.ts';
import { ALONE, type Beside, runPart, stackPart } from './html-beside.ts';
import { html, type Markup, page } from './html-markup.ts';
import { ringFigure } from './html-ring.ts';
import { placeText } from './place.ts';
import { byText, OUTCOMES, type Report, type RuleLine, ruleLines, suspectLines } from './report.ts';

/**
 * The report as one file that needs nothing else: rules by section, findings with their accesses, the driver's lines and
 * the run that shows them. Its script only filters.
 */
export function reportHtml(report: Report, beside: Beside = ALONE): string {
  const { name, profile, played, passed, word, why, unplayed, warnings } = report;
  const lines = ruleLines(report);
  const about = [profile, played].filter((text) => text !== '').join(', ');
  return page(
    `${name}: conformance`,
    STYLE + RING_STYLE + BESIDE_STYLE,
    html`<header>
<h1>${name} <span class="${passed ? 'pass' : 'fail'}">${word}</span></h1>
<p>${about}${why === '' ? '' : `: ${why}`}</p>
<p>${byText(report)}</p>
</header>
${stopsPart(report, beside)}
${[...(unplayed === null ? [] : [unplayed]), ...warnings].map((text) => html`<p class="gone">${text}</p>`)}
${scenarioTable(report)}
<noscript><style>nav { display: none; }</style></noscript>
<nav>
${filters(lines)}
<input type="search" placeholder="clause or word" aria-label="clause or word">
</nav>
<main>
${[...new Set(lines.map(sectionOf))].map((one) => section(one, lines, report.root, beside))}
<p id="nothing" hidden>No rule is of that kind, or has that word.</p>
</main>
${skipsPart(report)}`,
    SCRIPT,
  );
}

function stopsPart({ stops, root }: Report, beside: Beside): Markup[] {
  return stops.map(
    (stop) => html`<section class="stop"><h2>Stopped</h2>
<p><code>${stop.said}</code></p>${suspectLines(stop).map((line) => html`<p>${line}</p>`)}<p>${stop.where}</p>
${stackPart(stop.stack, root, beside)}
${runPart(stop.run, null, beside)}
</section>`,
  );
}

/** At the end, and closed: a missing use is not an error. */
function skipsPart({ skips }: Report): Markup[] {
  if (skips.length === 0) return [];
  const count = skips.reduce((sum, { scenarios }) => sum + scenarios.length, 0);
  const parts = skips.map(
    ({ reason, scenarios }) =>
      html`<p>${reason}</p><ul>${scenarios.map((name) => html`<li>${name}</li>`)}</ul>`,
  );
  return [
    html`<details class="skips"><summary>Scenarios that were skipped: <b>${count}</b></summary>
${parts}
</details>`,
  ];
}

/** One is pressed: failures, if there are any. */
function filters(lines: readonly RuleLine[]): Markup[] {
  const outcomes = lines.map(({ outcome }) => outcome);
  const first = outcomes.includes('fail') ? 'fail' : 'all';
  const button = (kind: string, count: number) =>
    html`<button type="button" data-show="${kind}" aria-pressed="${kind === first}">${kind} <b>${count}</b></button>`;
  const counts = OUTCOMES.map((kind) => [kind, outcomes.filter((one) => one === kind).length] as const);
  return [
    button('all', lines.length),
    ...counts
      .filter(([kind, count]) => kind === 'fail' || count > 0)
      .map(([kind, count]) => button(kind, count)),
  ];
}

function section(name: string, lines: readonly RuleLine[], root: string, beside: Beside): Markup {
  const its = lines.filter((line) => sectionOf(line) === name);
  return html`<section>
<h2>${name}</h2>
${its.map((line) => item(line, root, beside))}
</section>
`;
}

/** `virtio/NET` of virtio/NET-TX-D8; for other groups, which have fewer rules, the group. */
function sectionOf({ group, name }: RuleLine): string {
  return group === 'virtio' ? name.split('-')[0]! : group;
}

function item(line: RuleLine, root: string, beside: Beside): Markup {
  const { name, outcome, said, rule, news, findings, about, under, place, run } = line;
  const open = outcome === 'fail' && under === null ? ' open' : '';
  const [where, ...others] = about;
  const note = said === '' || findings[0]?.said === said ? [] : [html`<p class="note">${said}</p>`];
  return html`<details data-kind="${outcome}"${open}>
<summary><span class="mark ${outcome}">${outcome}</span> <code>${name}</code> ${news === null ? [] : [html`<b title="${news}">new</b> `]}<span class="text">${rule.text}</span></summary>
<p>${rule.advice}</p>
${note}
${under === null ? [] : [html`<p class="note">${under}</p>`]}
<p class="where">${rule.where}${where === undefined ? '' : `; ${where}`}. <a href="${clauseUrl(name)}">The clause</a>${place === null ? [] : [html`<br><code class="place">${placeText(place)}</code>`]}</p>
${others.map((line) => html`<p class="note">${line}</p>`)}
<div id="${name}">
${findings.map((finding) => findingPart(finding, root, beside))}
${under === null ? runPart(run, name, beside) : []}
</div>
</details>
`;
}

function findingPart(finding: Finding, root: string, beside: Beside): Markup {
  const { subject, said, count, stack, evidence } = finding;
  const times = count > 1 ? ` (${count} times)` : '';
  return html`<article>
<p><b>${subject}</b> ${said}${times}</p>
${stackPart(stack, root, beside)}
${timeline(finding)}
${evidence.ring === undefined ? [] : [ringFigure(evidence.ring)]}
</article>`;
}

const VERBS = { port: ['in', 'out'], memory: ['read', 'write'], ram: ['load', 'store'] } as const;

/** The accesses that led to a finding, down a line: the one that broke the clause is the last. */
function timeline({ evidence }: Finding): Markup {
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

/** A longer table is closed: the findings stand below it. */
const SHORT = 12;

/** Scenarios in which something went wrong, and the clauses that were broken there: each mark leads to the finding. */
function scenarioTable(report: Report): Markup[] {
  const broken = ruleLines(report).filter(({ scenarios }) => scenarios.length > 0);
  const played = report.lines.filter(
    ({ group, outcome }) => group === 'scenarios' && outcome !== 'skipped' && outcome !== 'unplayed',
  );
  const rows = played.filter(
    ({ name, outcome }) => outcome !== 'pass' || broken.some(({ scenarios }) => scenarios.includes(name)),
  );
  if (rows.length === 0) return [];
  const clean = played.length - rows.length;
  return [
    html`<details class="scenarios"${rows.length > SHORT ? '' : ' open'}>
<summary>Scenarios in which something went wrong: <b>${rows.length}</b> of ${played.length}</summary>
<div class="wide" role="region" aria-label="scenarios and clauses" tabindex="0"><table>
<thead><tr><th scope="col">scenario</th>${broken.map(({ name }) => html`<th scope="col"><a href="#${name}">${name}</a></th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr><th scope="row">${row.name}${row.outcome === 'fail' ? [html` <b class="fail">stopped</b>`] : []}</th>${broken.map((clause) => cell(clause, row.name))}</tr>`)}
</tbody>
</table></div>
${clean === 0 ? [] : [html`<p class="where">In ${clean} more nothing was broken.</p>`]}
</details>`,
  ];
}

function cell({ name, outcome, scenarios }: RuleLine, scenario: string): Markup {
  if (!scenarios.includes(scenario)) return html`<td></td>`;
  return html`<td><a class="${outcome}" href="#${name}" title="${name}: ${outcome}">${MARKS[outcome] ?? '●'}</a></td>`;
}

/** Readable without colours. */
const MARKS: Readonly<Record<string, string>> = { fail: '●', noted: '○', waived: '◌' };
