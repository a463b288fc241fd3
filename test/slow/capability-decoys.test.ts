import { describe, expect, test } from 'vitest';
import type { Width } from '../../src/core/bits.ts';
import { configRead, virtioNetDriver, virtioRngDriver, virtioScsiDriver } from '../../src/guest/index.ts';
import { gceN1, type Machine } from '../../src/index.ts';

/** Enough that each trap comes up several times: a seed sets two reserved values and one of three pairs. */
const SEEDS = Array.from({ length: 32 }, (_, seed) => seed);
const SCSI = 0x18;
const VIRTIO_VENDOR = 0x1af4;
const WINDOW = 5;
const COMMON = 1;
const NOTIFY = 2;
const ISR = 3;

interface Capability {
  readonly size: number;
  readonly type: number;
  readonly bar: number;
  readonly offset: number;
  readonly length: number;
}

/** Small, for there are many: the test is about configuration space. */
const SMALL = { memory: { below4G: 8 << 20 }, disks: [], scsi: { ringSize: 8 }, nics: [{ ringSize: 8 }] };
const machine = (seed: number, virtio: 'transitional' | 'modern' = 'modern') =>
  gceN1({ ...SMALL, seed, virtio, rng: true, balloon: true, capabilityDecoys: true });

/** Every vendor capability of a function, in the order of the list. */
function capabilities({ port }: Machine, bdf = SCSI): Capability[] {
  const read = (at: number, width: Width) => configRead(port, bdf, at, width);
  const found: Capability[] = [];
  for (let at = read(0x34, 1); at !== 0; at = read(at + 1, 1)) {
    if (read(at, 1) !== 0x09) continue;
    const [size, type, bar] = [2, 3, 4].map((field) => read(at + field, 1)) as [number, number, number];
    found.push({ size, type, bar, offset: read(at + 8, 4), length: read(at + 12, 4) });
  }
  return found;
}

/** Reads a byte where a driver believes its structures to be. */
function use({ port }: Machine, chosen: readonly (Capability | undefined)[]): void {
  for (const one of chosen.filter((capability) => capability !== undefined)) {
    const bar = configRead(port, SCSI, 0x10 + 4 * (one.bar & 7), 4) & ~0xf;
    port.read((bar >>> 0) + one.offset, 1);
  }
}

const TYPES = [COMMON, NOTIFY, ISR];
const LENGTHS: Record<number, number> = { [COMMON]: 0x38, [NOTIFY]: 12, [ISR]: 1 };
const first = (list: readonly Capability[], type: number) =>
  list.find((one) => one.type === type && one.bar <= 5);

/** Where the virtio functions of a machine are. */
const virtioFunctions = ({ port }: Machine) =>
  Array.from({ length: 32 }, (_, device) => device << 3).filter(
    (bdf) => configRead(port, bdf, 0, 2) === VIRTIO_VENDOR,
  );

describe('capabilities that a driver must skip', () => {
  test.each(['transitional', 'modern'] as const)(
    'are three more, each once, before the window: %s',
    (virtio) => {
      const lists = SEEDS.flatMap((seed) => {
        const one = machine(seed, virtio);
        return virtioFunctions(one).map((bdf) => capabilities(one, bdf));
      });
      const shapes = lists.map((list) => {
        const places = new Set(list.map(({ bar, offset }) => `${bar} ${offset}`));
        const config = list.filter(({ type, bar }) => type === 4 && bar <= 5).length;
        return [list.length - config, places.size - config, list.at(-1)!.type];
      });

      expect(new Set(shapes.map(String))).toEqual(new Set([String([7, 7, WINDOW])]));
      // SCSI host, NIC, balloon, and the entropy device, which has no configuration.
      expect(lists).toHaveLength(4 * SEEDS.length);
    },
  );

  test.each(['transitional', 'modern'] as const)('are passed over by the reference drivers: %s', (virtio) => {
    const findings = SEEDS.flatMap((seed) => {
      const one = machine(seed, virtio);
      for (const driver of [virtioNetDriver, virtioScsiDriver, virtioRngDriver]) one.attach<unknown>(driver);
      return one.findings.map(({ clause }) => clause);
    });

    expect(findings).toEqual([]);
  });

  test.each<[string, string, (list: readonly Capability[]) => (Capability | undefined)[]]>([
    ['D1', 'takes the first one for the common structure', ([head]) => [head]],
    ['D2', 'takes the last of each type', (list) => TYPES.map((type) => first(list.toReversed(), type))],
    [
      'D3',
      'wants the size that it knows',
      (list) =>
        TYPES.map((type) =>
          first(
            list.filter(({ size }) => size === (type === NOTIFY ? 20 : 16)),
            type,
          ),
        ),
    ],
    [
      'D4',
      'looks at three bits of the BAR',
      (list) => TYPES.map((type) => list.find((one) => one.type === type && (one.bar & 7) <= 5)),
    ],
    [
      'D6',
      'wants the length that it knows',
      (list) =>
        TYPES.map((type) =>
          first(
            list.filter(({ length }) => length === LENGTHS[type]),
            type,
          ),
        ),
    ],
  ])('catch, by the seed, a driver that breaks PCI-CAP-%s: it %s', (rule, _what, choose) => {
    const findings = SEEDS.map((seed) => {
      const one = machine(seed);
      use(one, choose(capabilities(one)));
      return one.findings.map(({ clause }) => clause).filter((clause) => clause.includes('PCI-CAP'));
    });

    expect(new Set(findings.flat())).toContain(`virtio/PCI-CAP-${rule}`);
  });

  test('catch no driver that keeps the rules', () => {
    const findings = SEEDS.flatMap((seed) => {
      const one = machine(seed);
      const list = capabilities(one);
      use(
        one,
        TYPES.map((type) => first(list, type)),
      );
      return one.findings.map(({ clause }) => clause).filter((clause) => clause.includes('PCI-CAP'));
    });

    expect(findings).toEqual([]);
  });

  test('are reached by a booting driver, and are there only on request', () => {
    const [asked, plain] = [machine(1), gceN1({ virtio: 'modern' })];
    for (const one of [asked, plain]) one.attach(virtioNetDriver);

    expect([asked, plain].map(({ journal }) => journal.reached('virtio/PCI-CAP-D1'))).toEqual([true, false]);
  });
});
