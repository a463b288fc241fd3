import { hex } from '../../core/bytes-rig.ts';
import { scsiWatch } from '../../machine/devices/adapters.ts';
import { MemoryMedium } from '../../media/memory.ts';
import { LegacyRig } from '../rig.ts';
import { VirtioScsi, type VirtioScsiOptions } from './device.ts';

/** Feature bits, by their numbers. */
export const HOTPLUG = 1;
export const CHANGE = 2;
export const ANY_LAYOUT = 27;

export const CONTROL = 0;
export const EVENT = 1;
export const REQUEST = 2;

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Commands, in hexadecimal. */
export const TEST_UNIT_READY = '00 00 00 00 00 00';
export const READ_BLOCK_0 = '28 00 00000000 00 0001 00';
export const WRITE_BLOCK_0 = '2a 00 00000000 00 0001 00';

/** A driver's request. Default target 1, LUN 0. */
interface Ask {
  readonly cdb: string;
  readonly lun?: string;
  readonly id?: bigint;
  /** task_attr, prio and crn. */
  readonly tagging?: string;
  /** With T10_PI: bytes of protection information out and in, which are the first of the data. */
  readonly protection?: readonly [out: number, back: number];
  /** Data-out, and room for data-in. */
  readonly out?: Uint8Array;
  readonly room?: number;
}

/** The response, with sense as key, code and qualifier. */
interface Answer {
  readonly response: number;
  readonly status: number;
  readonly sense: string;
  readonly residual: number;
}

/** For tests: a host adapter with rings of 16, watched, and a disk of 1 MiB at target 1, LUN 0, past its power-on. */
export class ScsiRig extends LegacyRig<VirtioScsi> {
  readonly medium = new MemoryMedium(1 << 20);
  cdbSize = 32;
  senseSize = 96;
  private nextId = 1n;
  /** By head, which buffer of the chain is the response. */
  private readonly responseAt = new Map<number, number>();

  constructor(options: Partial<VirtioScsiOptions> = {}) {
    super(
      (board) =>
        new VirtioScsi('scsi0', board, {
          ringSize: 16,
          ringFeatures: [ANY_LAYOUT],
          seg_max: 4,
          max_sectors: 0xffff,
          cmd_per_lun: 8,
          event_info_size: 16,
          max_target: 252,
          max_lun: 0,
          latency: 0,
          ...options,
        }),
      0,
      scsiWatch,
    );
    this.device.addDisk(1, 0, this.medium).takeAttention();
  }

  /** The readable head of a request: lun, id, task_attr, prio, crn, CDB. */
  header({ cdb, lun = '01 01 40 00', id, tagging = '000000', protection }: Ask): Uint8Array {
    const size = protection === undefined ? 19 : 27;
    const bytes = new Uint8Array(size + this.cdbSize);
    bytes.set(hex(lun));
    new DataView(bytes.buffer).setBigUint64(8, id ?? this.nextId++, true);
    bytes.set(hex(tagging), 16);
    const view = new DataView(bytes.buffer);
    for (const [i, count] of protection?.entries() ?? []) view.setUint32(19 + 4 * i, count, true);
    bytes.set(hex(cdb), size);
    return bytes;
  }

  /** Offers a request without a kick; returns its head. */
  put(ask: Ask): number {
    const before = [this.header(ask), ...(ask.out === undefined ? [] : [ask.out])];
    const after = ask.room === undefined ? [] : [ask.room];
    const guest = this.guests[REQUEST]!;
    const head = guest.chain(...before, 12 + this.senseSize, ...after);
    this.responseAt.set(head, before.length);
    guest.offer(head);
    return head;
  }

  /** Executes one request. */
  run(ask: Ask): Answer {
    const head = this.put(ask);
    this.kick(REQUEST);
    return this.answer(head);
  }

  answer(head: number): Answer {
    const bytes = this.guests[REQUEST]!.buffer(head, this.responseAt.get(head)!);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const senseLength = view.getUint32(0, true);
    const sense = bytes.subarray(12);
    return {
      response: bytes[11]!,
      status: bytes[10]!,
      residual: view.getUint32(4, true),
      sense: senseLength < 14 ? '' : [sense[2]!, sense[12]!, sense[13]!].map((n) => n.toString(16)).join('/'),
    };
  }

  /** What the device wrote after the response. */
  data(head: number): Uint8Array {
    return this.guests[REQUEST]!.buffer(head, this.responseAt.get(head)! + 1);
  }

  /** Sends a task management function; returns its response. */
  manage(subtype: number, lun = '01 01 40 00', id = 0n): number {
    const bytes = new Uint8Array(24);
    bytes[4] = subtype;
    bytes.set(hex(lun), 8);
    new DataView(bytes.buffer).setBigUint64(16, id, true);
    const head = this.send(CONTROL, bytes, 1);
    return this.guests[CONTROL]!.buffer(head, 1)[0]!;
  }

  get said(): string[] {
    return this.journal.findings.map(
      ({ clause, said }) => `${clause.replace(/^virtio.(SCSI-)?/, '')}: ${said}`,
    );
  }
}
