import { describe, expect, test } from 'vitest';
import { attachedBehind, behind } from '../src/conformance/broken/behind.ts';
import { FRAME } from '../src/conformance/reference.ts';
import type { Driver } from '../src/core/driver.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import { gvnic, nvme, virtioNet } from '../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../src/index.ts';

type Change = (port: GuestPort) => Partial<GuestPort>;

/** Allocations of so many bytes, or more, are of half as many. */
const halving =
  (least: number, most: number): Change =>
  (port) => ({
    allocate: (bytes, align) =>
      port.allocate(bytes >= least && bytes <= most ? Math.ceil(bytes / 2) : bytes, align),
  });
/** One allocation has all memory of the driver. */
const cutting: Change = (port) => {
  let next = port.allocate(8 << 20, 4096);
  return {
    allocate: take(
      (at) => (next = at),
      () => next,
    ),
    release: () => {},
  };
};
/** RAM that the driver takes for its own, far from what is allocated; its rings too. */
const owning: Change = () => {
  let next = 0x400_0000;
  return {
    allocate: take(
      (at) => (next = at),
      () => next,
    ),
    release: () => {},
  };
};

function take(set: (at: number) => void, next: () => number): GuestPort['allocate'] {
  return (bytes, align) => {
    const at = Math.ceil(next() / align) * align;
    set(at + bytes);
    return at;
  };
}

/** What is said of memory that a good driver gives, behind a port that changes where it has that from. */
function saidOf<Handle>(
  options: MachineOptions,
  good: Driver<Handle>,
  change: Change,
  use: (handle: Handle) => void,
): readonly string[] {
  const machine = gceN1({ ...options, nvme: [{ namespaces: [{ bytes: 1 << 20 }] }] });
  use(machine.attach(attachedBehind(good, (port) => behind(port, change(port)))));
  machine.nics[0]!.receive(FRAME);
  return machine.journal.findings.map(
    ({ clause, subject, said }) => `${clause}: ${subject}: ${said.replace(/at [\da-f]{8,}/, 'at …')}`,
  );
}

const CARD: MachineOptions = { nics: [{ type: 'gvnic', gvnic: { formats: ['GQI_RDA'] } }] };
const net = virtioNet({ interrupts: 'polled' });
const card = gvnic({ interrupts: 'polled' });
const disk = nvme({ interrupts: 'polled' });

describe('a driver that allocates half of', () => {
  test('each buffer for frames is told of the first that the device takes', () => {
    expect(saidOf({}, net, halving(4096, 4096), () => {})).toEqual([
      'ram/PAST-END: net0, receive queue 1 (queue 0): 4084 bytes at … are the device’s, and the allocation there ends 2048 bytes before their end',
    ]);
  });

  test('a ring is told', () => {
    expect(saidOf({}, net, halving(1 << 16, 1 << 20), () => {})).toContainEqual(
      expect.stringMatching(/^ram\/PAST-END: net0, receive queue 1 \(queue 0\): \d+ bytes/),
    );
  });

  test('the memory of a command of NVMe is told', () => {
    expect(saidOf({}, disk, halving(4096, 4096), (one) => void one.read(1, 0, 2))[0]).toMatch(
      /^ram\/PAST-END: nvme0 \(00:05\.0\): 4096 bytes/,
    );
  });
});

describe.each([
  ['cuts what it needs from one block', cutting],
  ['has RAM of its own', owning],
])('of a driver that %s nothing is said:', (_what, change) => {
  test('of virtio', () => {
    expect(saidOf({}, net, change, (nic) => nic.post(FRAME))).toEqual([]);
  });

  test('of a gVNIC', () => {
    expect(saidOf(CARD, card, change, (nic) => nic.post(FRAME))).toEqual([]);
  });

  test('of NVMe', () => {
    expect(saidOf({}, disk, change, (one) => void one.read(1, 0, 2))).toEqual([]);
  });
});
