import { describe, expect, test } from 'vitest';
import { hex } from '../../../core/bytes-rig.ts';
import type { VirtioNic } from '../../../machine/devices/nic.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import {
  ANY_LAYOUT,
  CONTROL,
  CSUM,
  CTRL_VQ,
  GUEST_CSUM,
  GUEST_TSO4,
  HOST_TSO4,
  header,
  LARGE,
  MQ,
  MRG_RXBUF,
  NetRig,
  plain,
  RX,
  TX,
} from '../../../virtio/net/net-rig.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { NET } from './net.ts';

const { CTRL_RX } = NET_FEATURE;

/** The rules of network cards that the guest met, without the prefix. */
const met = ({ journal }: NetRig): string[] =>
  Object.keys(NET)
    .filter((clause) => journal.reached(clause))
    .map((clause) => clause.replace('virtio/NET-', ''))
    .sort();

const times = ({ journal }: NetRig, clause: keyof typeof NET) => journal.read(clause).met;

const CUT = { flags: 1, gso: 1, hdrLen: 66, start: 34, offset: 16 };
const CUTS = [
  'CFG-D3',
  'TX-D11',
  'TX-D16',
  'TX-D20',
  'TX-D21',
  'TX-D22',
  'TX-D24',
  'TX-D25',
  'TX-D27',
  'TX-D9',
];

describe('a guest meets', () => {
  test('no rule when it kicks queues that hold nothing', () => {
    const rig = new NetRig({ pairs: 2 }).start(ANY_LAYOUT, CTRL_VQ, MQ);
    for (const queue of [0, 1, 2, 3, 4]) rig.kick(queue);
    rig.device.receive(plain(60));
    expect(met(rig)).toEqual([]);
  });

  test('no rule for buffers that nothing takes', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.stock(RX, 20);
    expect(met(rig)).toEqual([]);
  });

  test.each([
    [
      'with no feature',
      [],
      [
        'FRAME-LEG-D1',
        'IMP-11',
        'IMP-2',
        'TX-D1',
        'TX-D23',
        'TX-D3',
        'TX-D33',
        'TX-D5',
        'TX-D6',
        'TX-D7',
        'TX-D8',
      ],
    ],
    [
      'with ANY_LAYOUT',
      [ANY_LAYOUT],
      ['IMP-11', 'IMP-2', 'TX-D1', 'TX-D23', 'TX-D3', 'TX-D33', 'TX-D5', 'TX-D6', 'TX-D7', 'TX-D8'],
    ],
    [
      'with offloads',
      [ANY_LAYOUT, CSUM, HOST_TSO4],
      ['IMP-11', 'IMP-2', 'TX-D1', 'TX-D33', 'TX-D6', 'TX-D7', 'TX-D8'],
    ],
  ])('the rules that a plain frame can break %s', (_how, features, clauses) => {
    const rig = new NetRig().start(...features);
    rig.send(TX, header(), plain(60));
    expect(met(rig)).toEqual(clauses);
  });

  test.each([
    [
      'whose checksum is open',
      { flags: 1, start: 34, offset: 16 },
      ['CFG-D3', 'TX-D16', 'TX-D20', 'TX-D21', 'TX-D22'],
    ],
    ['that is to be cut', { ...CUT, size: 4 }, [...CUTS, 'IMP-13', 'IMP-7', 'IMP-9']],
    ['that is to be cut to nothing', CUT, CUTS],
  ])('more with a frame %s', (_what, fields, more) => {
    const rig = new NetRig().start(ANY_LAYOUT, CSUM, HOST_TSO4);
    rig.send(TX, header(fields), LARGE);
    expect(met(rig)).toEqual(
      ['IMP-11', 'IMP-2', 'TX-D1', 'TX-D33', 'TX-D6', 'TX-D7', 'TX-D8', ...more].sort(),
    );
  });

  test.each([
    ['small buffers', [], 'RXB-D2'],
    ['large ones', [GUEST_CSUM, GUEST_TSO4], 'RXB-D1'],
    ['those that merge', [GUEST_CSUM, GUEST_TSO4, MRG_RXBUF], 'RXB-D3'],
  ])('one rule of buffers with %s', (_what, features, clause) => {
    const rig = new NetRig().start(ANY_LAYOUT, ...features);
    rig.stock(RX, 65_562);
    rig.device.receive(plain(60));
    expect(met(rig)).toEqual(['IMP-2', clause]);
  });

  test('no rule of data in a command that is too short for them', () => {
    const rig = new NetRig({ pairs: 2 }).start(ANY_LAYOUT, CTRL_VQ, MQ);
    rig.send(4, hex('04'), 1);
    expect(met(rig)).toEqual(['IMP-3']);
  });

  test('the rule of pairs with each frame, until all are enabled', () => {
    const rig = new NetRig({ pairs: 2 }).start(ANY_LAYOUT, CTRL_VQ, MQ);
    rig.send(TX, header(), plain(60));
    const one = times(rig, 'virtio/NET-MQ-D3');
    rig.send(4, hex('0400'), hex('0200'), 1);
    rig.send(TX, header(), plain(60));
    expect([one, times(rig, 'virtio/NET-MQ-D3')]).toEqual([1, 1]);
  });

  test('the rules of the configuration when it reads there, and when it stores', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.in(0x14, 4);
    const read = met(rig);
    rig.out(0x14, 0x02, 1);
    expect([read, met(rig), rig.said]).toEqual([['virtio/CFG-D3'], ['CFG-D1', 'virtio/CFG-D3'], []]);
  });
});

