import { describe, expect, test } from 'vitest';
import type { AccessRecord } from '../../core/access.ts';
import { reportHtml } from '../../report/html.ts';
import { isAbout } from '../model/kinds.ts';
import type { DriverModel } from '../model/model.ts';
import { SUITE } from '../scenarios/index.ts';
import { conform } from '../suite/conform.ts';
import type { Conformance } from '../suite/conformance.ts';
import { suiteReport } from './suite-report.ts';

const SCENARIOS = [SUITE[0]!.name];
const hasty: DriverModel = {
  name: '<i>hasty</i>',
  drivers: [],
  run(port) {
    port.out(0x3fb, 3, 1);
    for (const sign of [0x26, 0x3c]) port.out(0x3f8, sign, 1); // & and <
    throw new Error('no </script> & no more');
  },
};
const pageOf = (report: Conformance) => reportHtml(suiteReport(report, '/'));
const report = conform(hasty, { scenarios: SCENARIOS });
/** It has no PCI functions. */
const CONCERNED = report.verdicts.flatMap(({ clause, outcome }) =>
  outcome !== 'unreached' || isAbout(clause, []) ? [clause] : [],
);
const page = pageOf({
  ...report,
  gone: [{ clause: 'uart/DIVISOR', reason: 'mended' }],
});

describe('the page', () => {
  test('needs no other file', () => {
    const links = / href="(#|file:[^"]*\/docs\/reference\/clauses\/[\w-]+\.md#[\w-]+")/g;

    expect(page.replaceAll(links, '')).not.toMatch(/\b(src|href|@import|url\()=?/);
    expect(page.match(/https?:/g)).toBeNull();
  });

  test('has each clause that concerns the driver once, with its outcome', () => {
    const clauses = [...page.matchAll(/<details data-kind="\w+"[^>]*>\s*<summary>.*?<code>([^<]+)</g)];

    expect(clauses.map(([, clause]) => clause).sort()).toEqual(CONCERNED.sort());
    expect(page).toMatch(/<details data-kind="fail" open>\s*<summary>.*<code>uart\/THR-FULL</);
  });

  test('opens with the failures, or else with all', () => {
    const conforms = pageOf(
      conform({ ...hasty, run: (port) => void port.in(0x3fd, 1) }, { scenarios: SCENARIOS }),
    );
    const pressed = (of: string) => /data-show="(\w+)" aria-pressed="true"/.exec(of)![1];

    expect([pressed(page), pressed(conforms)]).toEqual(['fail', 'all']);
  });

  test('has the accesses that led to a finding, the one that broke the clause last', () => {
    const [, steps] = /<ol class="timeline">(.*?)<\/ol>/s.exec(page)!;
    const items = [...steps!.matchAll(/<li class="([^"]+)">/g)].map(([, kind]) => kind);

    expect(items.at(-1)).toBe('write broke');
    expect(items.filter((kind) => kind!.includes('broke'))).toHaveLength(1);
    expect(steps).toContain('<code>out 03f8 ← 3c</code> <span class="words">ttyS0 THR ← 3c  &#39;&lt;&#39;');
  });

  test('shows the error that stopped the driver and known entries that are gone', () => {
    expect(page).toContain('<code>Error: no &lt;/script&gt; &amp; no more</code>');
    expect(page).toContain('<p class="gone">uart/DIVISOR is known, and is no more');
  });

  test("shows a driver's name without interpreting it", () => {
    expect(page).toContain('<h1>&lt;i&gt;hasty&lt;/i&gt; ');
    expect(page).not.toContain('<i>');
  });
});

