import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuestMemory } from '../../core/memory.ts';
import { PciRig } from '../../pci/rig.ts';
import { RIG_SETTINGS } from '../card-rig.ts';
import { GvnicFunction } from '../function.ts';
import * as reg from '../registers/mailbox.ts';
import type { GvnicSettings } from '../settings.ts';

const { MAILBOX_OPCODE: OPCODE, mailbox_desc: desc } = reg;
const { DD, ERR, RD, BUF } = reg.MAILBOX_FLAGS.mask;
const ENABLE = reg.TX_LENGTH.mask.ENABLE;
const BASE = 0xe000_0000;
/** RAM between guards: a device that reaches past it changes them. */
const [RAM, GUARD, FILL] = [1 << 20, 1 << 16, 0xa5];
const [REQUESTS, ANSWERS, BODY, BUFFERS, RINGS] = [0x1000, 0x2000, 0x3000, 0x4000, 0x2_0000];
const SLOTS = 8;
const PAGE = 4096;

/** The hands of a driver of a card with a mailbox. */
class MailboxRig extends PciRig {
  readonly fn: GvnicFunction;
  readonly guards: readonly Uint8Array[];
  private tail = 0;

  constructor(more: Partial<GvnicSettings> = {}) {
    const whole = new Uint8Array(RAM + 2 * GUARD).fill(FILL);
    const ram = whole.subarray(GUARD, GUARD + RAM).fill(0);
    super(GuestMemory.of(RAM, ram as never));
    this.guards = [whole.subarray(0, GUARD), whole.subarray(GUARD + RAM)];
    const settings = { ...RIG_SETTINGS, mailbox: true, formats: ['DQO_RDA'] as const, ...more };
    this.fn = new GvnicFunction('net0', this.board, settings);
    this.bus.add(this.fn, 4);
    this.set(4, 0x10, BASE, 4);
    this.set(4, 0x04, 0x0006, 2);
  }

  /** Rings of eight slots. `posted` of the buffers are given, of so many bytes. */
  begin(posted = SLOTS, room = PAGE): this {
    this.write(reg.TX_BASE_LOW, REQUESTS);
    this.write(reg.TX_LENGTH, (ENABLE | SLOTS) >>> 0);
    for (let slot = 0; slot < posted; slot++) this.give(slot, BUFFERS + slot * PAGE, room);
    this.write(reg.RX_BASE_LOW, ANSWERS);
    this.write(reg.RX_LENGTH, (ENABLE | SLOTS) >>> 0);
    this.write(reg.RX_TAIL, SLOTS - 1);
    return this;
  }

  give(slot: number, addr_low: number, length = PAGE): void {
    this.board.memory.write(ANSWERS + slot * desc.size, desc.encode({ flags: BUF, length, addr_low }));
  }

  post(opcode: number, body: Uint8Array = new Uint8Array(8), cookie = 0x8040): void {
    const fields = {
      flags: BUF | RD,
      destination: reg.MAILBOX_DESTINATION,
      length: body.length,
      opcode,
      cookie,
    };
    this.board.memory.write(BODY, body);
    this.board.memory.write(REQUESTS + this.tail * desc.size, desc.encode({ ...fields, addr_low: BODY }));
    this.tail = (this.tail + 1) % SLOTS;
    this.write(reg.TX_TAIL, this.tail);
  }

  slot(ring: number, index: number) {
    return desc.decode(this.board.memory.slice(ring + index * desc.size, desc.size)!);
  }

  body(index: number, length: number): Uint8Array {
    return this.board.memory.slice(BUFFERS + index * PAGE, length)!.slice();
  }

  at(offset: number, value: number): void {
    this.mmio.write(BASE + offset, value >>> 0, 4);
  }

  write({ offset }: { readonly offset: number }, value: number): void {
    this.at(reg.MAILBOX_AT + offset, value);
  }

  read({ offset }: { readonly offset: number }): number {
    return this.mmio.read(BASE + reg.MAILBOX_AT + offset, 4);
  }

