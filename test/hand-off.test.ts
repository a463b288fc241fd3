import { describe, expect, test } from 'vitest';
import type { GuestPort } from '../src/core/guest-port.ts';
import { virtioScsi } from '../src/guest/drivers/virtio-scsi.ts';
import { senseText } from '../src/guest/scsi/sense.ts';
import { gceN1, type Machine, type MachineOptions } from '../src/index.ts';

const SECOND = 1_000_000_000;
/** BAR0 of the SCSI adapter after firmware. */
const ADAPTER = 0xc000;
const ENTRIES = 8192;
/** Of a legacy ring of 8192 entries: 16 bytes a descriptor; heads, and at the next page what was used. */
const AVAIL = ENTRIES * 16;
const USED = AVAIL + 0x5000;
const RING_BYTES = USED + 4 + ENTRIES * 8 + 2;
const EBDA = 0x9_fc00;
const never = () => false;

/** Both 8259A's masks, master first. */
const masksOf = ({ port }: Machine) => [port.in(0x21, 1), port.in(0xa1, 1)];
const statusOf = ({ port }: Machine) => port.in(ADAPTER + 0x12, 1);
/** The address of a queue's memory; 0 is none. */
const ringOf = ({ port }: Machine, queue: number) => {
  port.out(ADAPTER + 0x0e, queue, 2);
  return port.in(ADAPTER + 0x08, 4) * 4096;
};
/** The pending unit attention of disk 0. */
const toldBy = (machine: Machine, target = 1) =>
  machine.attach(virtioScsi()).testUnitReady(target).map(senseText);

/** LCR and MCR of COM1, its IER, and its IIR with the FIFOs' bits. */
const comOf = ({ port }: Machine) => [0x3fb, 0x3fc, 0x3f9, 0x3fa].map((at) => port.in(at, 1));

const AGAIN = [
  ['after power-on', (machine: Machine) => machine],
  ['after a hard reset', (machine: Machine) => resetOf(machine, 'hard')],
  ['after the power was off', (machine: Machine) => resetOf(machine, 'power')],
] as const;

function resetOf(machine: Machine, kind: 'hard' | 'power'): Machine {
  const { port } = machine;
  port.out(0x3fb, 0x1b, 1);
  port.out(0x21, 0xff, 1);
  port.out(0x92, 0x00, 1);
  machine.reset(kind);
  return machine;
}

describe.each(AGAIN)('a BIOS leaves %s', (_when, again) => {
  test('COM1 with eight bits, no interrupts, and the rest as it was', () => {
    expect(comOf(again(gceN1()))).toEqual([0x03, 0x00, 0x00, 0x01]);
  });

  test('the lines of timer, keyboard, cascade, floppy, clock, mouse, coprocessor and IDE open', () => {
    expect(masksOf(again(gceN1()))).toEqual([0xb8, 0x8e]);
  });

  test('A20 on in port 92', () => {
    expect(again(gceN1()).port.in(0x92, 1)).toBe(0x02);
  });

  test('the SCSI adapter running, its request queue alone set up', () => {
    const machine = again(gceN1());

    const rings = [0, 1, 2].map((queue) => ringOf(machine, queue));

    expect([statusOf(machine), rings]).toEqual([0x07, [0, 0, 0x6_9000]]);
  });

  test('no unit attention on a disk that was there, and one on a disk that comes later', () => {
    const machine = again(gceN1({ disks: [{ bytes: 1 << 20 }, { bytes: 1 << 20 }] }));
    const late = machine.addDisk({ bytes: 1 << 20 });
    const host = machine.attach(virtioScsi());

    const told = [...machine.disks.slice(0, 2), late].map(({ target }) => host.testUnitReady(target).length);

    expect(told).toEqual([0, 0, 1]);
  });
});

