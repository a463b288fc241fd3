import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import { bytesText } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import type { Chain } from '../../../virtio/net/events.ts';
import { NET_FEATURE, netHeaderSize } from '../../../virtio/net/registers.ts';
import { FEATURE } from '../../../virtio/registers.ts';

const DEVICE_OPERATION = 'virtio 1.4, Device Operation';
const FRAMING_LEGACY = 'virtio 1.4, Legacy Interface: Framing Requirements';

/** What the rules know of a chain in a transmit or a receive queue. */
export interface ChainKnows extends Knows {
  readonly accepted: BitSet;
  /** When these features were accepted. */
  readonly negotiatedAt: Mark;
  readonly receives: boolean;
  readonly chain: Chain | null;
  /** Bytes in the queue's direction: readable ones in a transmit queue, writable ones in a receive queue. */
  readonly bytes: number;
  /** Bytes in the first of their descriptors. */
  readonly first: number;
  /** Bytes for the other direction. */
  readonly astray: number;
  /** In a transmit queue the header size that the driver seems to use, 0 before the first frame; else the right one. */
  readonly header: number;
}

/** Rules on the layout of a frame's chain, in either direction. */
export const FRAMING = {
  'virtio/NET-FRAME-LEG-D1': {
    where: FRAMING_LEGACY,
    text: 'A driver without ANY_LAYOUT MUST put the packet header into a descriptor of its own, for sending and receiving.',
    advice:
      'Put virtio_net_hdr into its own descriptor, 10 bytes or 12 with MRG_RXBUF; or accept ANY_LAYOUT.',
    on: ['sends', 'drops', 'buffer'],
    // A header of another length breaks NET-TX-D1.
    when: (k) => k.astray === 0 && !anyLayout(k.accepted) && !merged(k) && !isOther(k),
    kept: (k) => k.first === netHeaderSize(k.accepted),
    said: firstText,
    facts: buffers,
    since: (k) => k.negotiatedAt,
    // A header of the wrong size is so in both directions.
    follows: ['virtio/RFEAT-D1', 'virtio/NET-TX-D1'],
    anywhere: true,
  },
  'virtio/NET-FRAME-LEG-D1-MRG': {
    // The same MUST. Every Linux breaks it with MRG_RXBUF, and Compute Engine and QEMU serve it so.
    where: FRAMING_LEGACY,
    text: 'Put the header of a mergeable receive buffer into its own descriptor, unless ANY_LAYOUT was negotiated.',
    advice:
      'Put the 12 bytes of virtio_net_hdr into their own descriptor, before those of the frame; or accept ANY_LAYOUT.',
    on: ['buffer'],
    when: (k) => k.astray === 0 && !anyLayout(k.accepted) && merged(k),
    kept: (k) => k.first === netHeaderSize(k.accepted),
    said: firstText,
    facts: buffers,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-IMP-2': {
    where: DEVICE_OPERATION,
    text: 'A driver MUST use only readable descriptors in transmit chains, and only writable ones in receive chains.',
    advice: 'Set WRITE in every descriptor of a receive chain, and in none of a transmit chain.',
    on: ['sends', 'drops', 'buffer'],
    kept: (k) => k.astray === 0,
    said: (k) => {
      const readable = readableIn(k.chain!);
      return k.receives
        ? `a receive chain has ${descriptors(readable, 'readable')}`
        : `a transmit chain has ${descriptors(k.chain!.count - readable, 'writable')}`;
    },
    facts: buffers,
  },
} as const satisfies Rules<ChainKnows, 'sends' | 'drops' | 'buffer'>;

/** Whether a driver may split its chains into descriptors as it likes. */
export function anyLayout(accepted: BitSet): boolean {
  return accepted.has(FEATURE.ANY_LAYOUT) || accepted.has(FEATURE.VERSION_1);
}

/** Whether it is a receive buffer of those that are merged for a long frame. */
function merged({ receives, accepted }: ChainKnows): boolean {
  return receives && accepted.has(NET_FEATURE.MRG_RXBUF);
}

function isOther({ header, accepted }: ChainKnows): boolean {
  return header !== netHeaderSize(accepted);
}

function firstText({ first, accepted }: ChainKnows): string {
  return `the first descriptor of a chain has ${bytesText(first)}, and the header has ${netHeaderSize(accepted)}`;
}

/** Buffers of a chain that are shown one by one. */
const SHOWN = 32;

/** `chain: 10 + 60 readable, 4 writable` */
export function buffers({ chain }: { readonly chain: Chain | null }): string[] {
  if (chain === null) return [];
  if (chain.count > SHOWN)
    return [
      `chain: ${chain.count} buffers, ${chain.readableBytes} bytes readable, ${chain.writableBytes} writable`,
    ];
  const [readable, writable] = [lengths(chain, false), lengths(chain, true)];
  const parts = [
    ...(readable.length > 0 ? [`${readable.join(' + ')} readable`] : []),
    ...(writable.length > 0 ? [`${writable.join(' + ')} writable`] : []),
  ];
  return [`chain: ${parts.join(', ')}`];
}

/** The bytes in each writable descriptor, or in each readable one. */
function lengths(chain: Chain, writable: boolean): readonly number[] {
  const readable = readableIn(chain);
  const [from, to] = writable ? [readable, chain.count] : [0, readable];
  return Array.from({ length: to - from }, (_, i) => chain.lengthOf(from + i));
}

/** How many descriptors are readable: they come first. */
export function readableIn(chain: Chain): number {
  let count = 0;
  for (let left = chain.readableBytes; left > 0; count++) left -= chain.lengthOf(count);
  return count;
}

function descriptors(count: number, kind: string): string {
  return `${count} ${kind} ${count === 1 ? 'descriptor' : 'descriptors'}`;
}