  /** Statuses of what was sent, each with a body. */
  statuses(...requests: readonly (readonly [opcode: number, body?: Uint8Array | undefined])[]): readonly number[] {
    return requests.map(([opcode, body], index) => {
      this.post(opcode, body);
      return this.slot(ANSWERS, index).status;
    });
  }
}

const halves = (...numbers: readonly number[]) => new Uint8Array(Uint16Array.from(numbers).buffer);
const queue = (struct: typeof reg.mailbox_tx_queue | typeof reg.mailbox_rx_queue, fields: object) => {
  const body = new Uint8Array(reg.QUEUES_AT + struct.size);
  body[0] = 1;
  struct.encode(fields as never, body, reg.QUEUES_AT);
  return body;
};
const RING = BigInt(RINGS);
const TX = { ring: RING, completion_ring: RING, ring_size: 256, completion_ring_size: 256 };
const RX = {
  ...{ completion_ring: RING, buffer_ring: RING, completion_ring_size: 256, buffer_ring_size: 256 },
  packet_buffer_size: 2048,
};

describe('a mailbox', () => {
  test('takes a request, and answers with its cookie', () => {
    const rig = new MailboxRig().begin();

    rig.post(OPCODE.REPORT_LINK_STATUS, undefined, 0x8a43);

    expect(rig.slot(REQUESTS, 0).flags & DD).toBe(DD);
    const { flags, opcode, cookie, status, length } = rig.slot(ANSWERS, 0);
    expect([flags & DD, opcode, cookie, status, length]).toEqual([DD, 0x6007, 0x8a43, 1, 16]);
    expect(reg.link_status.decode(rig.body(0, 16))).toMatchObject({ speed: 16_000n, up: 1 });
    expect([reg.TX_HEAD, reg.RX_HEAD].map((one) => rig.read(one))).toEqual([1, 1]);
  });

  test('says who it is in 72 bytes', () => {
    const rig = new MailboxRig({ offer: ['FLOW_STEERING'] }).begin();
    const request = reg.negotiate_request.encode({ version: 1, size: 608, caps: 2n ** 64n - 1n });

    rig.post(OPCODE.NEGOTIATE_CAPABILITIES, request);

    expect(rig.slot(ANSWERS, 0).length).toBe(72);
    expect(reg.negotiate_reply.decode(rig.body(0, 72))).toMatchObject({
      // DQO_RDA, flow steering and HW_GRO. Vectors: two pairs, and the mailbox.
      ...{ version: 1, size: 72, caps: 0b100_1001n, db_bar: 0, vectors: 5, max_mtu: 1460 },
      ...{ max_tx_queues: 2, default_tx_ring: 256, packet_buffer_size: 2048, header_buffer_size: 0 },
    });
  });

  test('waits for a buffer before it takes a request', () => {
    const rig = new MailboxRig().begin(0);
    rig.post(OPCODE.REPORT_LINK_STATUS);
    expect(rig.slot(REQUESTS, 0).flags & DD).toBe(0);

    rig.give(0, BUFFERS);
    rig.write(reg.RX_TAIL, 0);

    expect(rig.slot(ANSWERS, 0).flags & DD).toBe(DD);
  });

  test('writes no more than the buffer has, says that an empty answer has bytes, and passes over no RAM', () => {
    const rig = new MailboxRig().begin(2, 100);
    rig.give(0, RAM - 50);
    rig.give(2, BUFFERS + 2 * PAGE, 0xffff);

    rig.post(OPCODE.GET_PTYPE_MAP);
    rig.post(OPCODE.ENABLE_TX_QUEUES);

    expect(rig.slot(ANSWERS, 0).flags & (DD | ERR)).toBe(DD | ERR);
    expect([rig.slot(ANSWERS, 1).length, rig.body(1, 101)[100]]).toEqual([100, 0]);
    expect(rig.slot(ANSWERS, 2).length).toBe(8);
  });

  test('tells that the link changed, once there is a buffer', () => {
    const rig = new MailboxRig().begin(0);
    rig.fn.device.setLink(false);

    rig.give(0, BUFFERS);
    rig.write(reg.RX_TAIL, 0);

    expect(rig.slot(ANSWERS, 0)).toMatchObject({ opcode: OPCODE.EVENT, status: 1, length: 8 });
    expect(rig.body(0, 4)).toEqual(Uint8Array.of(1, 0, 0, 0));
  });

  test('does nothing without bus mastering, and has no rings after a reset', () => {
    const rig = new MailboxRig().begin();
    rig.set(4, 0x04, 0x0002, 2);
    rig.post(OPCODE.REPORT_LINK_STATUS);
    expect(rig.slot(REQUESTS, 0).flags & DD).toBe(0);

    rig.at(reg.MAILBOX_RESET_AT + reg.RESET_CONTROL.offset, 1);

    expect(rig.read(reg.RX_LENGTH)).toBe(0);
    expect(rig.mmio.read(BASE + reg.MAILBOX_RESET_AT + reg.RESET_STATUS.offset, 4)).toBe(1);
  });
});

