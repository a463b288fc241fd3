import { describe, expect, test } from 'vitest';
import type { NicDriver } from '../src/guest/index.ts';
import { makeFrame } from '../src/net/frame/make.ts';
import { modern, received } from './nics.ts';

const OWN = [0x42, 0x01, 0x0a, 0x80, 0x00, 0x02];
const STATION = [2, 0, 0, 0, 0, 9];
const GROUP = [0x33, 0x33, 0, 0, 0, 1];
const ALL = [255, 255, 255, 255, 255, 255];
const VLAN = 0x8100;

/** A frame to that address, in that VLAN. */
function frame(to: readonly number[], vlan?: number): Uint8Array {
  const made = makeFrame({ tags: vlan === undefined ? [] : [VLAN] });
  made.set(to);
  if (vlan !== undefined) made.set([vlan >> 8, vlan & 0xff], 14);
  return made;
}

describe('of frames to itself, to another, to a group and to all', () => {
  const SENT = [frame(OWN), frame(STATION), frame(GROUP), frame(ALL)];
  const offer = ['CTRL_RX', 'CTRL_RX_EXTRA', 'CTRL_MAC_ADDR'] as const;

  test.each<[string, (nic: NicDriver) => unknown, number[]]>([
    ['by default its own and those to all', () => {}, [0, 3]],
    ['with PROMISC every one', ({ commands }) => commands.receive('PROMISC', true), [0, 1, 2, 3]],
    ['with ALLMULTI those to groups, too', ({ commands }) => commands.receive('ALLMULTI', true), [0, 2, 3]],
    ['with ALLUNI those to others, too', ({ commands }) => commands.receive('ALLUNI', true), [0, 1, 3]],
    ['with NOUNI none to an address', ({ commands }) => commands.receive('NOUNI', true), [3]],
    ['with NOBCAST none to all', ({ commands }) => commands.receive('NOBCAST', true), [0]],
    [
      'with NOMULTI none to a group, whatever ALLMULTI says, and those to all',
      ({ commands }) => commands.receive('ALLMULTI', true) && commands.receive('NOMULTI', true),
      [0, 3],
    ],
    [
      'with PROMISC every one, whatever else is off',
      ({ commands }) => commands.receive('NOUNI', true) && commands.receive('PROMISC', true),
      [0, 1, 2, 3],
    ],
    [
      'with a table those in it, too',
      ({ commands }) => commands.filter([Uint8Array.from(STATION)], [Uint8Array.from(GROUP)]),
      [0, 1, 2, 3],
    ],
    [
      'with a table that was emptied its own',
      ({ commands }) => commands.filter([Uint8Array.from(STATION)], []) && commands.filter([], []),
      [0, 3],
    ],
    ['with another address its own', ({ commands }) => commands.setMac(Uint8Array.from(STATION)), [1, 3]],
  ])('%s', (_, ask, expected) => {
    const { nic, card } = modern({ offer: [...offer] });
    ask(nic);
    card.receive(...SENT);
    expect(received(nic)).toEqual(expected.map((i) => SENT[i]));
  });

  test('without CTRL_RX every one', () => {
    const { nic, card } = modern({});
    card.receive(...SENT);
    expect(received(nic)).toEqual(SENT);
  });

  test('after a reset accepted addresses are refused again', () => {
    const { nic, card } = modern({ offer: [...offer] });
    nic.commands.filter([Uint8Array.from(STATION)], []);
    nic.suspend();
    nic.resume();
    card.receive(...SENT);
    expect(received(nic)).toEqual([SENT[0], SENT[3]]);
  });

  test('a table has any length', () => {
    const { nic, card } = modern({ offer: [...offer] });
    const many = Array.from({ length: 5000 }, (_, i) => Uint8Array.of(2, 0, 0, 1, i >> 8, i & 0xff));
    const taken = nic.commands.filter(many, [Uint8Array.from(GROUP)]);
    card.receive(frame([2, 0, 0, 1, 0x13, 0x87]), frame([2, 0, 0, 1, 0x13, 0x88]), frame(GROUP));
    // 4999 is 1387 in hexadecimal, and the last.
    expect([taken, received(nic).map((one) => one[5])]).toEqual([true, [0x87, 1]]);
  });
});

describe('of tagged frames', () => {
  const SENT = [frame(OWN), frame(OWN, 5), frame(OWN, 6)];

  test('only those of added VLANs come in; a priority does not matter, and an untagged frame is not filtered', () => {
    const { nic, card } = modern({ offer: ['CTRL_VLAN'] });
    nic.commands.vlan(5, true);
    nic.commands.vlan(6, true);
    nic.commands.vlan(6, false);
    card.receive(...SENT, frame(OWN, 0xe005));
    expect(received(nic)).toEqual([SENT[0], SENT[1], frame(OWN, 0xe005)]);
  });

  test('all come in without CTRL_VLAN', () => {
    const { nic, card } = modern({ offer: ['CTRL_RX'] });
    card.receive(...SENT);
    expect(received(nic)).toEqual(SENT);
  });
});

test('with MTU no packet comes in that is longer; a tag does not count', () => {
  const { nic, card } = modern({ offer: ['MTU'] });
  const ofLength = (length: number, tags: number[] = []) =>
    makeFrame({ tags, payload: new Uint8Array(length - 40) });
  const sent = [ofLength(1460), ofLength(1461), ofLength(1460, [VLAN])];
  card.receive(...sent);
  expect(received(nic)).toEqual([sent[0], sent[2]]);
});
