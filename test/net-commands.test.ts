import { describe, expect, test } from 'vitest';
import { type NicDriver, virtioNet } from '../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../src/index.ts';
import { modern } from './nics.ts';

type Offer = NonNullable<NonNullable<MachineOptions['nics']>[number]['offer']>;

const STATION = Uint8Array.of(2, 0, 0, 0, 0, 9);
const AT_ONCE = { max_packets: 0, max_usecs: 0 };
const SELDOM = { max_packets: 8, max_usecs: 50 };
const SECOND = 1_000_000_000;
const nothing = () => {};
/** A monitor that ignores its events. */
const QUIET = {
  ...{ placed: nothing, taken: nothing, putBack: nothing, used: nothing },
  ...{ published: nothing, dry: nothing, fault: nothing, forgotten: nothing },
};

const offering = (offer: Offer, more: MachineOptions = {}) => modern({ offer }, more);

describe('a card that offers more than ours do', () => {
  test('offers what that needs, too', () => {
    const { nic } = offering(['RSS_CONTEXT', 'GUEST_UDP_TUNNEL_GSO_CSUM']);
    expect(nic.features).toEqual(
      expect.arrayContaining(['RSS', 'RSS_CONTEXT', 'GUEST_TSO6', 'GUEST_USO4', 'GUEST_USO6']),
    );
  });

  test('offers the rest behind the legacy interface if it has room for the bits', () => {
    const machine = gceN1({ nics: [{ offer: ['CTRL_RX', 'STANDBY'] }] });
    const { features } = machine.attach(virtioNet({ interrupts: 'polled' }));
    expect(features.filter((name) => ['CTRL_RX', 'STANDBY'].includes(name))).toEqual(['CTRL_RX']);
  });

  test("has a Compute Engine network's MTU", () => {
    expect(offering(['MTU']).nic.mtu).toBe(1460);
  });

  test('sends the frame behind a header of 32 bytes', () => {
    const { nic, card } = offering(['OUT_NET_HEADER']);
    const frame = Uint8Array.from({ length: 60 }, (_, i) => i);
    nic.send(frame);
    expect(card.sent).toEqual([frame]);
  });
});

describe('a card answers in protocol', () => {
  test('MAC_ADDR_SET: its address changes until it is reset', () => {
    const { nic, card } = offering(['CTRL_RX', 'CTRL_MAC_ADDR']);
    nic.setMac(STATION);
    const set = card.mac;
    nic.close();
    expect([set, card.mac]).toEqual(['02:00:00:00:00:09', '42:01:0a:80:00:02']);
  });

  test('MAC_TABLE_SET, VLAN_ADD and the modes of receiving', () => {
    const { nic } = offering(['CTRL_RX', 'CTRL_RX_EXTRA', 'CTRL_VLAN']);
    const { commands } = nic;
    expect([
      commands.filter([STATION], []),
      commands.vlan(4095, true),
      commands.receive('NOMULTI', true),
    ]).toEqual([true, true, true]);
  });

  test('coalescing: the last setting of a queue, by any command, and none after a reset', () => {
    const { machine, nic } = offering(['NOTF_COAL', 'VQ_NOTF_COAL']);
    nic.commands.moderateAll('receive', SELDOM);
    const after = [nic.commands.moderationOf(0), nic.commands.moderationOf(1)];
    nic.close();
    const again: NicDriver = machine.attach(virtioNet({ interrupts: 'polled' }));
    expect([...after, again.commands.moderationOf(0)]).toEqual([SELDOM, AT_ONCE, AT_ONCE]);
  });

  test('coalescing of the control queue with ERR', () => {
    const { nic } = offering(['VQ_NOTF_COAL']);
    expect([nic.commands.moderate(2, SELDOM), nic.commands.moderationOf(2)]).toEqual([false, null]);
  });

  test('statistics: a header and six counters for RX_BASIC of queue 0', () => {
    const { nic } = offering(['DEVICE_STATS']);
    const reply = nic.commands.statistics(0, 1n)!;
    // type 0, vq_index 0, size 56
    expect([reply.length, ...reply.slice(0, 8)]).toEqual([56, 0, 0, 0, 0, 0, 0, 56, 0]);
  });

  test('statistics that a queue does not have with ERR', () => {
    const { nic } = offering(['DEVICE_STATS']);
    expect(nic.commands.statistics(1, 1n)).toBeNull();
  });

  test.each([
    ['a table of three entries', [0, 0, 0]],
    ['a table longer than 128', new Array<number>(256).fill(0)],
    ['a queue that there is not', [7]],
  ])('RSS_CONFIG with ERR to %s', (_what, table) => {
    expect(offering(['RSS']).nic.commands.steer({ table })).toBe(false);
  });

  test('RSS_CONFIG with OK to valid data', () => {
    const { nic } = offering(['RSS'], { vcpus: 2 });
    expect(nic.commands.steer({ table: [0, 1], hashTypes: 2, transmit: 2, key: new Uint8Array(40) })).toBe(
      true,
    );
  });

  test('RSS_CONFIG, after which queues that the table leaves out may stay empty', () => {
    const { machine, nic } = offering(['RSS'], { vcpus: 4 });
    nic.commands.steer({ table: [0, 0], transmit: 4 });
    machine.journal.end();
    expect(machine.findings).toEqual([]);
  });

  test('RSS_CONFIG, after which frames come in on queues of the table alone', () => {
    const taken: number[] = [];
    const machine = gceN1({ virtio: 'modern', vcpus: 3, nics: [{ offer: ['RSS'], backend: 'loopback' }] });
    machine.nics[0]!.watch({ ...QUIET, taken: (queue) => taken.push(queue) });
    const nic = machine.attach(virtioNet({ interrupts: 'polled' }));
    nic.setPairs(3);
    nic.commands.steer({ table: [0, 2], transmit: 3 });
    taken.length = 0;
    nic.send(new Uint8Array(60), 1);
    // Its flow went out on the second pair.
    expect(taken).toEqual([3, 0]);
  });

  test('RSS contexts: one of each id, as many as it says', () => {
    const { nic } = offering(['RSS_CONTEXT']);
    const add = (id: number) => nic.commands.addContext(id, { table: [0] });
    expect([add(1), add(1), add(4), add(5), nic.commands.deleteContext(1), add(1)]).toEqual([
      true,
      false,
      true,
      false,
      true,
      true,
    ]);
  });
});

describe('a change of the configuration', () => {
  test('that asks for an announcement is followed by a frame of its own, and the bit is gone', () => {
    const { machine, nic, card } = offering(['GUEST_ANNOUNCE']);
    card.announce();
    nic.receive();
    nic.receive();
    machine.port.wait(() => false, SECOND);
    // A broadcast, from its own address.
    expect(card.sent.map((frame) => Buffer.from(frame.subarray(0, 12)).toString('hex'))).toEqual([
      'ffffffffffff42010a800002',
    ]);
  });

  test('of speed and duplex is read by a driver that accepted SPEED_DUPLEX', () => {
    const { nic, card } = offering(['SPEED_DUPLEX']);
    nic.receive();
    const before = nic.speed;
    card.setSpeed(100, false);
    nic.receive();
    expect([before, nic.speed]).toEqual([
      { speed: 16_000, duplex: 1 },
      { speed: 100, duplex: 0 },
    ]);
  });
});
