import { describe, expect, test } from 'vitest';
import { type NicDriver, virtioNet } from '../src/guest/index.ts';
import { gceN1 } from '../src/index.ts';
import { fragmentsOf, frameOf, largeFrame } from '../src/net/offload/large-frame-rig.ts';
import { modern, received } from './nics.ts';

const SECOND = 1_000_000_000;
const GUEST_CSUM = 1 << 1;
const GUEST_UFO = 1 << 10;
/** virtio 1.4's: NEEDS_CSUM, and the gso_type UDP. */
const [NEEDS_CSUM, UDP] = [1, 3];
const DATAGRAM = largeFrame({ version: 6, protocol: 'udp' });
const FRAGMENTS = fragmentsOf(DATAGRAM, 1448, 77);

const withUfo = (options: { mergeable?: boolean } = {}) =>
  modern({ offer: ['GUEST_UFO', 'CTRL_GUEST_OFFLOADS'], ...options });

describe('a card with GUEST_UFO', () => {
  test.each([true, false])(
    'gives a driver one datagram for fragments that come one by one (mergeable: %s)',
    (mergeable) => {
      const { machine, nic, card } = withUfo({ mergeable });
      for (const one of [...FRAGMENTS].reverse()) card.receive(one);
      expect(received(nic)).toEqual([frameOf(DATAGRAM, 'partial')]);
      expect(nic.header).toMatchObject({
        flags: NEEDS_CSUM,
        gso_type: UDP,
        gso_size: 1448,
        hdr_len: 62,
        csum_start: 54,
        csum_offset: 6,
      });
      expect(machine.findings).toEqual([]);
    },
  );

  test('gives up a datagram that is incomplete after 15 seconds, and its fragments come unchanged', () => {
    const { machine, nic, card } = withUfo();
    card.receive(...FRAGMENTS.slice(1));
    const before = machine.now;
    const first = nic.receiveWithin(60 * SECOND);
    expect(machine.now - before).toBeGreaterThan(14.9 * SECOND);
    expect(machine.now - before).toBeLessThan(15.1 * SECOND);
    expect([first, ...received(nic)]).toEqual(FRAGMENTS.slice(1));
  });

  test('passes fragments on, waiting and held ones, when its driver turns reassembly off', () => {
    const { nic, card } = withUfo({ mergeable: false });
    // More than there are buffers: the last wait as one frame each.
    const many = Array.from({ length: 4090 }, () => new Uint8Array(60).fill(0xff));
    card.receive(...many);
    card.receive(...FRAGMENTS, ...FRAGMENTS.slice(3));
    nic.setOffloads(GUEST_CSUM);
    const frames = received(nic).filter(({ length }) => length > 60);
    expect(frames).toEqual([...FRAGMENTS, ...FRAGMENTS.slice(3)]);
    card.receive(...FRAGMENTS);
    expect(received(nic)).toEqual(FRAGMENTS);
    nic.setOffloads(GUEST_CSUM | GUEST_UFO);
    card.receive(...FRAGMENTS);
    expect(received(nic)).toHaveLength(1);
  });

  test('forgets what it held, by a reset', () => {
    const { machine, nic, card } = withUfo();
    card.receive(...FRAGMENTS.slice(1));
    nic.suspend();
    nic.resume();
    card.receive(FRAGMENTS[0]!);
    expect(received(nic)).toEqual([]);
    expect(machine.findings).toEqual([]);
  });
});

test('without GUEST_UFO fragments come unchanged', () => {
  const machine = gceN1({ virtio: 'modern', nics: [{ offer: ['GUEST_USO4', 'GUEST_USO6'] }] });
  const nic: NicDriver = machine.attach(virtioNet({ interrupts: 'polled' }));
  machine.nics[0]!.receive(...FRAGMENTS);
  expect(received(nic)).toEqual(FRAGMENTS);
});
