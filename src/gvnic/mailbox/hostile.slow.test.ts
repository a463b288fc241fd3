import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reg from '../registers/mailbox.ts';
import { BUFFERS, halves, MailboxRig, queue, RAM, RINGS, RX, SLOTS, TX } from './mailbox-rig.ts';

const { MAILBOX_OPCODE: OPCODE } = reg;

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

      expect(rig.isPast).toBe(false);
    }),
    { numRuns: 150 },
  );
});
