import { describe, expect, test } from 'vitest';
import { ModernRig } from './modern/modern-rig.ts';

const NOTIFY_ON_EMPTY = 24;
const RING_RESET = 40;
const make = (vectors = 0) => new ModernRig([RING_RESET], vectors, { shows: 'transitional' });

/** Resets, and initialises up to the features, by the legacy header. */
function negotiateByHeader(rig: ModernRig, features = 1): ModernRig {
  rig.get(4, rig.get(4, 0x34, 1) + 3, 1);
  rig.portOut(0x12, 0, 1);
  rig.portIn(0x12, 1);
  rig.portOut(0x12, 1, 1);
  rig.portOut(0x12, 3, 1);
  rig.portIn(0x00, 4);
  rig.portOut(0x04, features, 4);
  return rig;
}

/** Configures queue 0 by the legacy header: the page at 1 MiB. */
function setUpByHeader(rig: ModernRig): void {
  rig.portOut(0x0e, 0, 2);
  rig.portIn(0x0c, 2);
  rig.portOut(0x08, 0x100, 4);
}

describe('a transitional function', () => {
  test('is like a legacy one, with the structures in addition: ports in BAR0, memory in BAR4', () => {
    const rig = make();
    expect([rig.get(4, 0, 4), rig.get(4, 8, 1), rig.get(4, 0x2c, 4)]).toEqual([0x1005_1af4, 0, 0x0004_1af4]);
    expect(rig.card.bars.map(({ index, kind }) => [index, kind])).toEqual([
      [0, 'io'],
      [4, 'mem32'],
    ]);
  });

  test('offers each interface its own features', () => {
    const rig = make();
    rig.out(0, 1, 4);
    const high = rig.in(4, 4);
    rig.out(0, 0, 4);
    expect([rig.portIn(0, 4), rig.in(4, 4), high]).toEqual([0x3900_0003, 0x3000_0003, 0x101]);
  });

  test('serves a modern driver, without findings', () => {
    const rig = make().start();
    rig.send(0, Uint8Array.of(1), 1);
    expect([rig.guests[0]!.take(), rig.card.legacy, rig.clauses]).toEqual([[[0, 1]], false, []]);
  });

  test('serves a legacy driver', () => {
    const rig = negotiateByHeader(make());
    setUpByHeader(rig);
    rig.portOut(0x12, 7, 1);
    rig.portOut(0x10, 0, 2);
    expect([rig.device.kicks, rig.card.legacy, rig.clauses]).toEqual([[0], true, ['virtio/RFEAT-LEG-D1']]);
  });
});

describe('both interfaces see one', () => {
  test('status', () => {
    const rig = make().start();
    const seen = rig.portIn(0x12, 1);
    rig.portOut(0x12, 0x8f, 1);
    expect([seen, rig.in(0x14, 1)]).toEqual([0x0f, 0x8f]);
  });

  test('set of features, up to what the header shows', () => {
    expect(make().start(0, 1).portIn(0x04, 4)).toBe(3);
  });

  test('queue selected, its size and its address', () => {
    const rig = make().negotiate();
    rig.out(0x16, 1, 2);
    rig.out(0x18, 4, 2);
    rig.setUpQueue(1);
    expect([rig.portIn(0x0e, 2), rig.portIn(0x0c, 2), rig.portIn(0x08, 4)]).toEqual([1, 4, 0x104]);
  });

  test('set of vectors', () => {
    const rig = make(3);
    rig.set(4, 0x42, 0x8000, 2);
    rig.portOut(0x14, 2, 2);
    rig.out(0x16, 1, 2);
    rig.out(0x1a, 1, 2);
    expect([rig.in(0x10, 2), rig.portIn(0x16, 2)]).toEqual([2, 1]);
  });

  test('ISR: the first read clears it for both, and lowers INTx', () => {
    const rig = make().start();
    rig.device.change(true);
    const up = rig.high;
    const seen = [rig.portIn(0x13, 1), rig.isr()];
    expect([up, seen, rig.high]).toEqual(['d', [2, 0], '']);
  });

  test('device configuration, in this guest’s little-endian order', () => {
    const rig = make();
    rig.device.change(false);
    rig.writeConfig(1, 0xbbaa, 2);
    expect([rig.portIn(0x14, 4), rig.readConfig(0, 4), rig.in(0x15, 1)]).toEqual([
      0x04bb_aa01, 0x04bb_aa01, 1,
    ]);
  });
});

