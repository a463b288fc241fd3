import { MemoryMedium } from '../../media/memory.ts';
import { Command } from '../command.ts';
import { type Answer, ask } from '../initiator-rig.ts';
import { LogicalUnit } from '../logical-unit.ts';
import { MOVE_LIST, RESERVE_LIST, TRANSPORT_IDS } from './registers.ts';
import { Reservations } from './reservations.ts';
import { reservedBy } from './shared-disk.ts';

// Service actions, SPC-4.
export const IN = { READ_KEYS: 0, READ_RESERVATION: 1, REPORT_CAPABILITIES: 2, READ_FULL_STATUS: 3 } as const;
export const OUT = {
  REGISTER: 0,
  RESERVE: 1,
  RELEASE: 2,
  CLEAR: 3,
  PREEMPT: 4,
  ABORT: 5,
  IGNORE: 6,
  MOVE: 7,
} as const;
export const STATUS = { GOOD: 0x00, CONFLICT: 0x18 } as const;
const KEYS_AT = 8;
const KEY = /.{16}/g;

export const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

/** The fields of PERSISTENT RESERVE OUT, 0 by default. */
interface Said {
  readonly key?: bigint;
  readonly actionKey?: bigint;
  readonly scopeType?: number;
  readonly flags?: number;
  /** TransportIDs of these initiators. */
  readonly named?: readonly number[];
}

/** For tests: one of the machines that share a disk, after its unit attention. */
export class Member {
  readonly unit: LogicalUnit;
  /** How its waiting commands were ended: true by a reset. */
  readonly ended: boolean[] = [];
  private readonly command = new Command();

  constructor(medium: MemoryMedium, reservations: Reservations, commands: 'gce' | 'all' = 'gce') {
    this.unit = new LogicalUnit('disk0', medium, { commands, part: reservedBy(reservations) });
    this.unit.takeAttention();
    this.unit.endTasks = (isReset) => this.ended.push(isReset);
  }

  send(cdb: readonly number[], room = 0, out?: Uint8Array): Answer {
    return ask((command) => this.unit.execute(command), this.command, cdb, room, out);
  }

  out(action: number, { key = 0n, actionKey = 0n, scopeType = 0, flags = 0, named }: Said = {}): Answer {
    const list = RESERVE_LIST.encode({ key, action_key: actionKey, flags });
    const ids = named?.map(transportId) ?? [];
    const more = named === undefined ? [] : [TRANSPORT_IDS.encode({ length: 24 * ids.length }), ...ids];
    return this.sendList(action, scopeType, Buffer.concat([list, ...more]));
  }

  /** REGISTER AND MOVE to the initiator of that number. */
  move(to: number, { key = 0n, actionKey = 0n, flags = 0, port = 1, length = 24 } = {}): Answer {
    const list = MOVE_LIST.encode({ key, action_key: actionKey, flags, port, length });
    return this.sendList(OUT.MOVE, 0, Buffer.concat([list, transportId(to)]));
  }

  sendList(action: number, scopeType: number, list: Uint8Array): Answer {
    return this.send([0x5f, action, scopeType, 0, 0, 0, 0, 0, list.length], 0, list);
  }

  in(action: number, room = 255): Answer {
    return this.send([0x5e, action, 0, 0, 0, 0, 0, room >> 8, room & 0xff], room);
  }

  get keys(): number[] {
    return hex(this.in(IN.READ_KEYS).data.subarray(KEYS_AT)).match(KEY)?.map(Number) ?? [];
  }

  get generation(): number {
    return Number.parseInt(hex(this.in(IN.READ_KEYS).data).slice(0, KEYS_AT), 16);
  }

  /** Reads block 0; returns the status. */
  read(): number {
    return this.send([0x28, 0, 0, 0, 0, 0, 0, 0, 1], 512).status;
  }

  /** Writes block 0; returns the status. */
  write(): number {
    return this.send([0x2a, 0, 0, 0, 0, 0, 0, 0, 1], 0, new Uint8Array(512)).status;
  }

  /** The sense of the next command: key, code and qualifier, or nothing. */
  get hears(): string {
    return this.send([0x00]).sense;
  }
}

/** The TransportID of an initiator: SAS, with a locally assigned address. */
function transportId(initiator: number): Uint8Array {
  return Uint8Array.from(
    Buffer.from(`06000000300000000000${initiator.toString(16).padStart(4, '0')}${'00'.repeat(12)}`, 'hex'),
  );
}

/** So many machines on one disk of 64 blocks, each registered with its number, from 1 on, as its key. */
export function members(count: number, commands: 'gce' | 'all' = 'gce'): Member[] {
  const medium = new MemoryMedium(64 * 512);
  const reservations = new Reservations();
  const all = Array.from({ length: count }, () => new Member(medium, reservations, commands));
  for (const [i, member] of all.entries()) member.out(OUT.REGISTER, { actionKey: BigInt(i + 1) });
  return all;
}
