import type { BitSet } from '../../../core/bit-set.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import type { Chain } from '../../../virtio/net/events.ts';
import {
  GUEST_OFFLOADS,
  NET_COMMANDS,
  NET_CTRL,
  NET_FEATURE,
  type NetCommand,
  virtio_net_ctrl,
} from '../../../virtio/net/registers.ts';
import { anyLayout, lengths } from './framing.ts';

const { CTRL_RX } = NET_FEATURE;
const { RX, MAC } = NET_CTRL;
const HEADER = virtio_net_ctrl.size;

const CONTROL_VIRTQUEUE = 'virtio 1.4, Control Virtqueue';
const FRAMING_LEGACY = 'virtio 1.4, Legacy Interface: Framing Requirements';
const STEERING = 'virtio 1.4, Automatic receive steering in multiqueue mode';

/** What the rules know of a command. */
export interface ControlKnows extends Knows {
  readonly accepted: BitSet;
  /** Pairs of queues that the card has. */
  readonly pairs: number;
  readonly chain: Chain | null;
  /** Readable bytes, class and command included. */
  readonly bytes: number;
  readonly className: number;
  readonly number: number;
  /** The command's name, if it is one of a feature that was accepted. */
  readonly known: CommandName | null;
  /** Its data. */
  readonly value: number;
  /** The first queue that is not set up, of those that were enabled; -1 is none. */
  readonly missing: number;
}

export type ControlMoment = 'command' | 'pairs';
export type CommandName = keyof typeof NET_COMMANDS;

export const CONTROL = {
  'virtio/NET-FRAME-LEG-D2': {
    strength: 'MUST',
    where: FRAMING_LEGACY,
    text: 'Without ANY_LAYOUT control class+command is one 2-byte descriptor',
    on: 'command',
    when: (k) => !anyLayout(k.accepted),
    kept: (k) => first(k) === HEADER,
    said: (k) => `bytes in the first descriptor: ${first(k)}`,
  },
  'virtio/NET-FRAME-LEG-D3': {
    strength: 'MUST',
    where: FRAMING_LEGACY,
    text: 'Without ANY_LAYOUT other command data is one unpadded descriptor',
    on: 'command',
    when: (k) => !anyLayout(k.accepted),
    kept: (k) => lengths(k.chain, false).length <= 2,
    said: (k) => `readable descriptors of a command: ${lengths(k.chain, false).length}`,
  },
  'virtio/NET-FRAME-LEG-D7': {
    strength: 'MUST',
    where: FRAMING_LEGACY,
    text: 'Without ANY_LAYOUT ack is one 1-byte descriptor',
    on: 'command',
    when: (k) => !anyLayout(k.accepted),
    kept: (k) => ack(k) === 1,
    said: (k) => `bytes in the ack descriptor: ${ack(k)}`,
  },
  'virtio/NET-IMP-3': {
    strength: 'MUST',
    where: CONTROL_VIRTQUEUE,
    text: 'A control chain holds class, command and exactly the data of the command, then a writable byte for the ack',
    on: 'command',
    kept: (k) => whole(k) && (k.known === null || fits(k)),
    said: (k) =>
      whole(k)
        ? `bytes of data of ${k.known}: ${k.bytes - HEADER}`
        : `readable bytes of a command: ${k.bytes}`,
  },
  'virtio/NET-IMP-5': {
    strength: 'MUST NOT',
    where: CONTROL_VIRTQUEUE,
    text: 'No command of an unknown class or number, or of a feature that was not negotiated, is sent',
    on: 'command',
    // Of these two classes other rules speak.
    when: (k) => whole(k) && (filters(k.accepted) || (k.className !== RX.class && k.className !== MAC.class)),
    kept: (k) => k.known !== null,
    said: named,
  },
  'virtio/NET-MQ-D1': {
    strength: 'MUST',
    where: STEERING,
    text: 'Set queues up before VQ_PAIRS_SET enables them',
    on: 'pairs',
    kept: (k) => k.missing < 0,
    said: (k) => `${k.value} pairs were enabled, but queue ${k.missing} is not set up`,
  },
  'virtio/NET-MQ-D2': {
    strength: 'MUST NOT',
    where: STEERING,
    text: 'virtqueue_pairs is 1..max_virtqueue_pairs',
    on: 'command',
    when: (k) => k.known === 'VQ_PAIRS_SET' && whole(k) && fits(k),
    kept: (k) => k.value >= 1 && k.value <= k.pairs,
    said: (k) => `queue pairs asked for: ${k.value}`,
  },
  'virtio/NET-OFFL-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Setting Offloads State',
    text: 'No offload bit without its negotiated feature',
    on: 'command',
    when: (k) => k.known === 'GUEST_OFFLOADS_SET' && whole(k) && fits(k),
    kept: (k) => {
      const switches = k.accepted.words[0]! & GUEST_OFFLOADS;
      return k.value <= switches && (k.value & ~switches) === 0;
    },
    said: (k) => `offloads asked for: ${k.value}`,
  },
  'virtio/NET-RXMODE-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Packet Receive Filtering',
    text: 'PROMISC and ALLMULTI commands need CTRL_RX',
    on: 'command',
    when: (k) => whole(k) && !filters(k.accepted),
    kept: (k) => k.className !== RX.class,
    said: named,
  },
  'virtio/NET-MAC-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Setting MAC Address Filtering',
    text: 'MAC class commands need CTRL_RX',
    on: 'command',
    when: (k) => whole(k) && !filters(k.accepted),
    kept: (k) => k.className !== MAC.class,
    said: named,
  },
} as const satisfies Rules<ControlKnows, ControlMoment>;

/** The command of that class and number, if the feature that it takes was accepted. */
export function commandOf(className: number, command: number, accepted: BitSet): CommandName | null {
  const all = Object.entries(NET_COMMANDS) as [CommandName, NetCommand][];
  const row = all.find(([, one]) => one.class === className && one.command === command);
  return row !== undefined && accepted.has(row[1].feature) ? row[0] : null;
}

/** Class, command and a byte for the ack are there. */
function whole({ bytes, chain }: ControlKnows): boolean {
  return bytes >= HEADER && (chain?.writableBytes ?? 0) > 0;
}

/** As many bytes of data as the command has. */
function fits({ known, bytes }: ControlKnows): boolean {
  const wanted: number | null = known === null ? null : NET_COMMANDS[known].bytes;
  return wanted === null || bytes - HEADER === wanted;
}

function filters(accepted: BitSet): boolean {
  return accepted.has(CTRL_RX);
}

function first({ chain }: ControlKnows): number {
  return lengths(chain, false)[0] ?? 0;
}

function ack({ chain }: ControlKnows): number {
  return lengths(chain, true).at(-1) ?? 0;
}

function named({ className, number }: ControlKnows): string {
  return `command ${number} of class ${className}`;
}
