import { describe, expect, test } from 'vitest';
import type { Breach } from '../docs/generate/judging/breach.ts';
import { LEGACY_BREACHES } from '../docs/generate/judging/legacy-breaches.ts';
import { MODERN_BREACHES } from '../docs/generate/judging/modern-breaches.ts';
import { RING_BREACHES } from '../docs/generate/judging/ring-breaches.ts';
import { CLAUSES, type ClauseId } from '../src/rules/index.ts';
import { LegacyDriver } from './by-hand/legacy.ts';
import { LEGACY_SCRIPTS, NO_SCRIPTS } from './by-hand/legacy-scripts.ts';
import { MODERN_SCRIPTS, ModernDriver } from './by-hand/modern.ts';
import { RING_SCRIPTS } from './by-hand/ring-scripts.ts';

/** All clauses of each row, and its script. */
function rowsOf<Driver, Name extends string>(
  breaches: Readonly<Record<Name, Breach>>,
  scripts: Readonly<Record<Name, (driver: Driver) => void>>,
): [Name, ReadonlySet<string>, (driver: Driver) => void][] {
  return (Object.keys(breaches) as Name[]).map((name) => {
    const { told, below = [] } = breaches[name];
    return [name, new Set([...told, ...below]), scripts[name]];
  });
}

describe('a legacy driver gets exactly these findings if it', () => {
  test.each(rowsOf(LEGACY_BREACHES, LEGACY_SCRIPTS))('%s', (_does, told, script) => {
    const driver = new LegacyDriver();

    script(driver);

    expect(driver.told).toEqual(told);
  });

  test.each(rowsOf(RING_BREACHES, RING_SCRIPTS))('%s', (_does, told, script) => {
    const driver = new LegacyDriver();

    script(driver);

    expect(driver.told).toEqual(told);
  });
});

describe('a modern driver gets exactly these findings if it', () => {
  test.each(rowsOf(RING_BREACHES, RING_SCRIPTS))('%s', (_does, told, script) => {
    const driver = new ModernDriver();

    script(driver);

    expect(driver.told).toEqual(told);
  });

  test.each(rowsOf(MODERN_BREACHES, MODERN_SCRIPTS))('%s', (_does, told, script) => {
    const driver = new ModernDriver();

    script(driver);

    expect(driver.told).toEqual(told);
  });
});

test('clauses that come with a breach are declared to follow from it', () => {
  const breaches: Breach[] = [LEGACY_BREACHES, RING_BREACHES, MODERN_BREACHES].flatMap(Object.values);
  const pairs = breaches.flatMap(({ told, below = [] }) => below.map((clause) => ({ clause, told })));

  expect(pairs).not.toEqual([]);
  expect(
    pairs.filter(
      ({ clause, told }) => !CLAUSES[clause].follows?.some((head) => told.includes(head as ClauseId)),
    ),
  ).toEqual([]);
});

describe('a driver gets no finding if it', () => {
  test.each(Object.entries(NO_SCRIPTS))('%s', (_does, script) => {
    const driver = new LegacyDriver();

    script(driver);

    expect(driver.told).toEqual(new Set());
  });

  test('follows the standard throughout', () => {
    const drivers = [new LegacyDriver().start(), new ModernDriver().start()];

    for (const driver of drivers) driver.ask().ask();

    expect(drivers.map(({ told, answered }) => [told, answered])).toEqual([
      [new Set(), 2],
      [new Set(), 2],
    ]);
  });
});
