import type { Gpa } from '../../../src/core/bits.ts';
import { PROTOCOL, TCP_FLAGS, tcp } from '../../../src/net/frame/headers.ts';
import { makeFrame, partsOf } from '../../../src/net/frame/make.ts';
import {
  ETHERNET_HEADER,
  NET_HDR_F,
  NET_HDR_GSO,
  NET_HDR_SIZE,
  virtio_net_config,
} from '../../../src/virtio/net/registers.ts';
import { VIRTQ_DESC_F } from '../../../src/virtio/registers.ts';
import type { BareDevice } from './bare-device.ts';
import { type Feature, headerOf, onNic, RECEIVE, readable, room, SEND, sends } from './bare-nic.ts';
import { onDevice, type Play, RAM } from './play.ts';
import type { Buffer, SplitRing } from './split-ring.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const { NEEDS_CSUM, DATA_VALID, RSC_INFO } = NET_HDR_F;
const { TCPV4, UDP_L4 } = NET_HDR_GSO;
const BEYOND = 0xe000_0000;
const MMIO = 0xfebf_0000;
const END = 2 ** 64 - 4096;
const LAST = RAM - 32;
const MSS = 1400;
const NO_GSO = 2;

const { upper, payload } = partsOf();
const LARGE = { payload: new Uint8Array(4000), sum: 'partial' } as const;
const UDP = { ...LARGE, protocol: PROTOCOL.UDP } as const;
const udp = partsOf(UDP);
/** What the card is to fill in. */
const OPEN = { flags: NEEDS_CSUM, csum_start: upper, csum_offset: tcp.offset.checksum };
/** Large frames for it to cut, as they should be. */
const TSO = { ...OPEN, gso_type: TCPV4, gso_size: MSS, hdr_len: payload };
const USO = { ...OPEN, csum_offset: udp.field, gso_type: UDP_L4, gso_size: MSS, hdr_len: udp.payload };
const PARTIAL = makeFrame({ sum: 'partial' });
const CSUM: readonly Feature[] = ['CSUM'];
const CUTS: readonly Feature[] = ['CSUM', 'HOST_TSO4'];
const CUTS_UDP = { features: ['CSUM', 'HOST_USO'], offer: ['HOST_USO'], frame: makeFrame(UDP) } as const;
const TWO = { pairs: 2, features: ['MQ', 'CTRL_VQ'] } as const;

const open = (header: object): Play => sends({ ...OPEN, ...header }, { frame: PARTIAL, features: CSUM });
const cut = (header: object): Play =>
  sends({ ...TSO, ...header }, { frame: makeFrame(LARGE), features: CUTS });
const uncut: Play = sends(USO, { frame: makeFrame(UDP), features: CSUM });
/** Nothing but this to receive into, and a frame that comes. */
const receives = (fill: (ring: SplitRing, device: BareDevice) => void): Play =>
  onNic(
    (rings, device) => {
      fill(rings[RECEIVE]!, device);
      rings[SEND]!.send(headerOf(device), readable(device, makeFrame()));
    },
    { hungry: true },
  );
const into = (...buffers: readonly Buffer[]): Play => receives((ring) => ring.post(...buffers));
const intoRoom = (length: number, write: boolean): Play =>
  receives((ring, device) => ring.post({ ...room(device, length), write }));
const short = (length: number): Play =>
  onNic((rings, device) => rings[SEND]!.send(readable(device, new Uint8Array(length))));
const behindHeader = (address: Gpa | null, length: number): Play =>
  onNic((rings, device) =>
    rings[SEND]!.send(headerOf(device), { address: address ?? device.room(PARTIAL.length), length }),
  );
/** A descriptor of its own making. */
const made = (flags: number, next: number) => (ring: SplitRing, device: BareDevice) => {
  ring.put(1, room(device), flags, next);
  ring.offer(1);
  ring.kick();
};
const sendsMade = (flags: number, next: number): Play =>
  onNic((rings, device) => made(flags, next)(rings[SEND]!, device));
const receivesMade = (flags: number, next: number): Play => receives(made(flags, next));
/** A frame in an indirect table of two entries. */
const table = (next: number, bytes = 32): Play =>
  onNic(
    (rings, device) => {
      const ring = rings[SEND]!;
      const entries = device.room(32);
      ring.put(0, headerOf(device), NEXT, next, entries);
      ring.put(1, readable(device, PARTIAL), 0, 0, entries);
      ring.put(0, { address: entries, length: bytes }, INDIRECT);
      ring.offer(0);
      ring.kick();
    },
    { ring: 'INDIRECT_DESC' },
  );

