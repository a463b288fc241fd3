import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { ANY_LAYOUT, CTRL_VQ, header, MQ, NetRig, RX, STATUS, TX } from './net-rig.ts';

const FULL = 1524;

describe('the offered features', () => {
  /** 0 CSUM, 1 GUEST_CSUM, 2 CTRL_GUEST_OFFLOADS, 5 MAC, 7, 8 GUEST_TSO4, 6, 11, 12 HOST_TSO4, 6, 16 STATUS, 17 CTRL_VQ. */
  const ALWAYS = 0x0003_19a7;

  test.each([
    ['with one pair of queues', { pairs: 1, mergeable: false }, ALWAYS],
    ['with two', { pairs: 2, mergeable: false }, ALWAYS | (1 << 22)],
    ['with buffers that merge', { pairs: 1, mergeable: true }, ALWAYS | (1 << 15)],
    ['with GUEST_UFO named', { pairs: 1, mergeable: false, offer: [10] }, ALWAYS | (1 << 10)],
  ])('%s', (_what, options, features) => {
    expect(new NetRig({ ...options, ringFeatures: [] }).in(0x00, 4)).toBe(features);
  });

  test.each([
    [1, 3],
    [4, 9],
  ])('of %i pairs is %i queues, the last for control', (pairs, queues) => {
    const rig = new NetRig({ pairs });
    const sizes = Array.from({ length: queues + 1 }, (_, index) => {
      rig.out(0x0e, index, 2);
      return rig.in(0x0c, 2);
    });
    expect(sizes).toEqual([...Array(queues).fill(16), 0]);
  });
});

describe('the configuration', () => {
  test('is the MAC address, the link, and the number of pairs', () => {
    const rig = new NetRig({ pairs: 4 });
    const bytes = Array.from({ length: 12 }, (_, i) => rig.in(0x14 + i, 1));
    expect(bytes).toEqual([0x42, 0x01, 0x0a, 0x80, 0x00, 0x02, 1, 0, 4, 0, 0xff, 0xff]);
  });

  test('lets a legacy driver set the MAC address, until a reset', () => {
    const rig = new NetRig();
    rig.out(0x14, 0x1122_3344, 4);
    rig.out(0x18, 0x5566, 2);
    const set = rig.device.mac;
    rig.out(0x12, 0, 1);
    expect([set, rig.device.mac, rig.said]).toEqual([hex('443322116655'), hex('42010a800002'), []]);
  });

  test('ignores writes to other fields, with a finding', () => {
    const rig = new NetRig({ pairs: 2 });
    rig.out(0x1a, 0, 1);
    rig.out(0x1c, 9, 1);
    expect([rig.in(0x1a, 2), rig.in(0x1c, 2), rig.said]).toEqual([
      1,
      2,
      [
        'CFG-D1: byte 6 of the configuration was written with 00',
        'CFG-D1: byte 8 of the configuration was written with 09',
      ],
    ]);
  });
});

describe('the link', () => {
  test('that goes down causes one configuration interrupt', () => {
    const rig = new NetRig().start(ANY_LAYOUT, STATUS);
    rig.device.setLink(false);
    const down = [rig.in(0x1a, 2), rig.intx, rig.in(0x13, 1)];
    rig.device.setLink(false);
    expect([down, rig.intx]).toEqual([[0, true, 2], false]);
  });

  test('causes no interrupt without STATUS', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.device.setLink(false);
    expect([rig.in(0x1a, 2), rig.intx]).toEqual([0, false]);
  });

  test('stays down over a reset by the driver, since the cable is out', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.device.setLink(false);
    rig.start(ANY_LAYOUT);
    expect([rig.device.linkUp, rig.in(0x1a, 2)]).toEqual([false, 0]);
  });
});

