import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BROKEN_DRIVERS, conform, type DriverModel, SUITE } from '../../src/conformance/index.ts';
import { suiteReport } from '../../src/conformance/report/suite-report.ts';
import { reportHtml } from '../../src/report/html.ts';
import { ruleLines } from '../../src/report/report.ts';
import { workFolder } from './work-folder.ts';

// Opens the report of `guestrig conform --reporter html` in a browser.

const BROWSER = 'chromium';
const hasBrowser = spawnSync(BROWSER, ['--version']).status === 0;
/** A phone's. */
const NARROW = '--window-size=375,900';

const hasty: DriverModel = {
  name: '<b>hasty',
  drivers: [],
  run(port) {
    port.out(0x3fb, 3, 1);
    for (const sign of [0x61, 0x62]) port.out(0x3f8, sign, 1);
  },
};
const report = conform(hasty, { scenarios: [SUITE[0]!.name] });
const shown = suiteReport(report, '/');
const page = reportHtml(shown);
/** Of a driver whose chains go round: its findings have pictures of rings. */
const { model: round } = BROKEN_DRIVERS.find(({ clause }) => clause === 'virtio/VQ-DESC-D1')!;
const ringPage = reportHtml(suiteReport(conform(round, { scenarios: [SUITE[0]!.name] }), '/'));
const counted = (outcome: string) => ruleLines(shown).filter((line) => line.outcome === outcome).length;

const folder = workFolder();

/** Opens the page, runs `script` in it, and returns its result. */
function asked(script: string, ...options: string[]): unknown {
  return askedOf(page, script, ...options);
}

function askedOf(page: string, script: string, ...options: string[]): unknown {
  const file = join(folder, 'page.html');
  const answer = `document.body.dataset.answer = encodeURIComponent(JSON.stringify((() => { ${script} })()));`;
  writeFileSync(file, page.replace('</body>', `<script>${answer}</script></body>`));
  const argv = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${folder}`, ...options];
  const { stdout } = spawnSync(BROWSER, [...argv, '--dump-dom', pathToFileURL(file).href], {
    encoding: 'utf8',
  });
  const [, found] = /data-answer="([^"]*)"/.exec(stdout)!;
  return JSON.parse(decodeURIComponent(found!));
}

const SHOWN = `return [...document.querySelectorAll('details[data-kind]')].filter((item) => item.checkVisibility())
  .map((item) => item.querySelector('code').textContent);`;
const press = (kind: string) => `document.querySelector('[data-show=${kind}]').click();`;
const type = (word: string) => `const word = document.querySelector('input');
  word.value = '${word}'; word.dispatchEvent(new Event('input'));`;

describe.skipIf(!hasBrowser)('a browser shows of the report', () => {
  test('failures first', () => {
    expect(asked(SHOWN)).toEqual(['uart/THR-FULL']);
  });

  test.each([
    ['all', ruleLines(shown).length],
    ['pass', counted('pass')],
    ['unreached', counted('unreached')],
  ])('%s, when its button is pressed', (kind, count) => {
    expect(asked(press(kind) + SHOWN)).toHaveLength(count);
  });

  test('entries that contain a word, and no section without one', () => {
    const sections = `return [...document.querySelectorAll('main section')]
      .filter((part) => part.checkVisibility()).map((part) => part.querySelector('h2').textContent);`;

    expect(asked(press('all') + type('#df') + SHOWN)).toEqual(['pic/VECTOR']);
    expect(asked(press('all') + type('#df') + sections)).toEqual(['pic']);
  });

  test('a note if nothing is left', () => {
    const told = `return document.getElementById('nothing').checkVisibility();`;

    expect([asked(type('zzz') + told), asked(type('') + told)]).toEqual([true, false]);
  });

  test('what a link leads to, even where its kind is not shown', () => {
    const hash = `location.hash = '#uart/THR-FULL'; dispatchEvent(new Event('hashchange'));`;
    const open = `return document.getElementById('uart/THR-FULL').checkVisibility();`;

    expect([asked(press('pass') + open), asked(press('pass') + hash + open)]).toEqual([false, true]);
  });

  test('all in the width of a phone', () => {
    const widths = `return [document.documentElement.scrollWidth, document.documentElement.clientWidth];`;

    const [needed, given] = asked(press('all') + widths, NARROW) as [number, number];

    expect(needed).toBe(given);
  });

  test('a ring in the width of a phone, and nothing of it outside the page', () => {
    const facts = `const { scrollWidth, clientWidth } = document.documentElement;
      const rights = [...document.querySelectorAll('.ring .cell')].map((cell) => cell.getBoundingClientRect().right);
      return [scrollWidth - clientWidth, rights.length > 0, Math.max(...rights) <= clientWidth];`;

    expect(askedOf(ringPage, facts, NARROW)).toEqual([0, true, true]);
  });

  test('a document without quirks, and the name of the driver unchanged', () => {
    const facts = `return [document.compatMode, document.querySelector('h1').firstChild.textContent];`;

    expect(asked(facts)).toEqual(['CSS1Compat', '<b>hasty ']);
  });
});
