import { Refusal } from './errno.ts';
import type { Exchange } from './exchange.ts';
import { IRQ_ACTION, IRQ_DATA, IRQ_FLAGS, IRQS, irq_info, irq_set } from './registers.ts';

const set = irq_set.offset;
const { eventfd, maskable, automasked } = IRQ_FLAGS;
const NO_FILE = -1;

/** Eventfds of the client's. */
export interface Eventfds {
  /** Adds one to it. */
  signal(fd: number): void;
  close(fd: number): void;
}

/** Notified of the state of the vectors of MSI-X. */
export interface Vectors {
  /** Whether its messages have a destination. */
  assigned(vector: number, isAssigned: boolean): void;
}

/**
 * How the device interrupts the client: an eventfd for INTx and one for each vector of MSI-X. INTx is a level: once
 * signalled it is masked until the client unmasks it, and signalled again if it is still up then.
 */
export class IrqFiles {
  private readonly files: Eventfds;
  private readonly vectors: Vectors;
  private readonly fds: readonly Int32Array[];
  private level = false;
  private masked = false;

  /** @param count of vectors. */
  constructor(count: number, files: Eventfds, vectors: Vectors) {
    this.files = files;
    this.vectors = vectors;
    const counts: Readonly<Record<number, number>> = { [IRQS.intx]: 1, [IRQS.msix]: count, [IRQS.error]: 1 };
    this.fds = Array.from({ length: IRQS.count }, (_, index) =>
      new Int32Array(counts[index] ?? 0).fill(NO_FILE),
    );
  }

  setIntx(level: boolean): void {
    this.level = level;
    if (level) this.tellLevel();
  }

  message(vector: number): void {
    this.tell(IRQS.msix, vector);
  }

  info(exchange: Exchange): number {
    exchange.needs(irq_info.size);
    const index = exchange.u32(irq_info.offset.index);
    const count = this.countOf(index);
    exchange.setU32(irq_info.offset.argsz, irq_info.size);
    exchange.setU32(
      irq_info.offset.flags,
      index === IRQS.intx ? eventfd | maskable | automasked : count > 0 ? eventfd : 0,
    );
    exchange.setU32(irq_info.offset.index, index);
    exchange.setU32(irq_info.offset.count, count);
    return irq_info.size;
  }

  set(exchange: Exchange): number {
    exchange.needs(irq_set.size);
    const [flags, index] = [exchange.u32(set.flags), exchange.u32(set.index)];
    const [start, count] = [exchange.u32(set.start), exchange.u32(set.count)];
    const [data, action] = [flags & IRQ_DATA.all, flags & IRQ_ACTION.all];
    if (start + count > this.countOf(index)) throw new Refusal('EINVAL');
    if (action === IRQ_ACTION.trigger && data === IRQ_DATA.eventfd)
      this.assign(index, start, count, exchange);
    else if (action === IRQ_ACTION.trigger && data === IRQ_DATA.none && count === 0) this.dropAll(index);
    else if (data === IRQ_DATA.none) for (let i = 0; i < count; i++) this.act(action, index, start + i);
    else if (data === IRQ_DATA.bool) this.actWhereTrue(action, exchange);
    else throw new Refusal('EINVAL');
    return 0;
  }

  /** The device was reset, and lost the destinations of its vectors. */
  announce(): void {
    for (const [vector, fd] of this.fds[IRQS.msix]!.entries()) this.vectors.assigned(vector, fd !== NO_FILE);
  }

  close(): void {
    for (const index of this.fds.keys()) this.dropAll(index);
  }

  private countOf(index: number): number {
    const fds = this.fds[index];
    if (fds === undefined) throw new Refusal('EINVAL');
    return fds.length;
  }

  /** All of them or none came with a file. */
  private assign(index: number, start: number, count: number, { fds }: Exchange): void {
    if (fds.length !== 0 && fds.length !== count) throw new Refusal('EINVAL');
    const taken = fds.splice(0);
    for (let i = 0; i < count; i++) this.put(index, start + i, taken[i] ?? NO_FILE);
  }

  private dropAll(index: number): void {
    for (const at of this.fds[index]!.keys()) this.put(index, at, NO_FILE);
  }

  private put(index: number, at: number, fd: number): void {
    const fds = this.fds[index]!;
    if (fds[at] !== NO_FILE) this.files.close(fds[at]!);
    fds[at] = fd;
    if (index === IRQS.msix) this.vectors.assigned(at, fd !== NO_FILE);
    else if (index === IRQS.intx) {
      this.masked = false;
      this.tellLevel();
    }
  }

  private actWhereTrue(action: number, exchange: Exchange): void {
    const [index, start, count] = [exchange.u32(set.index), exchange.u32(set.start), exchange.u32(set.count)];
    exchange.needs(irq_set.size + count);
    for (const [i, wanted] of exchange.bytes(irq_set.size, count).entries())
      if (wanted !== 0) this.act(action, index, start + i);
  }

  private act(action: number, index: number, at: number): void {
    if (action === IRQ_ACTION.trigger) this.tell(index, at);
    else if (index !== IRQS.intx) throw new Refusal('EINVAL');
    else {
      this.masked = action === IRQ_ACTION.mask;
      this.tellLevel();
    }
  }

  private tellLevel(): void {
    if (!this.level || this.masked || this.fds[IRQS.intx]![0] === NO_FILE) return;
    this.masked = true;
    this.tell(IRQS.intx, 0);
  }

  private tell(index: number, at: number): void {
    const fd = this.fds[index]![at]!;
    if (fd !== NO_FILE) this.files.signal(fd);
  }
}