describe('a reset', () => {
  test('by the header resets the state set by the structures', () => {
    const rig = make().start();
    rig.portOut(0x12, 0, 1);
    expect([rig.in(0x14, 1), rig.in(0x1c, 2), rig.in(0x20, 4), rig.card.legacy]).toEqual([0, 0, 0, true]);
  });

  test('by the structures resets the state set by the header', () => {
    const rig = negotiateByHeader(make());
    setUpByHeader(rig);
    rig.out(0x14, 0, 1);
    expect([rig.portIn(0x12, 1), rig.portIn(0x08, 4), rig.portIn(0x04, 4)]).toEqual([0, 0, 0]);
  });

  test('lets the next driver use the other interface', () => {
    const rig = negotiateByHeader(make());
    rig.start();
    negotiateByHeader(rig);
    expect([rig.clauses, rig.card.legacy]).toEqual([[], true]);
  });

  test('by the header must be seen before the structures are used, too', () => {
    const rig = make();
    rig.portOut(0x12, 0, 1);
    rig.out(0x14, 1, 1);
    expect(rig.clauses).toContain('virtio/PCI-COMMON-D5');
  });
});

describe('a driver that mixes the interfaces', () => {
  test('is reported once, though it goes on', () => {
    const rig = make().start();
    rig.portIn(0x13, 1);
    rig.portIn(0x0c, 2);
    expect(rig.findings).toEqual([
      'virtio/PCI-LEG-D1 mirror0 (00:04.0): the legacy interface was used after features were written by the modern one',
    ]);
  });

  test.each<[string, (rig: ModernRig) => void]>([
    ['reads the ISR', (rig) => rig.isr()],
    ['reads the configuration', (rig) => rig.readConfig(0, 1)],
    ['reads a register', (rig) => rig.in(0x12, 2)],
    ['selects a queue', (rig) => rig.out(0x16, 0, 2)],
    ['writes the status', (rig) => rig.out(0x14, 3, 1)],
    ['kicks', (rig) => rig.kick(0)],
  ])('is one that negotiates by the header and %s by the structures', (_what, wrong) => {
    const rig = negotiateByHeader(make());
    const before = rig.clauses;
    wrong(rig);
    expect([before, rig.clauses]).toEqual([[], expect.arrayContaining(['virtio/PCI-LEG-D1'])]);
  });

  test('may kick by the other interface: it is the same queue', () => {
    const rig = make().start();
    rig.portOut(0x10, 1, 2);
    expect([rig.device.kicks, rig.clauses]).toEqual([[1], ['virtio/PCI-LEG-D1']]);
  });

  test('may read the status by either, which shows nothing else', () => {
    const rig = make().start();
    rig.portIn(0x12, 1);
    expect(rig.clauses).toEqual([]);
  });

  test('that writes features by the header has only 32, and is a legacy driver from then on', () => {
    const rig = make().negotiate(RING_RESET);
    rig.portOut(0x04, 2 ** NOTIFY_ON_EMPTY, 4);
    expect([[...rig.device.accepted.words], rig.card.legacy]).toEqual([[0x0100_0000, 0, 0, 0], true]);
  });

  test('cannot reopen a negotiation that the structures ended', () => {
    const rig = make().start(0);
    rig.portOut(0x04, 2, 4);
    expect([[...rig.device.accepted.words], rig.card.legacy]).toEqual([[1, 1, 0, 0], false]);
  });
});

describe('a driver that uses the header', () => {
  const blindly = (rig: ModernRig): ModernRig => {
    for (const status of [0, 1, 3]) rig.portOut(0x12, status, 1);
    rig.portOut(0x04, 0, 4);
    return rig;
  };

  test('must have searched for the structures', () => {
    expect([blindly(make()), negotiateByHeader(make())].map(({ clauses }) => clauses)).toEqual([
      expect.arrayContaining(['virtio/PCI-LEGDET-D1']),
      [],
    ]);
  });

  test('must search itself, even if a firmware that is not judged did so before', () => {
    const rig = make();
    rig.journal.quietly(() => void negotiateByHeader(rig));
    expect(blindly(rig).clauses).toContain('virtio/PCI-LEGDET-D1');
  });

  test('must search again after power-off, since it is another driver', () => {
    const rig = negotiateByHeader(make());
    rig.card.reset('power');
    rig.set(4, 0x10, 0xc040, 4);
    rig.set(4, 0x04, 0x0007, 2);
    expect(blindly(rig).clauses).toContain('virtio/PCI-LEGDET-D1');
  });
});
