import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { type Knows, Watch } from '../../../core/watch.ts';

const INCOMING = 'virtio 1.4, Processing of Incoming Packets';
const OUTGOING = 'virtio 1.4, Packet Transmission';

/** Odd frames that a card received, or plain ones, also those that it sent, and what its driver made of them. */
export interface DeliveryKnows extends Knows {
  /** What is odd about some of the frames. */
  readonly oddity: Oddity | Plain;
  /** Odd frames that were not delivered as they came, as text: `frame 3, 60 bytes`. */
  readonly lost: string | null;
  /** A delivered frame that never came, or one with bytes that did not come. */
  readonly strange: string | null;
  /** An odd frame that was delivered. */
  readonly taken: string | null;
}

export type Oddity =
  | 'flags'
  | 'checksum'
  | 'hdr_len'
  | 'tunnel_offsets'
  | 'tunnel_both'
  | 'tunnel_unsound'
  | 'tunnel_csum'
  | 'merged'
  | 'spoil';

/** Nothing is odd: frames that came, frames that were sent, and more than a ring has room for. */
export type Plain = 'plain' | 'sent' | 'many';

/** Rules on what a driver delivers of odd frames. Judged only if plain frames among them were delivered. */
export const DELIVERIES = {
  'virtio/NET-RX-D1': {
    where: INCOMING,
    text: 'A driver MUST ignore unknown bits in flags of a received frame.',
    advice: 'Test only the bits of flags that you know.',
    on: 'received',
    when: (k) => k.oddity === 'flags',
    kept: (k) => k.lost === null,
    said: (k) => `${k.lost} with an undefined flag was not received as it came`,
  },
  'virtio/NET-RX-D3': {
    where: INCOMING,
    text: 'A driver MUST NOT use csum_start or csum_offset of a received frame without NEEDS_CSUM, or with RSC_INFO.',
    advice: 'Read csum_start and csum_offset only if flags has NEEDS_CSUM.',
    on: 'received',
    when: (k) => k.oddity === 'checksum',
    kept: (k) => k.lost === null,
    said: (k) =>
      `${k.lost} with wild csum_start and csum_offset, without NEEDS_CSUM, was not received as it came`,
  },
  'virtio/NET-RX-D4': {
    where: INCOMING,
    text: 'A driver MUST NOT rely on hdr_len of a received frame: it is a hint.',
    advice: 'Find the headers in the frame itself, or drop it.',
    on: 'received',
    when: (k) => k.oddity === 'hdr_len',
    kept: (k) => k.strange === null,
    said: (k) => `${k.strange} was received, but no frame like it was sent; hdr_len was wrong`,
  },
  'virtio/NET-RX-D6': {
    where: INCOMING,
    text: 'A driver MUST NOT accept a frame that has both tunnel GSO bits.',
    advice:
      'Drop a frame with both UDP_TUNNEL_IPV4 and UDP_TUNNEL_IPV6 in gso_type: a packet is of one kind.',
    on: 'received',
    when: (k) => k.oddity === 'tunnel_both',
    kept: (k) => k.taken === null,
    said: (k) => `${k.taken} was received, with both bits of tunnels in gso_type`,
  },
  'virtio/NET-RX-D7': {
    where: INCOMING,
    text: 'A driver MUST NOT use the tunnel offsets of a received frame without a tunnel GSO bit.',
    advice: 'Read outer_th_offset and inner_nh_offset only if gso_type names a tunnel.',
    on: 'received',
    when: (k) => k.oddity === 'tunnel_offsets',
    kept: (k) => k.lost === null,
    said: (k) =>
      `${k.lost} with wild outer_th_offset and inner_nh_offset, and no tunnel, was not received as it came`,
  },
  'virtio/NET-RX-D8': {
    where: INCOMING,
    text: 'A driver MUST NOT accept a tunnel GSO frame that lacks NEEDS_CSUM, has DATA_VALID, or has base type NONE.',
    advice:
      'Drop a frame with a tunnel GSO bit that does not say how its checksum is completed and how it is cut.',
    on: 'received',
    when: (k) => k.oddity === 'tunnel_unsound',
    kept: (k) => k.taken === null,
    said: (k) =>
      `${k.taken} was received, with a tunnel in gso_type, and without NEEDS_CSUM, with DATA_VALID or with nothing to be cut`,
  },
  'virtio/NET-RX-D9': {
    where: INCOMING,
    text: 'A driver MUST NOT accept a frame with UDP_TUNNEL_CSUM and NEEDS_CSUM, but without a tunnel GSO bit.',
    advice:
      'Drop a frame with UDP_TUNNEL_CSUM in flags and no tunnel in gso_type: where that checksum is cannot be known.',
    on: 'received',
    when: (k) => k.oddity === 'tunnel_csum',
    kept: (k) => k.taken === null,
    said: (k) => `${k.taken} was received, with UDP_TUNNEL_CSUM, and without a tunnel in gso_type`,
  },
  'virtio/NET-RX-IMP-1': {
    where: INCOMING,
    text: 'A driver with MRG_RXBUF MUST take as many buffers for a frame as num_buffers says.',
    advice:
      'Take num_buffers from the header of the first buffer, and join that many: only the first has a header.',
    on: 'received',
    when: (k) => k.oddity === 'merged',
    kept: (k) => k.strange === null,
    said: (k) =>
      `${k.strange} was received, but no frame like it was sent; some that were sent take several buffers`,
  },
  'virtio/NET-RX-IMP-2': {
    where: INCOMING,
    text: 'A driver MUST take the header off a received frame, all of it and nothing else.',
    advice:
      'Begin behind the header, which has 10 bytes, 12 with MRG_RXBUF or VERSION_1, more with HASH_REPORT, and end where the used length says: that counts the header, too.',
    on: 'received',
    when: (k) => k.oddity === 'plain',
    kept: (k) => k.strange === null,
    said: (k) => `${k.strange} was received`,
  },
  'virtio/NET-IMP-12': {
    where: OUTGOING,
    text: 'A driver MUST send a frame whole, and nothing behind it.',
    advice:
      'Let the descriptors behind the header have as many bytes as the frame: no frame check sequence, no rounding up; 1500 bytes of payload and 14 of Ethernet are 1514.',
    on: 'received',
    when: (k) => k.oddity === 'sent',
    kept: (k) => k.strange === null,
    said: (k) => `${k.strange} came out at the wire`,
  },
  'virtio/NET-IMP-14': {
    where: OUTGOING,
    text: 'A driver MUST have room again for what it sends once the card has given back all that was sent.',
    advice:
      'Take each chain that was used out of the ring, and count all of its descriptors as free: in a packed ring the next used one is as many further on.',
    on: 'received',
    when: (k) => k.oddity === 'many',
    kept: (k) => k.lost === null,
    said: (k) => `there was no room for ${k.lost}, though the card had sent and given back all of those`,
  },
  'virtio/VQ-USED-D1': {
    where: 'virtio 1.4, The Virtqueue Used Ring',
    text: 'A driver MUST NOT make assumptions about buffer bytes past the used length.',
    advice: 'Take only as many bytes of a buffer as its used entry says.',
    on: 'received',
    when: (k) => k.oddity === 'spoil',
    kept: (k) => k.strange === null,
    said: (k) => `${k.strange} was received, with bytes that lay behind the frame in its buffer`,
  },
} as const satisfies Rules<DeliveryKnows, 'received'>;

/**
 * Compares what a driver delivered with what came. It sees no device: the peer that sent the frames calls it.
 *
 * @example
 * new DeliveryWatch(journal).received({ subject: 'net0', oddity: 'flags', lost: null, strange: null, taken: null });
 */
export class DeliveryWatch {
  private readonly on;

  constructor(journal: Journal) {
    this.on = new Watch(journal, DELIVERIES).on;
  }

  received(knows: DeliveryKnows): void {
    this.on.received.tell(knows);
  }
}