describe('several pairs of queues', () => {
  /** IPv4 from 10.128.0.2 to 10.128.0.3 with these ports, and the reverse direction. */
  const flow = (ports: string) =>
    hex(`42010a800003 42010a800002 0800 ${'00'.repeat(12)} 0a800002 0a800003 ${ports}`);
  const answer = (ports: string) =>
    hex(
      `42010a800002 42010a800003 0800 ${'00'.repeat(12)} 0a800003 0a800002 ${ports.slice(4)}${ports.slice(0, 4)}`,
    );
  const PAIR_2 = { rx: 2, tx: 3 };

  /** Two pairs with all buffers filled; `enable` asks for both. */
  const start = () => {
    const rig = new NetRig({ pairs: 2 }).start(ANY_LAYOUT, CTRL_VQ, MQ);
    rig.stock(RX, FULL, FULL);
    rig.stock(PAIR_2.rx, FULL, FULL);
    return { rig, enable: () => rig.send(4, hex('0400'), hex('0200'), 1) };
  };
  const came = (rig: NetRig) => [RX, PAIR_2.rx].map((index) => rig.guests[index]!.take().length);

  test('receive a flow’s frames on the pair that last sent for it', () => {
    const { rig, enable } = start();
    enable();
    rig.send(PAIR_2.tx, header(), flow('c0000050'));
    rig.device.receive(answer('c0000050'));
    const second = came(rig);
    rig.device.receive(answer('c0010050'));
    const other = came(rig);
    rig.send(TX, header(), flow('c0000050'));
    rig.device.receive(answer('c0000050'));
    expect([second, other, came(rig), rig.said]).toEqual([[0, 1], [1, 0], [1, 0], []]);
  });

  test('are independent: one without buffers delays only its own frames', () => {
    const { rig, enable } = start();
    enable();
    rig.send(PAIR_2.tx, header(), flow('c0000050'));
    for (let i = 0; i < 3; i++) rig.device.receive(answer('c0000050'));
    rig.device.receive(answer('c0010050'));
    const starved = came(rig);
    rig.stock(PAIR_2.rx, FULL);
    expect([starved, came(rig)]).toEqual([
      [1, 2],
      [0, 1],
    ]);
  });

  test('pass waiting frames on when there are fewer pairs', () => {
    const { rig, enable } = start();
    enable();
    rig.send(PAIR_2.tx, header(), flow('c0000050'));
    for (let i = 0; i < 3; i++) rig.device.receive(answer('c0000050'));
    const before = came(rig);
    rig.send(4, hex('0400'), hex('0100'), 1);
    expect([before, came(rig)]).toEqual([
      [0, 2],
      [1, 0],
    ]);
  });

  test('are one until VQ_PAIRS_SET, and sending on another before that is a finding', () => {
    const { rig } = start();
    rig.send(PAIR_2.tx, header(), flow('c0000050'));
    rig.device.receive(answer('c0000050'));
    expect([came(rig), rig.wire.frames.length, rig.said]).toEqual([
      [1, 0],
      1,
      ['MQ-D3: pair 2 of queues was used, and 1 pair is enabled'],
    ]);
  });

  test('are one again after a reset', () => {
    const { rig, enable } = start();
    enable();
    rig.start(ANY_LAYOUT, CTRL_VQ, MQ).send(PAIR_2.tx, header(), flow('c0000050'));
    expect(rig.said).toEqual(['MQ-D3: pair 2 of queues was used, and 1 pair is enabled']);
  });

  test('forget their flows at a reset', () => {
    const { rig, enable } = start();
    enable();
    rig.send(PAIR_2.tx, header(), flow('c0000050'));
    rig.start(ANY_LAYOUT, CTRL_VQ, MQ);
    rig.stock(RX, FULL);
    rig.stock(PAIR_2.rx, FULL);
    enable();
    rig.device.receive(answer('c0000050'));
    expect(came(rig)).toEqual([1, 0]);
  });

  test('have names in findings', () => {
    const { rig } = start();
    const names = [0, 1, 2, 3, 4].map((index) => rig.device.queueName(index));
    expect(names).toEqual([
      'net0, receive queue 1 (queue 0)',
      'net0, transmit queue 1 (queue 1)',
      'net0, receive queue 2 (queue 2)',
      'net0, transmit queue 2 (queue 3)',
      'net0, control queue (queue 4)',
    ]);
  });
});
