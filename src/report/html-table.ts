import { html, type Markup } from './html-markup.ts';
import { type Report, type RuleLine, ruleLines } from './report.ts';

/** A longer table is closed: the findings stand below it. */
const SHORT = 12;

/** Scenarios in which something went wrong, and the clauses that were broken there: each mark leads to the finding. */
export function scenarioTable(report: Report): Markup[] {
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
