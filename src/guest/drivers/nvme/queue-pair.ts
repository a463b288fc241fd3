import type { Gpa } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import type { Decoded } from '../../../core/struct.ts';
import { DOORBELL_BYTES, DOORBELLS, PAGE } from '../../../nvme/registers/bar0.ts';
import { cqe, STATUS_FIELD, sqe } from '../../../nvme/registers/commands.ts';
import { loadLittle } from '../../byte-order.ts';

/** Never used as an identifier: an error log that means no command says it. */
const NO_COMMAND = 0xffff;
const PHASE = STATUS_FIELD.mask.P;

/** The fields of a command; those that are left out are 0. */
export type CommandFields = Partial<Omit<Decoded<(typeof sqe)['members']>, 'cid' | 'reserved'>>;

/** How a command ended. */
export interface Completion {
  /** Status code type and status code: 281h is an unrecovered read error. */
  readonly status: number;
  /** The same command would fail again. */
  readonly dnr: boolean;
  /** Dword 0. */
  readonly result: number;
}

/**
 * A submission queue and its completion queue, from the driver's side.
 *
 * @example
 * const pair = new QueuePair(port, base, 1, 64, 4);
 * pair.submit({ opcode: NVM.FLUSH, nsid: 1 }, ({ status }) => console.log(status));
 * pair.serve();
 * pair.release();
 */
export class QueuePair {
  readonly id: number;
  readonly entries: number;
  readonly submissions: Gpa;
  readonly completions: Gpa;
  private readonly port: GuestPort;
  private readonly doorbell: Gpa;
  private readonly stride: number;
  private readonly waiting = new Map<number, (completion: Completion) => void>();
  private readonly command = new Uint8Array(sqe.size);
  private tail = 0;
  /** What the device is done with, as it said. */
  private done = 0;
  private head = 0;
  private phase = 1;
  private nextId = 0;

  /** @param base of the registers. @param stride of doorbells, in bytes. */
  constructor(port: GuestPort, base: Gpa, id: number, entries: number, stride: number) {
    this.port = port;
    this.id = id;
    this.entries = entries;
    this.stride = stride;
    this.doorbell = base + DOORBELLS + 2 * id * stride;
    // Zeroed, so that no entry has the phase that is waited for.
    this.submissions = port.allocate(entries * sqe.size, PAGE);
    this.completions = port.allocate(entries * cqe.size, PAGE);
  }

  /** Commands that the device has. */
  get outstanding(): number {
    return this.waiting.size;
  }

  /** Their identifiers. */
  get commands(): readonly number[] {
    return [...this.waiting.keys()];
  }

  get hasRoom(): boolean {
    return (this.tail + 1) % this.entries !== this.done && this.outstanding < this.entries - 1;
  }

  /** Gives the device a command; `ended` is called by `serve`. There must be room. @returns its identifier. */
  submit(fields: CommandFields, ended: (completion: Completion) => void): number {
    const { command, port } = this;
    const cid = this.takeId();
    command.fill(0);
    sqe.encode({ ...fields, cid }, command);
    port.memory.write(this.submissions + this.tail * sqe.size, command);
    this.waiting.set(cid, ended);
    this.tail = (this.tail + 1) % this.entries;
    // The entry is there before the device is told.
    port.memory.fence();
    port.write(this.doorbell, this.tail, DOORBELL_BYTES);
    return cid;
  }

  /** Takes what was completed. @returns whether anything was. */
  serve(): boolean {
    const { port } = this;
    const { status: STATUS, cid: CID, result: RESULT, sq_head: SQ_HEAD } = cqe.offset;
    let taken = 0;
    for (;;) {
      const at = this.completions + this.head * cqe.size;
      const status = loadLittle(port, at + STATUS, 2);
      if ((status & PHASE) !== this.phase) break;
      // The rest of an entry is valid once its phase is.
      port.memory.fence();
      const cid = loadLittle(port, at + CID, 2);
      const result = loadLittle(port, at + RESULT, 4);
      const done = loadLittle(port, at + SQ_HEAD, 2);
      if (done < this.entries) this.done = done;
      this.head = (this.head + 1) % this.entries;
      if (this.head === 0) this.phase ^= 1;
      taken++;
      this.end(cid, status, result);
    }
    if (taken > 0) port.write(this.doorbell + this.stride, this.head, DOORBELL_BYTES);
    return taken > 0;
  }

  release(): void {
    this.port.release(this.submissions);
    this.port.release(this.completions);
  }

  private end(cid: number, status: number, result: number): void {
    const ended = this.waiting.get(cid);
    this.waiting.delete(cid);
    const { SC, SCT, DNR } = STATUS_FIELD.decode(status);
    ended?.({ status: (SCT << 8) | SC, dnr: DNR === 1, result });
  }

  private takeId(): number {
    while (this.nextId === NO_COMMAND || this.waiting.has(this.nextId))
      this.nextId = (this.nextId + 1) & 0xffff;
    const id = this.nextId;
    this.nextId = (id + 1) & 0xffff;
    return id;
  }
}
