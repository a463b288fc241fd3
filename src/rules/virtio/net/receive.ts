import type { BitSet } from '../../../core/bit-set.ts';
import { bytesText } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import { FRAME_MAX, NET_FEATURE, netHeaderSize } from '../../../virtio/net/registers.ts';
import { buffers, type ChainKnows } from './framing.ts';

const { GUEST_TSO4, MRG_RXBUF } = NET_FEATURE;
/** Least receive buffer with GSO and without MRG_RXBUF, header included, as versions 1.0 to 1.3 have it. */
const GSO_BUFFER = 65_562;

const RECEIVE_BUFFERS = 'virtio 1.4, Setting Up Receive Buffers';

/** How large receive buffers are. Each is looked at when a frame comes and takes it. */
export const RECEIVE = {
  'virtio/NET-RXB-D1': {
    strength: 'SHOULD',
    where: RECEIVE_BUFFERS,
    text: 'No MRG_RXBUF, guest GSO on: each buffer holds 65562 bytes (versions 1.0 to 1.3; 1.4 asks for 65601)',
    advice: 'Offer buffers of 65562 bytes, accept MRG_RXBUF, or leave the receive offloads.',
    on: 'buffer',
    when: (k) => !merges(k.accepted) && k.accepted.has(GUEST_TSO4),
    kept: (k) => k.bytes >= GSO_BUFFER,
    said: size,
    facts: buffers,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-RXB-D2': {
    strength: 'SHOULD',
    where: RECEIVE_BUFFERS,
    text: 'No MRG_RXBUF, no guest GSO: each buffer holds hdr + 1514 bytes',
    advice: 'Offer buffers of the header and 1514 bytes at least: a whole Ethernet frame.',
    on: 'buffer',
    when: (k) => !merges(k.accepted) && !k.accepted.has(GUEST_TSO4),
    kept: (k) => k.bytes >= netHeaderSize(k.accepted) + FRAME_MAX,
    said: size,
    facts: buffers,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-RXB-D3': {
    strength: 'MUST',
    where: RECEIVE_BUFFERS,
    text: 'MRG_RXBUF: each buffer at least holds the header',
    advice: 'Offer buffers of 12 bytes at least; whole pages waste less.',
    on: 'buffer',
    when: (k) => merges(k.accepted),
    kept: (k) => k.bytes >= netHeaderSize(k.accepted),
    said: size,
    facts: buffers,
    since: (k) => k.negotiatedAt,
  },
} as const satisfies Rules<ChainKnows, 'buffer'>;

function merges(accepted: BitSet): boolean {
  return accepted.has(MRG_RXBUF);
}

function size({ bytes }: ChainKnows): string {
  return `a receive buffer has ${bytesText(bytes)}`;
}