describe('requests', () => {
  test.each([
    ['an opcode that is none', 0x6001 + 0x40, undefined, 0xffef],
    [
      'another version',
      OPCODE.NEGOTIATE_CAPABILITIES,
      reg.negotiate_request.encode({ version: 2, size: 608 }),
      0xfff7,
    ],
    ['doorbells beyond the last', OPCODE.GET_INTERRUPT_DBS, halves(4, 2), 0xfff7],
    ['a queue that there is not', OPCODE.ENABLE_RX_QUEUES, halves(1, 1), 0xfff8],
    ['more queues than a buffer holds', OPCODE.CREATE_TX_QUEUES, halves(500), 0xfff7],
    [
      'a ring of 300 entries',
      OPCODE.CREATE_TX_QUEUES,
      queue(reg.mailbox_tx_queue, { ...TX, ring_size: 300 }),
      0xfff7,
    ],
    [
      'a ring beyond RAM',
      OPCODE.CREATE_RX_QUEUES,
      queue(reg.mailbox_rx_queue, { ...RX, buffer_ring: 1n << 40n }),
      0xfff7,
    ],
    [
      'headers apart, not offered',
      OPCODE.CREATE_RX_QUEUES,
      queue(reg.mailbox_rx_queue, { ...RX, header_buffer_size: 64 }),
      0xfff7,
    ],
    ['a key that is too long', OPCODE.CONFIGURE_RSS, reg.mailbox_rss.encode({ hash_key_size: 257 }), 0xfff7],
    ['the time, not offered', OPCODE.GET_INFO_NIC_TSTAMP_REG, undefined, 0xffef],
    ['flow rules, not offered', OPCODE.QUERY_FLOW_RULE_STATS, undefined, 0xffef],
  ])('with %s', (_, opcode, body, status) => {
    expect(new MailboxRig().begin().statuses([opcode, body])).toEqual([status]);
  });

  test('of several queues make all or none', () => {
    const rig = new MailboxRig().begin();
    const two = new Uint8Array(reg.QUEUES_AT + 2 * reg.mailbox_tx_queue.size);
    two[0] = 2;
    for (const id of [0, 9])
      reg.mailbox_tx_queue.encode({ ...TX, id }, two, reg.QUEUES_AT + (id === 0 ? 0 : 40));

    expect(
      rig.statuses(
        [OPCODE.CREATE_TX_QUEUES, two],
        [OPCODE.ENABLE_TX_QUEUES, halves(1, 0)],
        [OPCODE.CREATE_TX_QUEUES, queue(reg.mailbox_tx_queue, TX)],
        [OPCODE.CREATE_TX_QUEUES, queue(reg.mailbox_tx_queue, TX)],
        [OPCODE.ENABLE_TX_QUEUES, halves(1, 0)],
        [OPCODE.DESTROY_TX_QUEUES, halves(1, 0)],
      ),
    ).toEqual([0xfff7, 0xfff8, 1, 0xfff1, 1, 1]);
  });

  test('tell the key and the table that were set', () => {
    const rig = new MailboxRig().begin();
    const body = new Uint8Array(reg.mailbox_rss.size + 8);
    const key = new Uint8Array(256).fill(9, 0, 40);
    reg.mailbox_rss.encode({ hash_types: 2, hash_key_size: 40, hash_lut_size: 2, key }, body);
    body[reg.mailbox_rss.size] = 1;

    rig.statuses([OPCODE.CONFIGURE_RSS, body], [OPCODE.QUERY_RSS]);

    // Toeplitz, said by 1.
    body[2] = 1;
    expect(rig.body(1, body.length)).toEqual(body);
  });
});

