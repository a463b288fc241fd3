import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import {
  ANY_LAYOUT,
  CONTROL,
  CTRL_GUEST_OFFLOADS,
  CTRL_VQ,
  GUEST_CSUM,
  GUEST_TSO4,
  MQ,
  NetRig,
} from './net-rig.ts';

/** Initial value of an ack before the device writes it. */
const SPOILED = 0xdb;
const OK = 0;
const ERR = 1;

/** Sends a command with a byte for the ack; returns the ack and the findings. */
function command(rig: NetRig, index: number, ...parts: readonly string[]): [ack: number, said: string[]] {
  const head = rig.send(index, ...parts.map(hex), 1);
  return [rig.guests[index]!.buffer(head, parts.length)[0]!, rig.said];
}

/** Two pairs with multiqueue: the control queue is the fifth. */
const multi = () => new NetRig({ pairs: 2 }).start(ANY_LAYOUT, CTRL_VQ, MQ);
const offloads = (...features: readonly number[]) =>
  new NetRig().start(ANY_LAYOUT, CTRL_VQ, CTRL_GUEST_OFFLOADS, ...features);

describe('VQ_PAIRS_SET', () => {
  test.each(['0100', '0200'])('takes every valid number of pairs: %s', (pairs) => {
    expect(command(multi(), 4, '0400', pairs)).toEqual([OK, []]);
  });

  test.each([
    ['0000', 0],
    ['0300', 3],
    ['0080', 32_768],
  ])('refuses any other: %s', (pairs, number) => {
    expect(command(multi(), 4, '0400', pairs)).toEqual([
      ERR,
      [`MQ-D2: ${number} pairs of queues were asked for, but the card has 2`],
    ]);
  });

  test('of pairs whose queues are not set up is a finding', () => {
    const rig = multi();
    rig.out(0x0e, 3, 2);
    rig.out(0x08, 0, 4);
    expect(command(rig, 4, '0400', '0200')).toEqual([
      OK,
      ['MQ-D1: 2 pairs of queues were enabled, and transmit queue 2 (queue 3) is not set up'],
    ]);
  });

  test.each([
    ['', '0 bytes'],
    ['01', '1 byte'],
    ['010000', '3 bytes'],
  ])('has two bytes of data, not "%s"', (data, length) => {
    const rig = multi();
    expect(command(rig, 4, `0400${data}`)).toEqual([
      ERR,
      [`IMP-3: VQ_PAIRS_SET was sent with ${length} of data instead of 2`],
    ]);
  });

  test('without MQ is an unknown command', () => {
    const rig = new NetRig({ pairs: 2 }).start(ANY_LAYOUT, CTRL_VQ);
    expect(command(rig, CONTROL, '0400', '0100')).toEqual([ERR, ['IMP-5: command 0 of class 4 was sent']]);
  });
});