describe('the ring that the BIOS left', () => {
  test('is in low memory, below the EBDA, and has done some requests without interrupts', () => {
    const machine = gceN1();
    const { memory } = machine.port;

    const ring = ringOf(machine, 2);

    expect(ring + RING_BYTES).toBeLessThanOrEqual(EBDA);
    // avail.flags and idx, used.idx: INQUIRY, TEST UNIT READY, REQUEST SENSE, TEST UNIT READY, READ CAPACITY.
    const indexes = [AVAIL, AVAIL + 2, USED + 2].map((at) => memory.load(ring + at, 2));
    expect(indexes).toEqual([1, 5, 5]);
  });

  test.each([
    [256, 0xe_d000],
    [4096, 0xd_4000],
    [16_384, 0x3_5000],
  ])('of %i entries begins at %i', (ringSize, at) => {
    expect(ringOf(gceN1({ scsi: { ringSize } }), 2)).toBe(at);
  });

  test.each([2, 32_768])(
    'is none of %i entries, and the adapter is reset; its disk has told all the same',
    (ringSize) => {
      const machine = gceN1({ scsi: { ringSize } });

      expect([statusOf(machine), ringOf(machine, 2)]).toEqual([0, 0]);
      expect(machine.journal.reached('virtio/INIT-D1')).toBe(false);
    },
  );

  test("does not disturb a big-endian guest: it runs in the guest's byte order", () => {
    const machine = gceN1({ guestEndian: 'big' });

    const ring = ringOf(machine, 2);

    expect([statusOf(machine), machine.port.memory.load(ring + USED + 2, 2)]).toEqual([0x07, 5]);
    expect(toldBy(machine)).toEqual([]);
  });

  test('works with slow disks', () => {
    const machine = gceN1({ scsi: { latency: 1_000_000 } });

    expect([statusOf(machine), machine.port.memory.load(ringOf(machine, 2) + USED + 2, 2)]).toEqual([
      0x07, 5,
    ]);
    expect(toldBy(machine)).toEqual([]);
  });
});

test('a guest that resets the machine in an access finds the adapter running again, however slow its disk', () => {
  const machine = gceN1({ scsi: { latency: 1_000_000 } });
  machine.attach(virtioScsi()).testUnitReady(1);

  machine.port.out(0xcf9, 0x06, 1);

  expect([statusOf(machine), ringOf(machine, 2)]).toEqual([0x07, 0x6_9000]);
  expect(toldBy(machine)).toEqual([]);
});

describe('further options of firmware', () => {
  test.each<[what: string, options: MachineOptions, status: number, told: readonly string[]]>([
    ['a BIOS that used no disk', { firmware: { used: false } }, 0, ['UNIT ATTENTION 6/29/00']],
    ['a BIOS, named', { firmware: { kind: 'bios' } }, 0x07, []],
    ['a UEFI, which resets the adapter', { firmware: 'uefi' }, 0, []],
    ['a UEFI, as an object', { firmware: { kind: 'uefi' } }, 0, []],
    ['a UEFI that used no disk', { firmware: { kind: 'uefi', used: false } }, 0, ['UNIT ATTENTION 6/29/00']],
    ['a BIOS before a transitional adapter', { virtio: 'transitional' }, 0x07, []],
  ])('%s', (_what, options, status, told) => {
    const machine = gceN1(options);

    expect(statusOf(machine)).toBe(status);
    expect(toldBy(machine)).toEqual(told);
  });

  test('a modern adapter is reset, and its disks have reported the power-on', () => {
    expect(toldBy(gceN1({ virtio: 'modern' }))).toEqual([]);
  });

  test('a UEFI masks the 8259 pair, has COM1 as its console at 115,200 baud, and leaves A20 alone', () => {
    const machine = gceN1({ firmware: 'uefi' });
    const { port } = machine;

    expect([masksOf(machine), comOf(machine), port.in(0x92, 1)]).toEqual([
      [0xff, 0xff],
      [0x03, 0x00, 0x00, 0xc1],
      0x00,
    ]);
    port.out(0x3fb, 0x83, 1);
    expect([port.in(0x3f8, 1), port.in(0x3f9, 1)]).toEqual([1, 0]);
  });

  test.each([[{ kind: 'efi' }], [{ used: 'no' }], [{ usd: true }], ['efi'], [null]])(
    'refuses %j',
    (firmware) => {
      expect(() => gceN1({ firmware: firmware as unknown as boolean })).toThrow(
        'must be true, false, "uefi" or an object (example {"used": false})',
      );
    },
  );
});