const address = fc.oneof(fc.constantFrom(0, BUFFERS, RINGS, RAM - 1, RAM, 0xffff_ffff), fc.nat(0xffff_ffff));
const number = fc.oneof(fc.constantFrom(0, 1, 2, 255, 256, 4096, 0x8000_0040), fc.nat(0xffff_ffff));
type Act = (rig: MailboxRig) => void;
const register = fc.record({ word: fc.nat(9), value: fc.oneof(address, number) }).map(
  ({ word, value }): Act =>
    (rig) =>
      rig.at(reg.MAILBOX_AT + word * 4, value),
);
const request = fc.record({ opcode: fc.nat(0x18), body: fc.uint8Array({ maxLength: 400 }) }).map(
  ({ opcode, body }): Act =>
    (rig) =>
      rig.post(0x6000 + opcode, body),
);
const create = fc.record({ id: fc.nat(2), vector: fc.nat(6), ring: address, receives: fc.boolean() }).map(
  ({ id, vector, ring, receives }): Act =>
    (rig) => {
      const at = { id, vector, completion_ring: BigInt(ring) };
      if (receives) rig.post(OPCODE.CREATE_RX_QUEUES, queue(reg.mailbox_rx_queue, { ...RX, ...at }));
      else rig.post(OPCODE.CREATE_TX_QUEUES, queue(reg.mailbox_tx_queue, { ...TX, ...at }));
      rig.post(receives ? OPCODE.ENABLE_RX_QUEUES : OPCODE.ENABLE_TX_QUEUES, halves(1, id));
    },
);
const slot = fc.record({ slot: fc.nat(SLOTS - 1), addr: address, length: fc.nat(0xffff) }).map(
  ({ slot: index, addr, length }): Act =>
    (rig) =>
      rig.give(index, addr, length),
);
const garbage = fc.record({ at: fc.nat(0x2000), bytes: fc.uint8Array({ maxLength: 64 }) }).map(
  ({ at, bytes }): Act =>
    (rig) =>
      rig.board.memory.write(RINGS + at, bytes),
);
const doorbell = fc.record({ offset: fc.nat(0x400), value: number }).map(
  ({ offset, value }): Act =>
    (rig) =>
      rig.at(0x1000 + (offset & 0x3) * 0x1000 + (offset & 0x1fc), value),
);
const frame = fc.nat(3000).map(
  (length): Act =>
    (rig) =>
      rig.fn.device.arrive(new Uint8Array(length)),
);
const ACTS = fc.array(fc.oneof(register, request, create, slot, garbage, doorbell, frame), { maxLength: 40 });

test('nothing that is written to a mailbox makes the card throw, hang or reach past RAM', () => {
  fc.assert(
    fc.property(ACTS, (acts) => {
      const rig = new MailboxRig({ offer: ['FLOW_STEERING'] }).begin();

      for (const act of acts) act(rig);

      expect(rig.guards.map((bytes) => bytes.every((byte) => byte === FILL))).toEqual([true, true]);
    }),
    { numRuns: 150 },
  );
});
