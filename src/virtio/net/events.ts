import type { ByteReader } from '../../core/byte-reader.ts';
import type { EventTable } from '../../core/compose.ts';
import { VIRTIO_EVENTS, type VirtioEvents } from '../events.ts';
import { ADMIN_EVENTS, type AdminEvents } from '../features/admin/events.ts';
import type { Chain } from '../queue/virtqueue.ts';

export type { Chain };

/** A frame to transmit, and the fields of its header; reused from frame to frame. */
export interface SentFrame {
  /** As given by the driver, from the destination address on: valid only during the call. */
  frame: Uint8Array;
  flags: number;
  gsoType: number;
  hdrLen: number;
  gsoSize: number;
  csumStart: number;
  csumOffset: number;
  /** 0 if the header has no such field. */
  numBuffers: number;
  /** The bits of hash_value, hash_report and the two bytes after them, all ORed; 0 if the header has none. */
  hash: number;
  /** For a tunnel: the place of its UDP header, and of the inner packet. 0 if the header has no such fields. */
  outerTransport: number;
  innerNetwork: number;
  /** 0 if the header has no such field. */
  outerNetwork: number;
}

/** A header of zeros without a frame. */
export function nothingSent(): SentFrame {
  return {
    frame: new Uint8Array(0),
    flags: 0,
    gsoType: 0,
    hdrLen: 0,
    gsoSize: 0,
    csumStart: 0,
    csumOffset: 0,
    numBuffers: 0,
    hash: 0,
    outerTransport: 0,
    innerNetwork: 0,
    outerNetwork: 0,
  };
}

/** What a network card reports to the watcher of its driver, besides the events of every virtio device. */
export interface NetEvents extends VirtioEvents, AdminEvents {
  /** The driver stored `value` to byte `offset` of the configuration. */
  configWritten(offset: number, value: number): void;
  /** The card took a frame out of a transmit queue. */
  sends(queue: number, chain: Chain, sent: SentFrame): void;
  /** The card took a chain out of a transmit queue that is too short or too long for a frame. */
  drops(queue: number, chain: Chain): void;
  /** The card took a chain out of a receive queue for a frame. */
  buffer(queue: number, chain: Chain): void;
  /**
   * The card took a chain out of the control queue. Class and number are -1 if the chain ends before them; the data are
   * valid only during the call.
   */
  command(queue: number, chain: Chain, className: number, number: number, data: ByteReader): void;
  /** Its answer to that command, with the result after the ack. */
  answered(ok: boolean, result: Uint8Array): void;
  /** Command VQ_PAIRS_SET took effect; `missing` is the first queue of these pairs that is not set up, or -1. */
  pairsSet(queue: number, pairs: number, missing: number): void;
  /** Command RSS_CONFIG took effect: frames are received on these pairs, and the first `transmit` are to send. */
  steered(receive: ReadonlySet<number>, transmit: number): void;
  /** The card asks for an announcement; `told` if the driver gets an interrupt for it. */
  announces(told: boolean): void;
  /** The link changed for a driver that accepted STATUS; `told` if it gets an interrupt for it. */
  linkChanged(told: boolean): void;
  /** Speed or duplex changed. */
  speedChanged(told: boolean): void;
}

export const NET_EVENTS = {
  ...VIRTIO_EVENTS,
  ...ADMIN_EVENTS,
  configWritten: 2,
  sends: 3,
  drops: 2,
  buffer: 2,
  command: 5,
  answered: 2,
  pairsSet: 3,
  steered: 2,
  announces: 1,
  linkChanged: 1,
  speedChanged: 1,
} as const satisfies EventTable<NetEvents>;
