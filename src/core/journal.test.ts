import { describe, expect, test } from 'vitest';
import type { Region } from './access.ts';
import { hex } from './bits.ts';
import type { Finding } from './finding.ts';
import { Rig } from './rig.ts';
import type { Strength } from './rule.ts';

/** A register at port 100h that reports a breach for every access. */
function setUp() {
  const rig = new Rig();
  const { journal, ports, clock } = rig;
  const complain = (clause: string, strength: Strength, said: string, facts: readonly string[] = []) => {
    journal.tally(clause).met++;
    journal.add({ clause, strength, subject: 'picky', said, facts, since: null });
  };
  const register: Region = {
    name: 'picky',
    size: 1,
    read: () => {
      complain('pci/BUS-MASTER', 'MUST', 'it was read');
      return 0x5a;
    },
    write: (_offset, value) => {
      complain('pci/CONFADD-ALIGN', 'NOTE', `${value} was written`, ['a fact', 'another']);
    },
    describe: ({ value, write }) => `PICKY ${write ? '←' : '→'} ${value === null ? '?' : hex(value, 2)}`,
  };
  ports.map(0x100, register, 'positive');
  return { journal, ports, clock };
}

describe('a finding', () => {
  test('names the clause, the severity, the time and the subject', () => {
    const { journal, ports, clock } = setUp();
    clock.advance(500);
    ports.write(0x100, 7, 1);
    expect(journal.findings).toMatchObject([
      {
        clause: 'pci/CONFADD-ALIGN',
        severity: 'note',
        at: 500,
        subject: 'picky',
        said: '7 was written',
        evidence: { facts: ['a fact', 'another'] },
      },
    ]);
  });

  test('ends its evidence with the access under way, without a value if it is a read', () => {
    const { journal, ports, clock } = setUp();
    ports.write(0x100, 0x12, 1);
    clock.advance(30);
    ports.read(0x100, 1);
    const { accesses } = journal.of('pci/BUS-MASTER')[0]!.evidence;
    expect(accesses).toEqual([
      { at: 0, space: 'port', write: true, address: 0x100, width: 1, value: 0x12, text: 'PICKY ← 12' },
      { at: 30, space: 'port', write: false, address: 0x100, width: 1, value: null, text: 'PICKY → ?' },
    ]);
  });

  test('shows the four newest accesses, oldest first, with what reads gave', () => {
    const { journal, ports } = setUp();
    for (const port of [1, 2, 3, 4]) ports.write(port, port, 1);
    ports.read(0x100, 1);
    ports.write(0x100, 9, 1);
    const { accesses } = journal.of('pci/CONFADD-ALIGN')[0]!.evidence;
    expect(accesses.map(({ text }) => text)).toEqual([
      'no device answers',
      'no device answers',
      'PICKY → 5a',
      'PICKY ← 09',
    ]);
  });

  test('counts breaches with the same text as one', () => {
    const { journal, ports } = setUp();
    for (const value of [7, 7, 8, 7]) ports.write(0x100, value, 1);
    const told = journal.of('pci/CONFADD-ALIGN').map(({ said, count }) => [said, count]);
    expect(told).toEqual([
      ['7 was written', 3],
      ['8 was written', 1],
    ]);
  });

  test('is in the journal when the listener is called', () => {
    const { journal, ports } = setUp();
    const told: [Finding, number][] = [];
    journal.onFinding = (finding) => told.push([finding, journal.findings.length]);
    ports.write(0x100, 1, 1);
    expect(told).toEqual([[journal.findings[0], 1]]);
  });
});

describe('of one clause', () => {
  test('sixteen findings are kept and all are counted, and other clauses have their own sixteen', () => {
    const { journal, ports } = setUp();
    for (let i = 0; i < 20; i++) ports.write(0x100, i, 1);
    ports.read(0x100, 1);
    const kept = journal.of('pci/CONFADD-ALIGN');
    expect([kept.length, kept[15]!.said, journal.count('pci/CONFADD-ALIGN')]).toEqual([
      16,
      '15 was written',
      20,
    ]);
    expect([journal.of('pci/BUS-MASTER').length, journal.findings.length]).toEqual([1, 17]);
  });

  test('the journal knows whether it was met, broken or not', () => {
    const { journal, ports } = setUp();
    journal.tally('pci/MSIX-PBA').met++;
    ports.read(0x100, 1);
    expect([
      journal.reached('pci/MSIX-PBA'),
      journal.reached('pci/BUS-MASTER'),
      journal.reached('pci/BAR-SIZE'),
    ]).toEqual([true, true, false]);
    expect([journal.count('pci/MSIX-PBA'), journal.of('pci/MSIX-PBA')]).toEqual([0, []]);
  });
});

describe('the trail of accesses', () => {
  test('goes back 1024 accesses', () => {
    const { ports, trail } = new Rig();
    for (let port = 0; port < 1030; port++) ports.write(port, 0, 1);
    const kept = trail.newest(2000).map(({ address }) => address);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([1024, 6, 1029]);
  });

  test('names a region without a description by its offset', () => {
    const { ports, mmio, trail } = new Rig();
    const plain: Region = { name: 'msix', size: 64, read: () => 0, write: () => {} };
    mmio.map(0xfebf_0000, plain);
    ports.read(0x80, 1);
    mmio.read(0xfebf_002c, 4);
    expect(trail.newest(2).map(({ text, value }) => `${text} ${value}`)).toEqual([
      'no device answers 255',
      'msix+2c 0',
    ]);
  });
});

test('an unwatched counter counts once more, and never again', () => {
  const { journal } = new Rig();
  const counted: string[] = [];
  journal.beforeReading(() => counted.push('stays'));
  const unwatch = journal.watching(() => journal.beforeReading(() => counted.push('goes')));

  unwatch();
  journal.read('pci/BUS-MASTER');

  expect(counted).toEqual(['goes', 'stays']);
});

describe('a breach by a party that is not judged', () => {
  test('is kept apart, sixteen per clause, and is not counted', () => {
    const { journal, ports } = setUp();
    journal.excuses = () => true;
    for (let i = 0; i < 20; i++) ports.write(0x100, i, 1);
    journal.excuses = () => false;
    ports.write(0x100, 1, 1);

    expect([journal.excused.length, journal.findings.length, journal.count('pci/CONFADD-ALIGN')]).toEqual([
      16, 1, 1,
    ]);
  });

  test('meets no clause once that party is done', () => {
    const { journal, ports } = setUp();
    journal.excuses = () => true;
    ports.read(0x100, 1);
    journal.startOver();
    ports.write(0x100, 7, 1);

    expect(journal.reached('pci/BUS-MASTER')).toBe(false);
  });
});

test('of devices without end 4096 are known', () => {
  const { journal } = setUp();
  const breach = { clause: 'pci/BUS-MASTER', strength: 'MUST', said: '', facts: [], since: null } as const;

  for (let i = 0; i < 5000; i++) journal.add({ ...breach, subject: `device${i}` });

  const tally = journal.tally('pci/BUS-MASTER');
  expect(['device0', 'device4999'].map((name) => journal.words(tally, 'pci/BUS-MASTER', name))).toEqual([
    false,
    true,
  ]);
});