test("a guest's output without a line format is complete", () => {
  const { port, serial } = gceN1();

  for (const byte of new TextEncoder().encode('Hello, ÄÖÜ~')) {
    port.wait(() => (port.in(0x3fd, 1) & 0x20) !== 0, SECOND);
    port.out(0x3f8, byte, 1);
  }
  port.wait(never, SECOND);

  expect(serial[0]!.text).toBe('Hello, ÄÖÜ~');
});

test('no access of the firmware is in the evidence, and no clause is met by it', () => {
  const machine = gceN1({ disks: [{ bytes: 1 << 20 }, { bytes: 1 << 20 }] });

  machine.port.out(ADAPTER + 0x12, 0x01, 1);

  expect(machine.findings.map(({ evidence }) => evidence.accesses.map(({ text }) => text))).toEqual([
    ['scsi0 Device Status ← 01  ACKNOWLEDGE'],
  ]);
});

/** A driver that sets the request queue up at 2 MiB, and sends TEST UNIT READY to target 1, but does not reset. */
function askWithoutReset(port: GuestPort): boolean {
  const ring = 0x20_0000;
  const buffers = 0x30_0000;
  const { memory } = port;
  memory.write(buffers, Uint8Array.of(1, 1, 0x40, 0));
  for (const [i, [at, bytes, flags]] of [
    [buffers, 51, 1],
    [buffers + 0x100, 108, 2],
  ].entries()) {
    memory.store(ring + 16 * i, at!, 4);
    memory.store(ring + 16 * i + 8, bytes!, 4);
    memory.store(ring + 16 * i + 12, flags!, 2);
    memory.store(ring + 16 * i + 14, i + 1, 2);
  }
  memory.store(ring + AVAIL + 2, 1, 2);
  for (const status of [1, 3]) port.out(ADAPTER + 0x12, status, 1);
  port.in(ADAPTER, 4);
  port.out(ADAPTER + 4, 0, 4);
  port.out(ADAPTER + 0x0e, 2, 2);
  port.in(ADAPTER + 0x0c, 2);
  port.out(ADAPTER + 0x08, ring / 4096, 4);
  port.out(ADAPTER + 0x12, 7, 1);
  port.out(ADAPTER + 0x10, 2, 2);
  return port.wait(() => memory.load(ring + USED + 2, 2) === 1, SECOND);
}

describe('a driver that does not reset the adapter', () => {
  test('and goes on with the ring of the firmware is served, and gets a finding for its kick', () => {
    const machine = gceN1();
    const { port } = machine;
    const ring = ringOf(machine, 2);
    port.memory.store(ring + AVAIL + 2, 6, 2);

    port.out(ADAPTER + 0x10, 2, 2);

    expect(port.memory.load(ring + USED + 2, 2)).toBe(6);
    expect(machine.findings.map(({ clause }) => clause)).toContain('virtio/INIT-D13');
  });

  test('finds the adapter running, gets a finding, and still has its queue', () => {
    const machine = gceN1({ disks: [{ bytes: 1 << 20 }] });

    const answered = askWithoutReset(machine.port);

    expect(answered).toBe(true);
    expect(machine.findings.filter(({ severity }) => severity === 'must').map(({ said }) => said)).toEqual([
      'the first status written was 01, without a reset',
    ]);
  });

  test('has its queue refused by a strict one until it resets', () => {
    const { port } = gceN1({ disks: [{ bytes: 1 << 20 }], strictness: 'strict' });

    expect(askWithoutReset(port)).toBe(false);
  });
});
