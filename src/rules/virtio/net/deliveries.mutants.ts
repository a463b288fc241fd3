import { attachedBehind } from '../../../conformance/broken/behind.ts';
import type { BrokenDriver } from '../../../conformance/broken/broken-driver.ts';
import { misreadMemory } from '../../../conformance/broken/misreads.ts';
import { rewriteLengths } from '../../../conformance/broken/rewrite-lengths.ts';
import { receivedBy } from '../../../conformance/net-traffic.ts';
import { compareFrames, deliver } from '../../../conformance/scenarios/deliveries.ts';
import { framesOf, PEER, sendAll } from '../../../conformance/scenarios/frames.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { Random } from '../../../core/random.ts';
import { type NicDriver, virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import {
  ETHERNET_MTU,
  NET_HDR_F,
  NET_HDR_GSO,
  NET_HDR_SIZE,
  NET_HDR_UDP_TUNNEL,
  virtio_net_hdr,
} from '../../../virtio/net/registers.ts';
import type { ClauseId } from '../../index.ts';
import type { Oddity } from './deliveries.ts';

const { flags: FLAGS, gso_type: GSO_TYPE, num_buffers: NUM_BUFFERS } = virtio_net_hdr.offset;
const { NEEDS_CSUM } = NET_HDR_F;
const { TCPV4 } = NET_HDR_GSO;
const { CSUM, GSO_IPV4, GSO_IPV6 } = NET_HDR_UDP_TUNNEL;
/** All flags of 1.0. */
const KNOWN_FLAGS = 3;
const HEADERS = 54;
const MUCH = 8;
const RECEIVE = 0;
/** Those of every boundary length; and what precedes a frame that lies in one buffer. */
const FRAMES = 15;
const FEW = 8;
const NUM_BUFFERS_ONE = [1, 0];
const CHECK_SEQUENCE = [0, 0, 0, 0];

/** The good network driver, which passes on the result of `mistake` for a frame; null drops it. */
function handingOn(
  name: string,
  clause: ClauseId,
  oddity: Oddity,
  mistake: (frame: Uint8Array, nic: NicDriver) => Uint8Array | null,
  through: (port: GuestPort) => GuestPort = (port) => port,
): BrokenDriver {
  const good = virtioNet({ interrupts: 'polled' });
  return {
    clause,
    machine: () => gceN1(optionsFor(oddity)),
    model: {
      name,
      drivers: [attachedBehind(good, through)],
      run: (_port, handles, machine) => {
        const nic = handles.find((handle) => handle !== undefined) as NicDriver;
        deliver(machine, oddity, () => receivedBy(nic).flatMap((frame) => mistake(frame, nic) ?? []));
      },
    },
  };
}

function optionsFor(oddity: Oddity): MachineOptions {
  if (oddity === 'spoil') return { completion: { spoil: true } };
  if (oddity === 'merged') return {};
  if (!oddity.startsWith('tunnel')) return { nics: [{ oddHeaders: [oddity] }] };
  return { virtio: 'modern', nics: [{ oddHeaders: [oddity], offer: ['GUEST_UDP_TUNNEL_GSO_CSUM'] }] };
}

/** The good network driver, which makes `mistake` of each plain frame that it is given or is to send. */
function misshaping(
  name: string,
  clause: ClauseId,
  oddity: 'plain' | 'sent',
  mistake: (frame: Uint8Array) => Uint8Array,
): BrokenDriver {
  return {
    clause,
    machine: gceN1,
    model: {
      name,
      drivers: [virtioNet({ interrupts: 'polled' })],
      run: (_port, handles, machine) => {
        const nic = handles.find((handle) => handle !== undefined) as NicDriver;
        const [card] = machine.nics;
        const frames = framesOf(new Random(machine.seed), FRAMES, card!.mac, PEER);
        if (oddity === 'plain') card!.receive(...frames);
        else for (const frame of frames) nic.send(mistake(frame));
        const got = oddity === 'plain' ? receivedBy(nic).map(mistake) : card!.sent;
        compareFrames(machine, oddity, got, frames);
      },
    },
  };
}

/** The good network driver, which after some frames has no room for another. */
const losesRoom: BrokenDriver = {
  clause: 'virtio/NET-IMP-14',
  machine: gceN1,
  model: {
    name: 'forgets descriptors of what it sent',
    drivers: [virtioNet({ interrupts: 'polled' })],
    run: (_port, handles, machine) => {
      const nic = handles.find((handle) => handle !== undefined) as NicDriver;
      let room = FEW;
      const frames = framesOf(new Random(machine.seed), FRAMES, PEER, machine.nics[0]!.mac);
      const send = (frame: Uint8Array) => {
        if (room > 0) nic.send(frame);
        return room-- > 0;
      };
      sendAll({ machine, send }, frames);
    },
  },
};

/** The headers of received frames, as read, flags and gso_type first. */
function misreadHeaders(misread: (header: Uint8Array) => void): (port: GuestPort) => GuestPort {
  return (port) =>
    misreadMemory(port, (bytes) => {
      if (bytes.length >= NET_HDR_SIZE.tunnel) misread(bytes);
    });
}

/** They believe a device's claims about a frame that must not be believed. */
export const MUTANTS: readonly BrokenDriver[] = [
  handingOn('drops frames with a flag that it does not know', 'virtio/NET-RX-D1', 'flags', (frame, nic) =>
    (nic.header!.flags & ~KNOWN_FLAGS) === 0 ? frame : null,
  ),
  handingOn('drops frames whose csum_start is far out', 'virtio/NET-RX-D3', 'checksum', (frame, nic) =>
    nic.header!.csum_start < frame.length - 1 ? frame : null,
  ),
  handingOn('cuts headers where hdr_len says', 'virtio/NET-RX-D4', 'hdr_len', (frame, nic) =>
    Uint8Array.from([...frame.subarray(0, nic.header!.hdr_len), ...frame.subarray(HEADERS)]),
  ),
  handingOn(
    'drops frames with offsets of a tunnel far out',
    'virtio/NET-RX-D7',
    'tunnel_offsets',
    (frame, nic) => (nic.header!.inner_nh_offset < frame.length ? frame : null),
  ),
  handingOn(
    'looks for one kind of tunnel before the other',
    'virtio/NET-RX-D6',
    'tunnel_both',
    (frame) => frame,
    misreadHeaders((header) => {
      if ((header[GSO_TYPE]! & GSO_IPV4) !== 0) header[GSO_TYPE]! &= ~GSO_IPV6;
    }),
  ),
  handingOn(
    'takes from a tunnel whatever comes',
    'virtio/NET-RX-D8',
    'tunnel_unsound',
    (frame) => frame,
    misreadHeaders((header) => {
      if ((header[GSO_TYPE]! & GSO_IPV4) === 0) return;
      header[FLAGS] = NEEDS_CSUM;
      header[GSO_TYPE]! |= TCPV4;
    }),
  ),
  handingOn(
    'overlooks a checksum around where no tunnel is',
    'virtio/NET-RX-D9',
    'tunnel_csum',
    (frame) => frame,
    misreadHeaders((header) => {
      header[FLAGS]! &= ~CSUM;
    }),
  ),
  handingOn(
    'takes each buffer for a frame',
    'virtio/NET-RX-IMP-1',
    'merged',
    (frame) => frame,
    misreadHeaders((header) => {
      header.set([1, 0], NUM_BUFFERS);
    }),
  ),
  misshaping('takes the header to have ten bytes', 'virtio/NET-RX-IMP-2', 'plain', (frame) =>
    Uint8Array.from([...NUM_BUFFERS_ONE, ...frame]),
  ),
  misshaping('takes its header for longer than it is', 'virtio/NET-RX-IMP-2', 'plain', (frame) =>
    frame.subarray(2),
  ),
  misshaping('sends a frame check sequence', 'virtio/NET-IMP-12', 'sent', (frame) =>
    Uint8Array.from([...frame, ...CHECK_SEQUENCE]),
  ),
  misshaping('takes the longest payload for the longest frame', 'virtio/NET-IMP-12', 'sent', (frame) =>
    frame.subarray(0, ETHERNET_MTU),
  ),
  losesRoom,
  handingOn(
    'takes more of a buffer than was written',
    'virtio/VQ-USED-D1',
    'spoil',
    (frame) => frame,
    (port) => rewriteLengths(port, RECEIVE, (length) => length + MUCH),
  ),
];
