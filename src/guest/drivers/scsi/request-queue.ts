import type { Gpa } from '../../../core/bits.ts';
import { checkWhole } from '../../../core/checks.ts';
import { MisuseError } from '../../../core/misuse.ts';
import {
  CDB_SIZE_DEFAULT,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_req_cmd,
  virtio_scsi_resp_cmd,
} from '../../../virtio/scsi/registers.ts';
import { BufferPool } from '../../buffer-pool.ts';
import type { ScsiCommand } from '../../scsi/commands.ts';
import { parseSense, type ScsiSense } from '../../scsi/sense.ts';
import type { DriverQueue } from '../../virtio/driver-queue.ts';
import type { Segment } from '../../virtio/indirect-tables.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';

export const PAGE = 4096;

const HEAD_SIZE = virtio_scsi_req_cmd.size + CDB_SIZE_DEFAULT;

const HEAD_AND_ANSWER = 2;

const ANSWER_SIZE = virtio_scsi_resp_cmd.size + SENSE_SIZE_DEFAULT;

/** The result of a command. */
export interface ScsiAnswer {
  /** The host adapter's response, `SCSI_RESPONSE`. */
  readonly response: number;
  /** The unit's status, `SCSI_STATUS`; meaningless unless the response is OK. */
  readonly status: number;
  readonly sense: ScsiSense | null;
  /** Sense data as received; empty if none came. */
  readonly rawSense: Uint8Array;
  /** Requested bytes that were not moved. */
  readonly residual: number;
  /** Data-in: the requested length, less the residual. */
  readonly data: Uint8Array;
}

interface Pending {
  readonly command: ScsiCommand;
  readonly head: Gpa;
  readonly answer: Gpa;
  readonly pages: readonly Gpa[];
  readonly done: (answer: ScsiAnswer) => void;
}

/**
 * The request queue. Data lies in non-adjacent pages, each in its own descriptor; request head and response are one
 * descriptor each, as legacy devices need.
 */
export class RequestQueue {
  /** Data pages of one request: limited by the adapter, and by a chain's room beside head and response. */
  readonly pagesMax: number;
  private readonly device: VirtioDriver;
  private readonly queue: DriverQueue;
  private readonly heads: BufferPool;
  private readonly answers: BufferPool;
  private readonly pages: BufferPool;
  private readonly response: typeof virtio_scsi_resp_cmd;
  private readonly pending = new Map<number, Pending>();
  private tag = 0;

  /** @param segMax the adapter's limit of data segments in one direction. */
  constructor(device: VirtioDriver, index: number, segMax: number) {
    this.device = device;
    this.queue = device.addQueue(index, () => this.serve());
    this.pagesMax = Math.min(segMax, this.queue.size - HEAD_AND_ANSWER);
    if (segMax < 1) device.fail(`a request has no room for data: seg_max is ${segMax}`);
    this.response = virtio_scsi_resp_cmd.in(device.port.memory.endian ?? 'le');
    this.heads = new BufferPool(device.port, HEAD_SIZE, 8);
    this.answers = new BufferPool(device.port, ANSWER_SIZE, 8);
    this.pages = new BufferPool(device.port, PAGE, PAGE);
  }

  /**
   * Queues a command; `kick` sends it. False if the ring has no room now.
   * @throws MisuseError for more data than fits one request.
   */
  submit(unit: UnitAddress, command: ScsiCommand, done: (answer: ScsiAnswer) => void): boolean {
    checkUnit(unit);
    const bytes = command.dataOut?.length ?? command.dataIn ?? 0;
    const count = Math.ceil(bytes / PAGE);
    if (count > this.pagesMax)
      throw new MisuseError(
        `${command.name}.data`,
        bytes,
        `at most ${this.pagesMax * PAGE} bytes, ${this.pagesMax} segments`,
      );
    if (this.queue.cost(count + HEAD_AND_ANSWER) > this.queue.free) return false;
    const head = this.heads.take();
    const answer = this.answers.take();
    const pages = this.pages.takeFor(bytes);
    this.writeHead(head, unit, command.cdb);
    if (command.dataOut !== undefined) this.copyOut(command.dataOut, pages);
    const data = pages.map((address, i) => ({ address, length: Math.min(PAGE, bytes - i * PAGE) }));
    const id = this.queue.add(...this.chain(head, answer, data, command.dataOut !== undefined));
    this.pending.set(id!, { command, head, answer, pages, done });
    return true;
  }

