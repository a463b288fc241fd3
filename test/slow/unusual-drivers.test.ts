import { describe, expect, test } from 'vitest';
import { conform } from '../../src/conformance/index.ts';
import { enumerate, isVirtio, virtioScsi } from '../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';
import { FLAVOURS } from '../flavours.ts';
import { UNUSUAL_DISKS, UNUSUAL_NICS, type Unusual } from '../unusual/drivers.ts';
import { judged } from '../unusual/judged.ts';
import { SMALL_NICS } from '../unusual/small-nics.ts';

type Device = 'net' | 'scsi';

function outcome(
  unusual: Unusual,
  device: Device,
  interrupts: 'polled' | 'intx' | 'msix',
  options: MachineOptions,
) {
  const machine = () => gceN1({ disks: [{ bytes: 1 << 20 }], ...options });
  return judged(unusual, (id) => isVirtio(id, device), machine, { interrupts });
}

const MERGED = { coalesce: { interrupts: 1000, within: 50_000 } };
/** Rings of four entries: no chain fits that has more pieces, so only whole frames go there. */
const TINY: MachineOptions = { nics: [{ ringSize: 4 }], scsi: { ringSize: 4 } };
const IN_ORDER: MachineOptions = { virtio: 'modern', ringFeatures: ['IN_ORDER', 'INDIRECT_DESC'] };
const ALL: typeof FLAVOURS = [
  ...FLAVOURS,
  ['modern, in order, all tables indirect', 'msix', IN_ORDER],
  [
    'with RAM above 4 GiB',
    'msix',
    { memory: { below4G: 16 << 20, above4G: 64 << 20, driversAbove4G: true } },
  ],
];

describe.each(ALL)('a good driver of devices %s', (_, interrupts, options) => {
  test.each(UNUSUAL_NICS.map((unusual) => [unusual.name, unusual] as const))('%s', (_name, unusual) => {
    expect(outcome(unusual, 'net', interrupts, options)).toEqual({ stopped: null, failing: [] });
  });

  test.each(UNUSUAL_DISKS.map((unusual) => [unusual.name, unusual] as const))(
    'of the disk: %s',
    (_name, unusual) => {
      expect(outcome(unusual, 'scsi', interrupts, options)).toEqual({ stopped: null, failing: [] });
    },
  );
});

/** Each of these drivers has its own way to learn what came. */
const SMALL: typeof FLAVOURS = [
  ['by the legacy header', 'polled', {}],
  ['behind modern structures', 'polled', { virtio: 'modern', ringFeatures: ['INDIRECT_DESC'] }],
  ['whose answers take a while', 'polled', { completion: { latency: 20_000 } }],
  ['whose interrupts are merged', 'polled', { completion: { interrupts: MERGED } }],
];

describe.each(SMALL)('a good driver as other projects have it, of cards %s', (_, interrupts, options) => {
  test.each(SMALL_NICS.map((unusual) => [unusual.name, unusual] as const))('%s', (_name, unusual) => {
    expect(outcome(unusual, 'net', interrupts, options)).toEqual({ stopped: null, failing: [] });
  });
});

const WHOLE = UNUSUAL_NICS.filter(({ name }) => !/byte|posts all|sixteen|ring is full|under way/.test(name));

test.each(WHOLE.map((unusual) => [unusual.name, unusual] as const))(
  'with rings of four: %s',
  (_, unusual) => {
    expect(outcome(unusual, 'net', 'intx', TINY)).toEqual({ stopped: null, failing: [] });
  },
);

describe('the whole suite is kept', () => {
  test('by an enumeration alone', () => {
    const { stopped, verdicts } = conform({ name: 'scan', enumerate });

    expect([stopped, verdicts.filter(({ outcome }) => outcome === 'fail')]).toEqual([[], []]);
  });

  test('by a driver that reads and writes a block at a time', () => {
    const { stopped, verdicts } = conform(
      {
        name: 'block by block',
        drivers: [virtioScsi({ interrupts: 'polled' })],
        run: (_port, [host]) => host.scan(),
        use: {
          read: (lba, blocks, [host]) => {
            const { target } = host.scan()[0]!;
            const each = Array.from({ length: blocks }, (_, i) => host.read(target, lba + i, 1));
            return Uint8Array.from(each.flatMap((block) => [...block]));
          },
          write: (lba, bytes, [host]) => {
            const { target } = host.scan()[0]!;
            for (let at = 0; at < bytes.length; at += 512)
              host.write(target, lba + at / 512, bytes.subarray(at, at + 512));
          },
        },
      },
      { scenarios: ['more to read and write than a ring has room for, while the disk holds what it has'] },
    );

    expect([stopped, verdicts.filter(({ outcome }) => outcome === 'fail')]).toEqual([[], []]);
  });
});
