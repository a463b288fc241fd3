import type { Nanos } from '../core/bits.ts';
import type { Board } from '../core/board.ts';
import { AdminQueue } from './admin/admin-queue.ts';
import { execute } from './admin/commands.ts';
import { Queues } from './admin/queues.ts';
import { Resources } from './admin/resources.ts';
import { type CardHost, GvnicCore } from './core.ts';
import type { DoorbellKind, Rung } from './doorbells.ts';
import { DEVICE_STATUS, DRIVER_STATUS } from './registers/bar0.ts';
import { type GvnicSettings, isDqo } from './settings.ts';

const { RESET, LINK_STATUS, DEVICE_IS_RESET } = DEVICE_STATUS.mask;
const { RUN } = DRIVER_STATUS.mask;
const RESET_DRIVER = DRIVER_STATUS.mask.RESET;
const PAGE = 4096;

/**
 * Google's virtual network card, as its public drivers know it: an admin queue, by which a driver makes queues of one of four
 * formats, and doorbells for them.
 */
export class Gvnic extends GvnicCore implements Rung {
  readonly resources: Resources;
  override readonly queues: Queues;
  readonly admin: AdminQueue;
  /** The address that was written for the admin queue, and is not in use yet. */
  base = 0;
  private asksForReset = false;
  private isReset = false;
  /** When the last reset is seen to be done, and the admin queue that is read until then. */
  private resetUntil: Nanos = 0;
  private released = 0;

  constructor(name: string, board: Board, settings: GvnicSettings, host: CardHost) {
    super(name, board, settings, host, 2 * settings.pairs);
    this.resources = new Resources(board.memory, settings, this.blocks);
    this.queues = new Queues(this, settings, this.resources);
    this.admin = new AdminQueue(this, (opcode, payload) => execute(this, opcode, payload));
  }

  get isLittle(): boolean {
    const { format } = this.resources;
    return format !== null && isDqo(format);
  }

  override get isSetUp(): boolean {
    return this.admin.address !== 0;
  }

  /** device_status, as a driver reads it. */
  get status(): number {
    return (
      (this.asksForReset ? RESET : 0) |
      (this.wire.up ? LINK_STATUS : 0) |
      (this.isReset && !this.isResetting ? DEVICE_IS_RESET : 0)
    );
  }

  /** adminq_pfn, as a driver reads it. */
  get pfn(): number {
    return Math.floor((this.isResetting ? this.released : this.admin.address) / PAGE);
  }

  private get isResetting(): boolean {
    return this.clock.now < this.resetUntil;
  }

  /** A driver wrote driver_status. */
  drive(value: number): void {
    if ((value & RESET_DRIVER) !== 0) {
      this.reset();
      this.isReset = true;
    } else if ((value & RUN) !== 0) {
      this.isReset = false;
      if (this.base !== 0 && this.base !== this.admin.address) this.start(this.base);
    }
  }

  /** A driver wrote the page number of its admin queue; 0 resets the device. */
  place(pfn: number): void {
    if (pfn === 0) this.reset();
    else this.start(pfn * PAGE);
  }

  override reset(): void {
    this.released = this.admin.address;
    this.resetUntil = this.clock.now + this.settings.resetTime;
    this.admin.stop();
    this.base = 0;
    this.asksForReset = this.isReset = false;
    super.reset();
    this.resources.reset();
  }

  override close(): void {
    super.close();
    this.admin.close();
  }

  override askForReset(): void {
    this.asksForReset = true;
    if (this.isSetUp) this.events?.resetAsked();
    this.notify();
  }

  isGiven(kind: DoorbellKind, which: number): boolean {
    const { queues, blocks } = this;
    if (kind === 'block') return which < blocks.count;
    return (kind === 'transmit' ? queues.transmit : queues.receive)[which] != null;
  }

  ringTransmit(queue: number, value: number): void {
    this.budget.renew();
    this.queues.transmit[queue]?.ring(value);
  }

  ringReceive(queue: number, value: number): void {
    this.queues.receive[queue]?.ring(value);
  }

  ringBlock(block: number, value: number): void {
    if (block >= this.blocks.count) return;
    this.events?.blockRung(block, value);
    this.blocks.write(block, value);
  }

  protected override linkChanged(): void {
    this.notify();
  }

  override manage(): void {
    this.notify();
  }

  override vectorOf(block: number): number {
    return this.resources.firstVector + block;
  }

  protected override fire(block: number): void {
    this.host.signal(this.vectorOf(block));
  }

  private start(address: number): void {
    this.events?.adminPlaced(address, this.admin.address);
    this.base = address;
    this.asksForReset = false;
    this.admin.start(address);
  }

  /** The interrupt of what is no queue's. */
  private notify(): void {
    if (this.resources.format !== null) this.host.signal(this.resources.managementVector);
  }
}
