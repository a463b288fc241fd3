import { describe, expect, test } from 'vitest';
import { pattern } from '../../src/core/bytes-rig.ts';
import { virtioNet, virtioRng, virtioScsi } from '../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions } from '../../src/index.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    initial: number;
    maximum?: number;
    shared?: boolean;
  }) => {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  };
};

const MIB = 1 << 20;
const SECOND = 1_000_000_000;
/** Little, for it is compared often; so rings are short, as a receive buffer has 64 KiB. */
const RAM = 4 * MIB;
const STAGING = 256 * 1024;
const PAGES = (RAM + STAGING) / 65_536;
type Memory = NonNullable<MachineOptions['memory']>;

const KINDS: readonly (readonly [kind: string, memory: () => Memory])[] = [
  ['a buffer of its own', () => ({ below4G: RAM })],
  ['a lent buffer', () => ({ below4G: RAM, buffer: new ArrayBuffer(RAM) })],
  [
    'part of a lent buffer',
    () => ({ below4G: RAM, buffer: new Uint8Array(new ArrayBuffer(2 * RAM), 4096, RAM) }),
  ],
  ['a shared buffer', () => ({ below4G: RAM, buffer: new SharedArrayBuffer(RAM) })],
  ['a shared buffer with staging', () => shared(new SharedArrayBuffer(RAM + STAGING))],
  ['WebAssembly memory', () => ({ below4G: RAM, buffer: new WebAssembly.Memory({ initial: RAM / 65_536 }) })],
  ['WebAssembly memory with staging', () => shared(new WebAssembly.Memory({ initial: PAGES }))],
  [
    'shared WebAssembly memory with staging',
    () => shared(new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true })),
  ],
  ['RAM below and above 4 GiB', () => ({ below4G: RAM, above4G: 2 * RAM, driversAbove4G: true })],
  ['RAM above 2 GiB', () => ({ below4G: 3072 * MIB })],
];

function shared(buffer: NonNullable<Memory['buffer']>): Memory {
  return { below4G: RAM, staging: STAGING, buffer };
}

const WAYS: readonly (readonly [way: string, options: MachineOptions])[] = [
  ['legacy', {}],
  ['modern, split', { virtio: 'modern', ringFeatures: ['INDIRECT_DESC', 'EVENT_IDX'] }],
  ['modern, packed', { virtio: 'modern', ringFeatures: ['RING_PACKED', 'INDIRECT_DESC', 'EVENT_IDX'] }],
];

const FRAMES = [pattern(1514, 3), pattern(60, 5), pattern(700, 7)];

/** Every device does something for its driver; returns the results of the guest and of the other ends. */
function useAll(machine: Machine) {
  const nic = machine.attach(virtioNet({ interrupts: 'polled' }));
  const host = machine.attach(virtioScsi({ interrupts: 'polled' }));
  const rng = machine.attach(virtioRng({ interrupts: 'polled' }));
  return () => {
    for (const frame of FRAMES) nic.send(frame);
    machine.nics[0]!.receive(...FRAMES);
    const received = FRAMES.map(() => nic.receiveWithin(SECOND));
    host.write(1, 3, pattern(64 * 1024, 7));
    host.flush(1);
    return {
      sent: machine.nics[0]!.sent.splice(0),
      received,
      read: host.read(1, 3, 128),
      random: rng.read(500),
      findings: machine.findings,
    };
  };
}

const machineOf = (memory: Memory, options: MachineOptions) =>
  gceN1({ ...options, memory, rng: true, nics: [{ ringSize: 8 }], disks: [{ bytes: MIB }] });

describe.each(WAYS)('%s', (_way, options) => {
  test.each(KINDS)('a driver sees no difference in %s', (_kind, memory) => {
    const plain = machineOf({ below4G: RAM }, options);
    const machine = machineOf(memory(), options);

    const seen = useAll(machine)();

    expect(seen).toEqual(useAll(plain)());
    expect(seen).toMatchObject({ sent: FRAMES, received: FRAMES, findings: [] });
    expect(Buffer.compare(seen.read, pattern(64 * 1024, 7))).toBe(0);
  });

  test.each([0, STAGING])('rings keep working when their memory has grown, staging %i', (staging) => {
    const wasm = new WebAssembly.Memory({ initial: PAGES });
    const machine = machineOf({ below4G: RAM, buffer: wasm, staging }, options);
    const use = useAll(machine);
    const before = use();

    wasm.grow(1);
    machine.chassis.board.memory.replace(0, new Uint8Array(wasm.buffer, 0, RAM));

    expect(use()).toEqual({ ...before, random: expect.any(Uint8Array) });
  });

  test('a host that caches code is notified of every byte that devices write', () => {
    const machine = machineOf({ below4G: RAM }, options);
    const { memory } = machine.chassis.board;
    const { bytes } = memory.ranges[0]!;
    const use = useAll(machine);
    const told = Buffer.alloc(RAM);
    const unheard: boolean[] = [];
    let heard = 0;
    memory.dirty = (from, to) => {
      told.set(bytes.subarray(from, to), from);
      heard += to - from;
    };
    const begin = () => told.set(bytes);
    const end = () => unheard.push(!told.equals(bytes));
    machine.observe({ begin, end });

    use();
    begin();
    machine.nics[0]!.receive(...FRAMES);
    end();

    expect(unheard).not.toContain(true);
    // A read of 64 KiB and two rounds of frames are in it.
    expect(heard).toBeGreaterThan(64 * 1024 + 2 * 2274);
  });
});
