import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Width } from '../../src/core/bits.ts';
import { virtioBalloon, virtioNet, virtioScsi } from '../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions, qemuPc } from '../../src/index.ts';
import type { SplitQueue } from '../../src/virtio/queue/split-queue.ts';
import { VirtioFunction } from '../../src/virtio/transport/function.ts';

/** Accesses of one machine, whose set-up costs more than they do; GUESTRIG_FUZZ multiplies the number of machines. */
const STEPS = 1000;
const MACHINES = 100 * Number(process.env['GUESTRIG_FUZZ'] ?? 1);
const RAM = 8 << 20;
/** The lent buffer is longer than RAM: a stray byte shows behind it. */
const GUARD = 64 << 10;

/** Ports that answer: chipset, serial ports, power management, virtio headers. */
const PORTS = [
  0x20, 0x21, 0x92, 0xa0, 0xa1, 0xb2, 0x2e8, 0x2f8, 0x3e8, 0x3f8, 0x4d0, 0xcf8, 0xcf9, 0xcfc, 0xafe0, 0xb000,
  0xc000, 0xc040, 0xc080, 0xc0a0,
];
/** MMIO that answers, RAM, and edges. */
const ADDRESSES = [
  0xfec0_0000,
  0xfee0_0000,
  0xfe00_0000,
  0xfe7f_fff0,
  0xfe80_0000,
  0xfe80_1000,
  0xfe80_2000,
  0xfe80_3000,
  0x1000,
  RAM - 2,
  0xa_0000,
  0xffff_fffe,
  2 ** 52,
];

const width = fc.constantFrom<Width>(1, 2, 4);
/** Values with a meaning somewhere: bits, all ones, page frames of RAM, CONFADD of each function. */
const value = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.integer({ min: 0, max: 15 }),
  fc.integer({ min: 1, max: RAM / 4096 }),
  fc.constantFrom(0, 1, 3, 7, 0xffff_ffff, 0xffff, 0x8000, 0x107),
  fc
    .tuple(fc.constantFrom(0, 0x08, 0x0b, 0x18, 0x20, 0x28, 0x30, 0x38), fc.integer({ min: 0, max: 255 }))
    .map(([bdf, register]) => (0x8000_0000 | (bdf << 8) | register) >>> 0),
);
const offset = fc.integer({ min: 0, max: 0x3f });

const step = fc.oneof(
  fc.record({ kind: fc.constant('in' as const), at: fc.constantFrom(...PORTS), offset, width, value }),
  fc.record({ kind: fc.constant('out' as const), at: fc.constantFrom(...PORTS), offset, width, value }),
  fc.record({ kind: fc.constant('read' as const), at: fc.constantFrom(...ADDRESSES), offset, width, value }),
  fc.record({ kind: fc.constant('write' as const), at: fc.constantFrom(...ADDRESSES), offset, width, value }),
  fc.record({
    kind: fc.constant('store' as const),
    at: fc.integer({ min: 0, max: RAM }),
    offset,
    width,
    value,
  }),
  fc.record({ kind: fc.constant('wait' as const), at: fc.constant(0), offset, width, value }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const ACT: { readonly [Kind in Step['kind']]: (machine: Machine, step: Step) => void } = {
  in: ({ port }, { at, offset, width }) => void port.in((at + offset) & 0xffff, width),
  out: ({ port }, { at, offset, width, value }) => port.out((at + offset) & 0xffff, value, width),
  read: ({ port }, { at, offset, width }) => void port.read(at + offset, width),
  write: ({ port }, { at, offset, width, value }) => port.write(at + offset, value, width),
  store: ({ port }, { at, width, value }) => port.memory.store(at, value, width),
  wait: ({ port }, { offset }) => void port.wait(() => false, offset * 10_000),
};

/** One for all machines, one after the other: new ones would cost more than all accesses to them. */
const buffer = new ArrayBuffer(RAM + GUARD);
const guard = Buffer.alloc(GUARD, 0x5a);

/** Memory that no machine had before, with the guard behind it. */
function fresh(): ArrayBuffer {
  new Uint8Array(buffer).fill(0, 0, RAM).set(guard, RAM);
  return buffer;
}

function untouched(): boolean {
  return guard.equals(new Uint8Array(buffer, RAM));
}

/** The number of each page of RAM, those of rings too, which a balloon gives away. */
const NUMBERS = new Uint8Array(Uint32Array.from({ length: RAM / 4096 }, (_, i) => i).buffer);
const NUMBERS_AT = RAM / 2;

/** A descriptor that is right about half the time in each of its fields. */
const descriptor = fc.record({
  address: fc.oneof(
    fc.integer({ min: 0, max: RAM - 1 }),
    fc.constantFrom(RAM - 8, RAM, 0xa_0000, 0xffff_ffff, 0),
    fc.integer({ min: 0, max: RAM / 4096 }).map((page) => NUMBERS_AT + page * 4),
  ),
  high: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(1, 0xffff_ffff) },
  ),
  length: fc.oneof(
    fc.integer({ min: 0, max: 256 }),
    fc.constantFrom(0, 16, 51, 108, 4096, 0x8000_0000, 0xffff_ffff),
  ),
  flags: fc.oneof(fc.integer({ min: 0, max: 7 }), fc.constantFrom(0, 1, 2, 3, 0xffff)),
  next: fc.oneof(fc.integer({ min: 0, max: 8 }), fc.constantFrom(0xffff, 8191)),
});
/** One kick: some descriptors from slot 0 on, heads for the available ring, and how far idx moves. */
const kick = fc.record({
  device: fc.integer({ min: 0, max: 2 }),
  queue: fc.integer({ min: 0, max: 3 }),
  descriptors: fc.array(descriptor, { minLength: 1, maxLength: 8 }),
  heads: fc.array(fc.oneof(fc.integer({ min: 0, max: 8 }), fc.constantFrom(255, 0xffff)), {
    minLength: 1,
    maxLength: 4,
  }),
  moves: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom(-1, 9000) },
  ),
});
type Kick = typeof kick extends fc.Arbitrary<infer T> ? T : never;

