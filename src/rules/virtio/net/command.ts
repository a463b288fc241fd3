import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Knows } from '../../../core/watch.ts';
import type { Chain } from '../../../virtio/net/events.ts';
import { NET_COMMANDS, type NetCommand, virtio_net_ctrl } from '../../../virtio/net/registers.ts';

export const COMMAND_HEADER = virtio_net_ctrl.size;

/** What the rules know of a command. */
export interface ControlKnows extends Knows {
  readonly accepted: BitSet;
  /** When what is accepted was. */
  readonly negotiatedAt: Mark;
  /** Pairs of queues that the card has. */
  readonly pairs: number;
  readonly chain: Chain | null;
  /** Readable bytes, class and command included. */
  readonly bytes: number;
  readonly className: number;
  readonly number: number;
  /** The command's name, if it is one of a feature that was accepted. */
  readonly known: CommandName | null;
  /** The feature that a command of its class and number takes, accepted or not; -1 if there is none. */
  readonly takes: number;
  /** Its data: of eight bytes the lower 32 bits, and the upper. */
  readonly value: number;
  readonly high: number;
  /** The first queue that is not set up, of those that were enabled; -1 is none. */
  readonly missing: number;
  /** `transmit queue 2 (queue 3)` */
  readonly missingName: string;
}

export type ControlMoment = 'command' | 'pairs';
export type CommandName = keyof typeof NET_COMMANDS;

/** The command of that class and number. */
export function commandOf(className: number, command: number): CommandName | null {
  const all = Object.entries(NET_COMMANDS) as [CommandName, NetCommand][];
  const row = all.find(([, one]) => one.class === className && one.command === command);
  return row?.[0] ?? null;
}

/** Class, command and a byte for the ack are there. */
export function whole({ bytes, chain }: ControlKnows): boolean {
  return bytes >= COMMAND_HEADER && (chain?.writableBytes ?? 0) > 0;
}

/** As many bytes of data as the command has. */
export function fits({ known, bytes }: ControlKnows): boolean {
  const wanted: number | null = known === null ? null : NET_COMMANDS[known].bytes;
  return wanted === null || bytes - COMMAND_HEADER === wanted;
}
