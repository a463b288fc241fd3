import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { type NicDriver, virtioNet } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { makeFrame } from '../../net/frame/make.ts';
import type { Strictness } from '../faults/strictness.ts';
import { PLAIN } from '../manners.ts';
import { ANY_LAYOUT, CTRL_VQ, GUEST_CSUM, header, MQ, NetRig, plain } from './net-rig.ts';

const MTU = 3;
const BOTH = ['lenient', 'strict'] as const;
/** A card of two pairs. */
const [SECOND_TX, CONTROL] = [3, 4];

function legacy(strictness: Strictness) {
  const rig = new NetRig({ pairs: 2, offer: [MTU], manners: { ...PLAIN, strictness } });
  return rig.start(ANY_LAYOUT, CTRL_VQ, MQ, MTU, GUEST_CSUM);
}
const enable = (rig: NetRig, pairs: number) => rig.send(CONTROL, hex('0400'), hex(`0${pairs}00`), 1);

describe('a frame on an unused queue', () => {
  test('is taken by both, sent by a lenient card, and lost by a strict one', () => {
    const seen = BOTH.map((strictness) => {
      const rig = legacy(strictness);
      rig.send(SECOND_TX, header(), plain(60));
      enable(rig, 2);
      rig.send(SECOND_TX, header(), plain(61));
      enable(rig, 1);
      rig.send(SECOND_TX, header(), plain(62));
      return { sent: rig.wire.frames.map(({ length }) => length), used: rig.guests[SECOND_TX]!.usedIdx };
    });
    expect(seen).toEqual([
      { sent: [60, 61, 62], used: 3 },
      { sent: [61], used: 3 },
    ]);
  });

  test('is a finding, however the card reacts', () => {
    const [lenient, strict] = BOTH.map((strictness) => {
      const rig = legacy(strictness);
      rig.send(SECOND_TX, header(), plain(60));
      return rig.said;
    });
    expect(lenient).toEqual([expect.stringContaining('MQ-D3')]);
    expect(strict).toEqual(lenient);
  });

  test('is sent if it was offered before the queue became unused', () => {
    const rig = legacy('strict');
    enable(rig, 2);
    const guest = rig.guests[SECOND_TX]!;
    guest.offer(guest.chain(header(), plain(60)));
    enable(rig, 1);
    expect(rig.wire.frames).toHaveLength(1);
  });

  test.each([
    [1, 1],
    [2, 2],
  ])('is one beyond max_tx_vq: with %i of 2, of two frames %i are sent', (transmit, frames) => {
    const machine = gceN1({ virtio: 'modern', strictness: 'strict', nics: [{ queues: 2, offer: ['RSS'] }] });
    const nic: NicDriver = machine.attach(virtioNet({ interrupts: 'polled' }));
    nic.setPairs(2);
    nic.commands.steer({ table: [0, 1], transmit });
    nic.send(makeFrame(), 0);
    nic.send(makeFrame(), 1);
    expect(machine.nics[0]!.sentTotal).toBe(frames);
  });
});

describe('a frame longer than mtu', () => {
  /** 1460 is the card's mtu; plus 14 bytes of Ethernet, and four of a tag. */
  const tagged = plain(14 + 4 + 1460)
    .fill(0x81, 12, 13)
    .fill(0, 13, 14);

  test.each([
    ['lenient', [1474, 1475, 1478]],
    ['strict', [1474, 1478]],
  ] as const)('is sent by a %s card or not', (strictness, sent) => {
    const rig = legacy(strictness);
    for (const frame of [plain(1474), plain(1475), tagged]) rig.send(1, header(), frame);
    expect(rig.wire.frames.map(({ length }) => length)).toEqual(sent);
    expect(rig.journal.count('virtio/NET-CFG-D9')).toBe(1);
  });

  test('is sent by a strict card nevertheless if its driver did not accept MTU', () => {
    const rig = new NetRig({ offer: [MTU], manners: { ...PLAIN, strictness: 'strict' } }).start(ANY_LAYOUT);
    rig.send(1, header(), plain(1475));
    expect(rig.wire.frames).toHaveLength(1);
  });
});
