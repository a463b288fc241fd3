import { CLAUSES, type Finding } from '../../../rules/index.ts';
import { type Conformance, type ConformVerdict, isFailure } from '../conformance.ts';
import { html, type Markup, page } from './html-markup.ts';
import { ringFigure } from './html-ring.ts';
import { RING_STYLE } from './html-ring-style.ts';
import { SCRIPT } from './html-script.ts';
import { STYLE } from './html-style.ts';
import { timeline } from './html-timeline.ts';
import { placeOf, placeOfError, placeText } from './place.ts';
import {
  circumstances,
  companionsOf,
  goneText,
  isNoted,
  outcomeText,
  type Summary,
  scenariosOf,
  skipsOf,
  stoppedIn,
  stopsOf,
  underText,
  unplayedText,
} from './summary.ts';

/** The kind under which a verdict is shown, and its name for people. */
const KINDS = {
  fail: 'fail',
  noted: 'noted',
  waived: 'waived',
  pass: 'pass',
  unreached: 'not reached',
} as const;
type Kind = keyof typeof KINDS;

/** The report as one file that needs nothing else: verdicts by section, findings with their accesses, and filters. */
export function conformanceHtml(told: Summary): string {
  const { report } = told;
  const sections = new Set(report.verdicts.map(sectionOf));
  return page(
    `${report.model}: conformance`,
    STYLE + RING_STYLE,
    html`<header>
<h1>${report.model} <span class="${report.conforms ? 'pass' : 'fail'}">${report.conforms ? 'conforms' : 'does not conform'}</span></h1>
<p>${subtitle(report)}</p>
</header>
${stopsPart(told)}
${unplayedPart(told)}
${gonePart(told)}
<nav>
${filters(report)}
<input type="search" placeholder="clause or word" aria-label="clause or word">
</nav>
<main>
${[...sections].map((name) => section(name, told))}
<p id="nothing" hidden>No rule is of that kind, or has that word.</p>
</main>
${skipsPart(report)}`,
    SCRIPT,
  );
}

function subtitle(report: Conformance): string {
  const { profile, seeds } = report;
  const scenarios = scenariosOf(report).length;
  const played = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;
  return `${profile}, scenarios: ${scenarios}, ${played}: ${outcomeText(report)}`;
}

function stopsPart({ report, root }: Summary): Markup[] {
  return stopsOf(report).map((stop) => {
    const place = placeOfError(stop.runs[0]!.stopped, root);
    return html`<section class="stop"><h2>Stopped</h2><p><code>${stop.said}</code></p><p>${stoppedIn(stop)}${placeLine(place === null ? null : placeText(place))}</p></section>`;
  });
}

/** At the end, and closed: a missing use is not an error. */
function skipsPart(report: Conformance): Markup[] {
  const skips = skipsOf(report);
  if (skips.length === 0) return [];
  const count = skips.reduce((sum, { scenarios }) => sum + scenarios.length, 0);
  const parts = skips.map(
    ({ reason, scenarios }) =>
      html`<p>${reason}</p><ul>${scenarios.map((name) => html`<li>${name}</li>`)}</ul>`,
  );
  return [
    html`<details class="skips"><summary>Scenarios that were not played: <b>${count}</b></summary>
${parts}
</details>`,
  ];
}

function unplayedPart({ report }: Summary): Markup[] {
  const text = unplayedText(report);
  return text === null ? [] : [html`<p class="gone">${text}</p>`];
}

function gonePart({ gone }: Summary): Markup[] {
  return gone.map((known) => html`<p class="gone">${goneText(known)}</p>`);
}

/** One is pressed: failures, if there are any. */
function filters({ verdicts }: Conformance): Markup[] {
  const kinds = verdicts.map(kindOf);
  const first = kinds.includes('fail') ? 'fail' : 'all';
  const button = (kind: string, name: string, count: number) =>
    html`<button type="button" data-show="${kind}" aria-pressed="${kind === first}">${name} <b>${count}</b></button>`;
  const counts = (Object.keys(KINDS) as Kind[]).map(
    (kind) => [kind, kinds.filter((one) => one === kind).length] as const,
  );
  return [
    button('all', 'all', kinds.length),
    ...counts
      .filter(([kind, count]) => kind === 'fail' || count > 0)
      .map(([kind, count]) => button(kind, KINDS[kind], count)),
  ];
}

function section(name: string, told: Summary): Markup {
  const its = told.report.verdicts.filter((verdict) => sectionOf(verdict) === name);
  return html`<section>
<h2>${name}</h2>
${its.map((verdict) => item(verdict, told))}
</section>
`;
}

/** `virtio/NET` of virtio/NET-TX-D8; for other families with fewer clauses, the family. */
function sectionOf({ clause }: ConformVerdict): string {
  const [family = '', name = ''] = clause.split('/');
  return family === 'virtio' ? `${family}/${name.split('-')[0]}` : family;
}

function kindOf(verdict: ConformVerdict): Kind {
  return isNoted(verdict) ? 'noted' : verdict.outcome;
}

function item(verdict: ConformVerdict, { report, root }: Summary): Markup {
  const { clause, met, note, findings, under } = verdict;
  const { strength, text, advice, where } = CLAUSES[clause];
  const kind = kindOf(verdict);
  const open = isFailure(verdict) && under === null ? ' open' : '';
  return html`<details data-kind="${kind}"${open}>
<summary><span class="mark ${kind}">${KINDS[kind]}</span> <code>${clause}</code> <span class="text">${text}</span></summary>
<p>${advice}</p>
${note === null ? [] : [html`<p class="note">${note}</p>`]}
${under === null ? [] : [html`<p class="note">${underText(under)}</p>`]}
<p class="where">${strength}, ${where}. Met ${met} times${findings.length === 0 ? '' : `; ${circumstances(verdict, report)}`}.</p>
${companionsOf(verdict, report).map((line) => html`<p class="note">${line}</p>`)}
${findings.map((finding) => findingPart(finding, root))}
</details>
`;
}

function findingPart(finding: Finding, root: string): Markup {
  const { subject, said, count, stack, evidence } = finding;
  const place = placeOf(stack, root);
  const times = count > 1 ? ` (${count} times)` : '';
  return html`<article>
<p><b>${subject}</b> ${said}${times}${placeLine(place === null ? null : placeText(place))}</p>
${timeline(finding)}
${evidence.ring === undefined ? [] : [ringFigure(evidence.ring)]}
</article>`;
}

function placeLine(place: string | null): Markup[] {
  return place === null ? [] : [html`<br><code class="place">${place}</code>`];
}