/** How tests of a network card's frames are played, by their numbers. */
export const NET_PLAYS: Readonly<Record<string, Play>> = {
  N0001: sends({}, { frame: makeFrame({ payload: new Uint8Array(60_000) }) }),
  N0002: short(NET_HDR_SIZE.legacy),
  N0003: sends({ ...TSO, gso_type: NO_GSO }, { frame: makeFrame(LARGE), features: CSUM }),
  N0004: open({ csum_offset: 0xfff0 }),
  N0005: intoRoom(2048, false),
  N0007: cut({ flags: 0 }),
  N0008: open({ flags: 0 }),
  N0009: intoRoom(2048, false),
  N0010: onNic((rings, device) => rings[SEND]!.send(headerOf(device), room(device))),
  N0013: onNic((_, device) => device.kick(SEND, 99)),
  N0017: sends({}, { frame: makeFrame({ payload: new Uint8Array(32_000) }) }),
  N0018: sends({ flags: DATA_VALID | RSC_INFO }, { features: CSUM }),
  N0021: sends({ num_buffers: 3 }),
  N0023: into({ address: 4096, length: 0, write: true }),
  N0025: intoRoom(8, true),
  N0027: sends({ ...TSO, gso_type: 0x7f }, { frame: makeFrame(LARGE), features: CUTS }),
  N0029: open({ csum_start: 0xf000 }),
  N0030: cut({ hdr_len: 0 }),
  N0031: intoRoom(1, true),
  N0034: onNic((rings, device) => rings[SEND]!.send(room(device))),
  N0037: sends({ num_buffers: 3 }),
  N0039: receives((ring, device) => ring.post(readable(device, PARTIAL), room(device))),
  N0042: cut({ hdr_len: ETHERNET_HEADER }),
  N0043: onNic((rings, device) => rings[SEND]!.send(room(device))),
  N0047: onDevice('net', (device) => {
    device.live([RECEIVE, SEND], 5);
    device.config(virtio_net_config.offset.speed, 4);
  }),
  N0049: sends({}, { ...TWO, queue: 3 }),
  N0051: onNic(
    (rings, device) => {
      const header = new Uint8Array(NET_HDR_SIZE.hash).fill(0xff, NET_HDR_SIZE.mergeable);
      rings[SEND]!.send(readable(device, header), readable(device, makeFrame()));
    },
    { features: ['CTRL_VQ', 'HASH_REPORT'], offer: ['HASH_REPORT'] },
  ),
  N0052: short(1),
  N0055: sends(TSO, {
    frame: makeFrame({ ...LARGE, flags: TCP_FLAGS.mask.ACK | TCP_FLAGS.mask.CWR }),
    features: CUTS,
  }),
  N0056: uncut,
  N0068: sends({}, { ...TWO, queue: 3 }),
  N0085: behindHeader(null, 0xffff_ffff),
  N0086: sends({ ...USO, csum_offset: 0xfff0 }, CUTS_UDP),
  N0088: uncut,
  N0096: uncut,
  N0097: sends({ ...USO, csum_start: 0xf000 }, CUTS_UDP),
  N0098: sends({ ...USO, gso_size: 0 }, CUTS_UDP),
  N0099: sends(
    { ...USO, hdr_len: 0xf000 },
    {
      ...CUTS_UDP,
      features: ['CSUM', 'HOST_USO', 'GUEST_HDRLEN'],
      offer: ['HOST_USO', 'GUEST_HDRLEN'],
    },
  ),
  N0112: into({ address: LAST, length: 4096, write: true }),
  N0113: behindHeader(null, 0),
  N0114: short(4),
  N0115: into({ address: 4096, length: 0xffff_ffff, write: true }),
  N0117: open({ csum_start: 0x200 }),
  N0119: cut({ gso_size: 0 }),
  N0121: into({ address: MMIO, length: 1500, write: true }),
  N0132: sends({ ...OPEN, flags: NEEDS_CSUM | DATA_VALID | RSC_INFO }, { frame: PARTIAL, features: CSUM }),
  N0151: short(NET_HDR_SIZE.mergeable),
  N0180: behindHeader(END, 8192),
  N0181: sendsMade(INDIRECT, 0),
  N0182: sendsMade(NEXT, 1),
  N0183: sendsMade(NEXT, 0x1000),
  N0184: behindHeader(BEYOND, 60),
  N0186: sendsMade(NEXT | WRITE | INDIRECT, 2),
  N0187: behindHeader(null, 0),
  N0189: receivesMade(INDIRECT, 0),
  N0190: receivesMade(WRITE | NEXT, 1),
  N0191: receivesMade(WRITE | NEXT, 0x1000),
  N0192: into({ address: BEYOND, length: 1500, write: true }),
  N0193: receivesMade(NEXT | WRITE | INDIRECT, 2),
  N0195: table(1, 0),
  N0196: table(0),
  N0197: table(1, 17),
  N0198: table(9),
};
