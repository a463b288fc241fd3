import { describe, expect, test } from 'vitest';
import * as reg from '../registers/mailbox.ts';
import {
  ANSWERS,
  BASE,
  BUFFERS,
  halves,
  MailboxRig,
  PAGE,
  queue,
  RAM,
  REQUESTS,
  RX,
  TX,
} from './mailbox-rig.ts';

const { MAILBOX_OPCODE: OPCODE } = reg;
const { DD, ERR } = reg.MAILBOX_FLAGS.mask;

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

  test('loses an answer whose buffer went away while its request was taken', () => {
    const rig = new MailboxRig().begin();
    // Both rings lie in one place: the request is done, and so is the slot of its answer.
    rig.write(reg.RX_BASE_LOW, REQUESTS);

    rig.post(OPCODE.REPORT_LINK_STATUS);

    expect([reg.TX_HEAD, reg.RX_HEAD].map((one) => rig.read(one))).toEqual([1, 0]);
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