describe('beside a finding the page shows', () => {
  const frames = ['write (/home/me/nic.ts:3:7)', 'run (/home/me/nic.ts:9:1)', 'go (/home/me/none.ts:1:1)'];
  const stacked = conform(hasty, { scenarios: SCENARIOS });
  for (const { findings } of stacked.verdicts)
    for (const finding of findings)
      Object.defineProperty(finding, 'stack', { value: frames.map((one) => `    at ${one}`).join('\n') });
  const lines = Array.from({ length: 9 }, (_, i) => `line(${i + 1}) && "<b>";`);
  const asked: string[] = [];
  const access: AccessRecord = {
    ...{ at: 12_300, space: 'port', write: true, address: 0x3f8, width: 1, value: 0x26 },
    text: 'ttyS0 THR <- "&"',
  };
  const page = reportHtml(suiteReport(stacked, '/home/me'), {
    source: (file) => {
      asked.push(file);
      return file === 'nic.ts' ? lines.join('\n') : null;
    },
    command: ({ scenario, seed }) => `guestrig conform '${scenario}' ${seed}`,
    lastAccesses: (_run, clause) => [{ ...access, text: `${access.text} ${clause}` }],
  });
  const [, finding] = page.split('<div id="uart/THR-FULL">');

  test("the driver's whole stack, innermost first", () => {
    const places = [...finding!.matchAll(/<li>(\w+)\s*<code class="place">([^<]+)</g)];

    expect(places.map(([, name, place]) => `${name} ${place}`)).toEqual([
      'write nic.ts:3:7',
      'run nic.ts:9:1',
      'go none.ts:1:1',
    ]);
  });

  test('the lines around the innermost, its own marked, and the line of each other that can be read', () => {
    const sources = [...finding!.matchAll(/<pre class="source">(.*?)<\/pre>/gs)].map(([, text]) => text);

    expect(sources).toHaveLength(2);
    expect(sources[0]!.match(/line\(\d\)/g)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `line(${n})`));
    expect(sources[0]).toContain('<mark>3  line(3) &amp;&amp; &quot;&lt;b&gt;&quot;;</mark>');
    expect(sources[1]).toBe('<span>9  line(9) &amp;&amp; &quot;&lt;b&gt;&quot;;</span>');
  });

  test('no file that a stack does not name', () => {
    expect(new Set(asked)).toEqual(new Set(['nic.ts', 'none.ts']));
  });

  test('the command that repeats the run, and its last accesses, folded up', () => {
    expect(finding).toContain(
      `<code>guestrig conform &#39;${SCENARIOS[0]!.replaceAll("'", '&#39;')}&#39; 1</code>`,
    );
    expect(finding).toMatch(
      /<details class="trace"><summary>The last 1 accesses up to then<\/summary>\n<pre><span>12\.300 µs {2}out {2}03f8 ← 26 {8}ttyS0 THR &lt;- &quot;&amp;&quot; uart\/THR-FULL<\/span>/,
    );
  });

  test('of a run that stopped, those before it stopped', () => {
    expect(page).toMatch(/<section class="stop">[\s\S]*accesses before it stopped[\s\S]*&quot; null</);
  });
});

test('a table has each scenario with a breach, and leads to the findings', () => {
  const [, table] = /<table>(.*?)<\/table>/s.exec(page)!;

  expect([...table!.matchAll(/<th scope="row">([^<]+) </g)].map(([, name]) => name)).toEqual(SCENARIOS);
  expect(table).toContain('<td><a class="fail" href="#uart/THR-FULL" title="uart/THR-FULL: fail">●</a></td>');
  expect(page).toContain('<div id="uart/THR-FULL">');
});

test('where nothing went wrong there is no table', () => {
  const quiet = conform({ ...hasty, run: (port) => void port.in(0x3fd, 1) }, { scenarios: SCENARIOS });

  expect(pageOf(quiet)).not.toContain('<table>');
});

test('scenarios that were not played follow the verdicts, each reason once', () => {
  const report = conform(hasty, { scenarios: SCENARIOS });
  const skipped = ['first', 'second'].map((scenario) => ({ scenario, reason: 'needs use.send' }));

  const [, after] = pageOf({ ...report, skipped }).split('</main>');

  expect(after).toContain('<summary>Scenarios that were skipped: <b>2</b></summary>');
  expect(after!.match(/needs use\.send/g)).toHaveLength(1);
  expect(page).not.toContain('skipped');
});
