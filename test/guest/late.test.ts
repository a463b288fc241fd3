import { beforeAll, describe, expect, test } from 'vitest';
import { leftOut, WAYS } from '../../docs/generate/ways.ts';
import { type MachineOptions, renderFinding } from '../../src/index.ts';
import { CLAUSE_IDS } from '../../src/rules/index.ts';
import { digest } from './digest.ts';
import { type Boot, boot, guestMachine, reports } from './guest.ts';

/** A device takes up to 0.2 ms for a chain, and is done with them in any order: its guest has time to spoil one. */
const LATE: MachineOptions = { completion: { latency: [10_000, 200_000], order: 'random' } };

describe.each<[kind: string, options: MachineOptions, clauses: readonly string[]]>([
  ['split', {}, ['virtio/CLEAN-D1', 'virtio/CLEAN-D2']],
  [
    'packed',
    { virtio: 'modern', ringFeatures: ['RING_PACKED', 'EVENT_IDX'] },
    ['virtio/PACKED-DESC-D2', 'virtio/CLEAN-D2'],
  ],
])('Linux whose devices are late, on %s rings', (_kind, options, clauses) => {
  let booted: Boot;
  let found: Map<string, string>;

  beforeAll(async () => {
    booted = await boot(guestMachine({ rng: true, ...LATE, ...options }));
    found = reports(booted.text);
  });

  test('reads back what it wrote, and loses no frame', () => {
    const { medium } = booted.machine.disks[0]!;

    const wrote = found.get('disk wrote');

    expect([found.get('disk read'), digest(medium, 64 << 20), found.get('net lost')]).toEqual([
      wrote,
      wrote,
      '0',
    ]);
  });

  test('leaves lent memory alone, as a comparison shows, though its stores are not seen', () => {
    const { journal, findings } = booted.machine;

    expect(journal.stores).toBe('compared');
    expect(clauses.map((clause) => journal.reached(clause))).toEqual([true, true]);
    expect(
      findings.filter(({ severity }) => severity !== 'note').map((finding) => renderFinding(finding)),
    ).toEqual([]);
  });

  test('meets no clause that the table of ways in leaves out', () => {
    const met = CLAUSE_IDS.filter((clause) => booted.machine.journal.reached(clause));

    expect(met.length).toBeGreaterThan(90);
    expect(leftOut(WAYS.v86, met)).toEqual([]);
  });
});
