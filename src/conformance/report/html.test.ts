import { describe, expect, test } from 'vitest';
import { reportHtml } from '../../report/html.ts';
import { CLAUSE_IDS } from '../../rules/index.ts';
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
const page = pageOf({
  ...conform(hasty, { scenarios: SCENARIOS }),
  gone: [{ clause: 'uart/DIVISOR', reason: 'mended' }],
});

describe('the page', () => {
  test('needs no other file', () => {
    expect(page).not.toMatch(/\b(src|href|@import|url\()=?/);
    expect(page.match(/https?:/g)).toBeNull();
  });

  test('has each clause once, with its outcome', () => {
    const clauses = [...page.matchAll(/<details data-kind="\w+"[^>]*>\s*<summary>.*?<code>([^<]+)</g)];

    expect(clauses.map(([, clause]) => clause).sort()).toEqual([...CLAUSE_IDS].sort());
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

test('scenarios that were not played follow the verdicts, each reason once', () => {
  const report = conform(hasty, { scenarios: SCENARIOS });
  const skipped = ['first', 'second'].map((scenario) => ({ scenario, reason: 'needs use.send' }));

  const [, after] = pageOf({ ...report, skipped }).split('</main>');

  expect(after).toContain('<summary>Scenarios that were skipped: <b>2</b></summary>');
  expect(after!.match(/needs use\.send/g)).toHaveLength(1);
  expect(page).not.toContain('skipped');
});