/** Writes the contents of `kick` into a ring and notifies its device. */
function carryOut(
  { port }: Machine,
  fns: readonly VirtioFunction[],
  next: Map<SplitQueue, number>,
  { device, queue, descriptors, heads, moves }: Kick,
): void {
  const fn = fns[device]!;
  const ring = fn.device.queues[queue % fn.device.queues.length] as SplitQueue;
  const { memory } = port;
  for (const [slot, { address, high, length, flags, next }] of descriptors.entries()) {
    const at = ring.address + slot * 16;
    memory.store(at, address, 4);
    memory.store(at + 4, high, 4);
    memory.store(at + 8, length, 4);
    memory.store(at + 12, flags, 2);
    memory.store(at + 14, next, 2);
  }
  const avail = ring.address + ring.size * 16;
  const start = next.get(ring) ?? memory.load(avail + 2, 2);
  for (const [i, head] of heads.entries()) memory.store(avail + 4 + ((start + i) % ring.size) * 2, head, 2);
  next.set(ring, (start + moves) & 0xffff);
  memory.store(avail + 2, next.get(ring)!, 2);
  port.out(fn.bars[0]!.mapped! + 0x10, ring.index, 2);
}

/** A kick takes a microsecond: completions come some kicks later. */
const completion: MachineOptions['completion'] = {
  latency: [0, 5000],
  order: 'random',
  batch: { chains: 2, within: 3000 },
  interrupts: { coalesce: { interrupts: 2, within: 3000 }, spurious: 2, lost: 5 },
  spoil: true,
};
const machines = [
  { name: 'gceN1', make: gceN1 },
  { name: 'qemuPc', make: qemuPc },
  {
    name: 'gceN1 with late completions',
    make: (options: MachineOptions) => gceN1({ ...options, completion }),
  },
];

describe.each(machines)('a guest that does everything wrong, on $name', ({ make }) => {
  test('never throws, never hangs and never touches a byte outside RAM', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' }), (steps) => {
        const machine = make({
          memory: { below4G: RAM, buffer: fresh() },
          display: true,
          balloon: true,
          rng: true,
          nics: [{ backend: 'loopback' }],
        });

        for (const one of steps) ACT[one.kind](machine, one);

        machine.close();
        expect(untouched()).toBe(true);
      }),
      { numRuns: MACHINES / 2 },
    );
  });

  test('may put any data into live rings', () => {
    fc.assert(
      fc.property(fc.array(kick, { minLength: 100, maxLength: 100, size: 'max' }), (kicks) => {
        // Small rings, so that all of them fit into little RAM.
        const machine = make({
          memory: { below4G: RAM, buffer: fresh() },
          scsi: { ringSize: 32 },
          nics: [{ ringSize: 32, backend: 'loopback' }],
          balloon: true,
        });
        machine.attach(virtioScsi({ interrupts: 'polled' }));
        machine.attach(virtioNet({ interrupts: 'polled' }));
        machine.attach(virtioBalloon({ interrupts: 'polled', stats: () => ({ MEMFREE: 0n }) }));
        const fns = machine.functions.filter((one) => one instanceof VirtioFunction);
        const next = new Map<SplitQueue, number>();
        machine.port.memory.write(NUMBERS_AT, NUMBERS);

        for (const one of kicks) {
          carryOut(machine, fns, next, one);
          machine.balloon!.askStats();
        }

        machine.close();
        expect(untouched()).toBe(true);
      }),
      { numRuns: MACHINES },
    );
  });
});