describe('the control queue', () => {
  test('is the third queue for a guest without MQ, however many pairs the device has', () => {
    const rig = new NetRig({ pairs: 2 }).start(ANY_LAYOUT, CTRL_VQ);
    const [ack] = command(rig, CONTROL, '0900');
    expect([ack, rig.device.queueName(CONTROL)]).toEqual([ERR, 'net0, control queue (queue 2)']);
  });

  test('is the last queue for a guest with MQ, and the third receives', () => {
    const [ack] = command(multi(), 2, '0400', '0100');
    expect(ack).toBe(SPOILED);
  });

  test('reports how many bytes it wrote: the ack', () => {
    const rig = multi();
    const head = rig.send(4, hex('0400'), hex('0100'), 1);
    expect(rig.guests[4]!.take()).toEqual([[head, 1]]);
  });

  test('writes one byte however much room there is', () => {
    const rig = multi();
    const head = rig.send(4, hex('0400'), hex('0100'), 4);
    expect([...rig.guests[4]!.buffer(head, 2)]).toEqual([OK, SPOILED, SPOILED, SPOILED]);
  });

  test.each([
    ['0000', '01', 'RXMODE-D1: command 0 of class 0 was sent, without CTRL_RX'],
    ['0001', '01', 'RXMODE-D1: command 1 of class 0 was sent, without CTRL_RX'],
    ['0100', '00000000', 'MAC-D1: command 0 of class 1 was sent, without CTRL_RX'],
    ['0101', '42010a800002', 'MAC-D1: command 1 of class 1 was sent, without CTRL_RX'],
    ['0200', '0100', 'IMP-5: command 0 of class 2 was sent'],
    ['0300', '', 'IMP-5: command 0 of class 3 was sent'],
    ['0401', '0100', 'RSS-D1: command 1 of class 4 was sent, without RSS'],
    ['0901', 'ff', 'RSSCTX-D1: command 1 of class 9 was sent, without RSS_CONTEXT'],
    ['0a01', 'ff', 'IMP-5: command 1 of class 10 was sent'],
  ])('refuses a command whose feature it does not offer: %s %s', (name, data, said) => {
    expect(command(multi(), 4, `${name}${data}`)).toEqual([ERR, [said]]);
  });

  test('refuses an incomplete command', () => {
    expect(command(multi(), 4, '04')).toEqual([ERR, ['IMP-3: a command has 1 byte to read and 1 to write']]);
  });

  test('does not execute a command without room for the ack', () => {
    const rig = multi();
    const head = rig.send(4, hex('0400'), hex('0a00'));
    expect([rig.guests[4]!.take(), rig.said]).toEqual([
      [[head, 0]],
      ['IMP-3: a command has 4 bytes to read and 0 to write'],
    ]);
  });

  test('takes, without ANY_LAYOUT, one buffer for the command, one for its data, and one byte for the ack', () => {
    const strict = (...parts: (string | number)[]) => {
      const rig = new NetRig({ pairs: 2, ringFeatures: [] }).start(CTRL_VQ, MQ);
      rig.send(4, ...parts.map((part) => (typeof part === 'string' ? hex(part) : part)));
      return rig.said;
    };
    expect([
      strict('0400', '0100', 1),
      strict('04000100', 1),
      strict('0400', '01', '00', 1),
      strict('0400', '0100', 4),
    ]).toEqual([
      [],
      ['FRAME-LEG-D2: the first descriptor of a command has 4 bytes'],
      ['FRAME-LEG-D3: behind class and command, a command has 2 descriptors to read'],
      ["FRAME-LEG-D7: 4 bytes of a command's chain are for the ack"],
    ]);
  });
});

describe('GUEST_OFFLOADS_SET', () => {
  test.each([
    ['nothing', '0000000000000000'],
    ['one of them', '0200000000000000'],
    ['both', '8200000000000000'],
  ])('takes negotiated bits: %s', (_what, mask) => {
    expect(command(offloads(GUEST_CSUM, GUEST_TSO4), CONTROL, '0500', mask)).toEqual([OK, []]);
  });

  test.each([
    ['an offload that was not negotiated', '8000000000000000', '0000000000000080', '0000000000000080'],
    ['a feature that is no offload', '0100000000000000', '0000000000000001', '0000000000000001'],
    ['a bit of the upper half', '0200000001000000', '0000000100000002', '0000000100000000'],
    ['bits that no double holds', '0300000000000004', '0400000000000003', '0400000000000001'],
  ])('refuses %s', (_what, mask, asked, wrong) => {
    expect(command(offloads(GUEST_CSUM), CONTROL, '0500', mask)).toEqual([
      ERR,
      [`OFFL-D1: offloads ${asked} were asked for, of which ${wrong} are not negotiated`],
    ]);
  });

  test('needs eight bytes of data', () => {
    const rig = offloads(GUEST_CSUM);
    expect(command(rig, CONTROL, '0500', '02000000')).toEqual([
      ERR,
      ['IMP-3: GUEST_OFFLOADS_SET was sent with 4 bytes of data instead of 8'],
    ]);
  });

  test('takes no more than eight bytes of data', () => {
    const rig = offloads(GUEST_CSUM);
    const [ack] = command(rig, CONTROL, '0500', '02000000000000000000');
    expect([ack, rig.journal.count('virtio/NET-IMP-3')]).toEqual([ERR, 1]);
  });

  test('without its feature is an unknown command', () => {
    const rig = new NetRig().start(ANY_LAYOUT, CTRL_VQ);
    expect(command(rig, CONTROL, '0500', '0000000000000000')).toEqual([
      ERR,
      ['IMP-5: command 0 of class 5 was sent'],
    ]);
  });
});

describe('a MAC or receive filter', () => {
  test('is not offered: frames for other addresses are received', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.stock(0, 1524);
    rig.device.receive(hex(`02ffffffffff 42010a800003 88b5 ${'00'.repeat(46)}`));
    expect(rig.guests[0]!.usedIdx).toBe(1);
  });
});
