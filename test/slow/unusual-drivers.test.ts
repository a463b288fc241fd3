import { describe, expect, test } from 'vitest';
import { fails, judge } from '../../src/conformance/index.ts';
import { isVirtio } from '../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';
import { FLAVOURS } from '../flavours.ts';
import { UNUSUAL_DISKS, UNUSUAL_NICS, type Unusual } from '../unusual/drivers.ts';

type Device = 'net' | 'scsi';

/** What fails of it, and what it threw. */
function judged(
  { name, run }: Unusual,
  device: Device,
  interrupts: 'polled' | 'intx' | 'msix',
  options: MachineOptions,
) {
  const driver = {
    name,
    matches: (id: Parameters<typeof isVirtio>[0]) => isVirtio(id, device),
    attach: (_port: unknown, bdf: number) => bdf,
  };
  const { stopped, verdicts } = judge(
    {
      name,
      drivers: [driver],
      run: (port, [bdf], machine) => run({ port, bdf, use: { interrupts } }, machine),
    },
    { machine: () => gceN1({ disks: [{ bytes: 1 << 20 }], ...options }) },
  );
  return {
    stopped,
    failing: verdicts.filter(fails).map(({ clause, findings }) => `${clause}: ${findings[0]!.said}`),
  };
}

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
    expect(judged(unusual, 'net', interrupts, options)).toEqual({ stopped: null, failing: [] });
  });

  test.each(UNUSUAL_DISKS.map((unusual) => [unusual.name, unusual] as const))(
    'of the disk: %s',
    (_name, unusual) => {
      expect(judged(unusual, 'scsi', interrupts, options)).toEqual({ stopped: null, failing: [] });
    },
  );
});

const WHOLE = UNUSUAL_NICS.filter(({ name }) => !/byte|posts all|sixteen|ring is full|under way/.test(name));

test.each(WHOLE.map((unusual) => [unusual.name, unusual] as const))(
  'with rings of four: %s',
  (_, unusual) => {
    expect(judged(unusual, 'net', 'intx', TINY)).toEqual({ stopped: null, failing: [] });
  },
);