  kick(): void {
    this.device.kick(this.queue);
  }

  release(): void {
    for (const pool of [this.heads, this.answers, this.pages]) pool.release();
  }

  private chain(head: Gpa, answer: Gpa, data: Segment[], out: boolean): [Segment[], Segment[]] {
    const request = { address: head, length: HEAD_SIZE };
    const response = { address: answer, length: ANSWER_SIZE };
    return out ? [[request, ...data], [response]] : [[request], [response, ...data]];
  }

  /** A tag is unique among outstanding commands; task attribute, priority and reference number stay 0. */
  private writeHead(head: Gpa, unit: UnitAddress, cdb: Uint8Array): void {
    const bytes = new Uint8Array(HEAD_SIZE);
    virtio_scsi_req_cmd.encode({ lun: lunField(unit), id: BigInt(this.tag++) }, bytes);
    bytes.set(cdb, virtio_scsi_req_cmd.size);
    this.device.port.memory.write(head, bytes);
  }

  private copyOut(data: Uint8Array, pages: readonly Gpa[]): void {
    pages.forEach((page, i) => {
      this.device.port.memory.write(page, data.subarray(i * PAGE, (i + 1) * PAGE));
    });
  }

  /** The used length is ignored, since legacy devices write arbitrary ones: the residual gives the data length. */
  private serve(): void {
    this.queue.drain((id) => {
      const pending = this.pending.get(id)!;
      this.pending.delete(id);
      const answer = this.readAnswer(pending);
      this.heads.give(pending.head);
      this.answers.give(pending.answer);
      this.pages.giveAll(pending.pages);
      pending.done(answer);
    });
  }

  private readAnswer({ command, answer, pages }: Pending): ScsiAnswer {
    const bytes = new Uint8Array(ANSWER_SIZE);
    this.device.port.memory.read(answer, bytes);
    const { sense_len, residual, status, response } = this.response.decode(bytes);
    const sense = bytes.subarray(virtio_scsi_resp_cmd.size, virtio_scsi_resp_cmd.size + sense_len);
    const data = new Uint8Array(Math.max(0, (command.dataIn ?? 0) - residual));
    for (let at = 0; at < data.length; at += PAGE)
      this.device.port.memory.read(pages[at / PAGE]!, data.subarray(at, at + PAGE));
    return { response, status, sense: parseSense(sense), rawSense: sense, residual, data };
  }
}

/** Address of a logical unit: the target, 0 to 255, and the unit in it, 0 to 16383. */
export interface UnitAddress {
  readonly target: number;
  readonly lun: number;
}

export function checkUnit({ target, lun }: UnitAddress): void {
  checkWhole('target', target, 0, 0xff);
  checkWhole('lun', lun, 0, 0x3fff);
}

/** SAM's flat space addressing, as Linux sends it. */
const FLAT = 0x40;

/** The LUN field of a request: 01, the target, and a single-level LUN. */
export function lunField({ target, lun }: UnitAddress): Uint8Array {
  return Uint8Array.of(1, target, FLAT | (lun >> 8), lun & 0xff, 0, 0, 0, 0);
}

/** Events may carry the peripheral form, 00 and the LUN, or the flat one. */
export function parseLunField(bytes: Uint8Array): UnitAddress {
  return { target: bytes[1]!, lun: ((bytes[2]! & 0x3f) << 8) | bytes[3]! };
}