describe('frames that are alike', () => {
  test('are counted one by one', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    for (const length of [60, 60, 60, 61, 61]) rig.send(TX, header(), plain(length));
    expect(times(rig, 'virtio/NET-TX-D33')).toBe(5);
  });

  test('are one finding when they break a rule, with their count', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    for (let i = 0; i < 3; i++) rig.send(TX, header({ flags: 1 }), plain(60));
    expect(rig.said).toEqual(['TX-D3: the flags of a frame are 01, without CSUM']);
    expect(rig.journal.findings[0]!.count).toBe(3);
  });

  test('are judged by the features negotiated when they come', () => {
    const rig = new NetRig();
    for (const features of [[], [CSUM]]) {
      rig.start(ANY_LAYOUT, ...features);
      for (let i = 0; i < 3; i++) rig.send(TX, header(), plain(60));
    }
    expect([times(rig, 'virtio/NET-TX-D3'), times(rig, 'virtio/NET-TX-D33')]).toEqual([3, 6]);
  });

  test('are judged by the queue that they come on', () => {
    const rig = new NetRig({ pairs: 2 }).start(ANY_LAYOUT, CTRL_VQ, MQ);
    for (const queue of [TX, TX, 3]) rig.send(queue, header(), plain(60));
    expect(rig.said).toEqual(['MQ-D3: pair 2 of queues was used, and 1 pair is enabled']);
  });
});

test('a frame with an open checksum is shown with its header, and back to where CSUM was not accepted', () => {
  const rig = new NetRig().start(ANY_LAYOUT);
  rig.send(TX, header({ flags: 1, start: 34 }), plain(60));
  const { accesses, facts } = rig.journal.findings[0]!.evidence;
  expect([accesses[0]!.text, facts]).toEqual([
    'net0 Driver Features ← 08000020',
    ['virtio_net_hdr: flags 01, gso_type 0, gso_size 0, num_buffers 0'],
  ]);
});

test('a chain is shown by the bytes of its descriptors', () => {
  const rig = new NetRig().start(ANY_LAYOUT);
  rig.send(TX, header(), plain(60), 4);
  expect(rig.journal.findings[0]!.evidence.facts).toEqual(['chain: 10 + 60 readable, 4 writable']);
});

test('a guest without MQ has its commands in the third queue', () => {
  const rig = new NetRig({ pairs: 2 }).start(ANY_LAYOUT, CTRL_VQ);
  rig.send(CONTROL, hex('0a00'), 1);
  expect(rig.findings).toEqual([
    'virtio/NET-IMP-5 net0, control queue (queue 2): command 0 of class 10 was sent',
  ]);
});

test('a machine without a judge has cards without a watch', () => {
  const [on, off] = [gceN1(), gceN1({ judge: false })];
  const told = [on, off].map(({ nics: [nic] }) => (nic as VirtioNic).device.events !== null);
  on.close();
  off.close();
  expect(told).toEqual([true, false]);
});

describe('one mistake breaks one clause:', () => {
  const HEADER = new Uint8Array(10);
  const PROMISC = hex('00 00');

  test('receive buffers that the device may only read', () => {
    const rig = new NetRig().start();
    rig.send(RX, HEADER, plain(1514));
    rig.device.receive(plain(60));
    expect(rig.said).toEqual(['IMP-2: a receive chain has 2 readable descriptors']);
  });

  test('a transmit chain that the device may only write', () => {
    const rig = new NetRig().start();
    rig.send(TX, 10, 60);
    expect(rig.said).toEqual(['IMP-2: a transmit chain has 2 writable descriptors']);
  });

  test('a header of 12 bytes, in a descriptor of its own, where it has 10', () => {
    const rig = new NetRig().start();
    rig.send(TX, header({}, 0), Uint8Array.of(...plain(12), 0x88, 0xb5, ...plain(46)));
    expect(rig.said).toEqual(['TX-D1: a frame was sent after a header of 12 bytes, but it has 10']);
  });

  test('a byte for the ack that the device may only read', () => {
    const rig = new NetRig().start(CTRL_VQ);
    rig.send(CONTROL, PROMISC, hex('01'), hex('00'));
    expect(rig.said).toContain('IMP-3: a command has 4 bytes to read and 0 to write');
    expect(rig.said.filter((said) => said.startsWith('FRAME-LEG'))).toEqual([]);
  });

  test('one table of addresses where there are to be two', () => {
    const rig = new NetRig({ offer: [CTRL_RX] }).start(CTRL_VQ, CTRL_RX);
    rig.send(CONTROL, hex('01 00'), hex('00000000'), 1);
    expect(rig.said).toEqual([
      'MAC-D3: the tables of MAC_TABLE_SET have 4 bytes, and say that they have 0 and 0 entries',
    ]);
  });
});

test.each([
  [[100, 100, 100, 100], '4 buffers, together too short for it,'],
  [[100], 'one buffer, too short for it,'],
  [[], 'no buffer'],
])('a card whose ring has receive buffers of %j has a frame that waits for more', (lengths, lack) => {
  const rig = new NetRig().start(ANY_LAYOUT, MRG_RXBUF);
  rig.stock(RX, 100);
  rig.device.receive(plain(60));
  if (lengths.length > 0) rig.stock(RX, ...lengths);
  rig.device.receive(plain(1000));
  rig.clock.advance(2_000_000_000);

  rig.journal.end();

  expect(rig.said).toContain(`RXB-D5: the device has had a frame and ${lack} for 2000 ms`);
});
