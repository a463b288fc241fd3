import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Rule } from '../../../core/rule.ts';
import type { Decoded } from '../../../core/struct.ts';
import type { Knows } from '../../../core/watch.ts';
import type { Chain } from '../../../virtio/net/events.ts';
import { NET_COMMANDS, type NetCommand, virtio_net_ctrl } from '../../../virtio/net/registers/commands.ts';
import type { QueueKind } from '../../../virtio/net/registers/statistics.ts';
import type { virtio_net_config } from '../../../virtio/net/registers.ts';

export const COMMAND_HEADER = virtio_net_ctrl.size;

/** The configuration of a card. */
export type NetShown = Decoded<typeof virtio_net_config.members>;

/** What the rules know of a command. */
export interface ControlKnows extends Knows {
  readonly accepted: BitSet;
  /** When these features were accepted. */
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
  /** What follows class and command. */
  readonly data: ByteReader;
  /** Its data as a number: of eight bytes the lower 32 bits, and the upper. */
  readonly value: number;
  readonly high: number;
  /** The guest is big-endian and uses the legacy interface, whose numbers are then big-endian. */
  readonly bigLegacy: boolean;
  /** What the configuration says. */
  readonly shown: NetShown;
  /** What queue `index` is for; null where it is not set up. */
  kindOf(index: number): QueueKind | null;
  /** What CAP_GET was answered with; null before the first. */
  readonly contextsMost: number | null;
  /** RSS contexts that were added and not deleted. */
  readonly contexts: ReadonlySet<number>;
  /** What STATS_QUERY was answered with last, as two words; null before the first. */
  readonly learnt: readonly [low: number, high: number] | null;
  /** The first queue that is not set up, of those that were enabled; -1 is none. */
  readonly missing: number;
  /** `transmit queue 2 (queue 3)` */
  readonly missingName: string;
}

export type ControlMoment = 'command' | 'pairs';
type ControlRow = Rule<ControlKnows, 'command'>;

/** `on` and `when` of a row on these commands. */
export function of(...names: readonly CommandName[]): Pick<ControlRow, 'on' | 'when'> {
  return { on: 'command', when: (k) => k.known !== null && names.includes(k.known) && whole(k) };
}

export type CommandName = keyof typeof NET_COMMANDS;

/** The command of that class and number. */
export function commandOf(className: number, command: number): CommandName | null {
  const all = Object.entries(NET_COMMANDS) as [CommandName, NetCommand][];
  const row = all.find(([, one]) => one.class === className && one.command === command);
  return row?.[0] ?? null;
}

/** It has class, command and a byte for the ack. */
export function whole({ bytes, chain }: ControlKnows): boolean {
  return bytes >= COMMAND_HEADER && (chain?.writableBytes ?? 0) > 0;
}

/** Its data have the length that the command has. */
export function fits({ known, bytes }: ControlKnows): boolean {
  const wanted: number | null = known === null ? null : NET_COMMANDS[known].bytes;
  return wanted === null || bytes - COMMAND_HEADER === wanted;
}
