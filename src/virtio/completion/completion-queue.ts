import type { Gpa, Nanos } from '../../core/bits.ts';
import type { InterruptShaper } from '../../core/interrupt-shaper.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { Random } from '../../core/random.ts';
import type { InOrderRing, RingQueue } from '../queue/ring.ts';
import type { Chain } from '../queue/virtqueue.ts';
import { Loan, overlaps } from './loan.ts';
import type { CompletionPolicy } from './policy.ts';

/** Lengths that say nothing about how much was written. */
const ODD_LENGTHS = [0, 0xffff_ffff, 1, 0x1000] as const;
const NEVER = Number.POSITIVE_INFINITY;

/** A chain that the device took and has not returned. */
interface Completion {
  readonly id: number;
  /** Sequence number of taken chains. */
  readonly serial: number;
  /** Bytes that the device may write. */
  readonly room: number;
  /** The device also reads from it. */
  readonly reads: boolean;
  readonly loan: Loan | null;
  written: number;
  due: Nanos;
  /** It must come right after the one finished before it. */
  follows: boolean;
}

/** State shared by the queues of a device. */
export interface CompletionPlan {
  readonly policy: CompletionPolicy;
  readonly random: Random;
  readonly memory: GuestMemory;
  readonly inOrder: boolean;
  /** The driver uses the legacy interface. */
  readonly legacy: boolean;
  readonly canReachMemory: boolean;
  readonly now: Nanos;
  /** Calls `run` at that time or earlier. */
  wake(at: Nanos): void;
}

/** A ring whose completions are delayed by the policy; completion is by id. */
export class CompletionQueue implements RingQueue {
  readonly index: number;
  readonly maximum: number;
  readonly chain: Chain;
  private readonly ring: InOrderRing;
  private readonly plan: CompletionPlan;
  private readonly interrupts: InterruptShaper;
  /** Taken and not finished, oldest first. */
  private taken: Completion[] = [];
  /** Finished and not published, in publishing order. */
  private finished: Completion[] = [];
  private nextSerial = 0;
  /** Serial of the oldest chain that is not published. */
  private oldest = 0;
  private lentBytes = 0;

  constructor(ring: InOrderRing, plan: CompletionPlan, interrupts: InterruptShaper) {
    this.ring = ring;
    this.index = ring.index;
    this.maximum = ring.maximum;
    this.chain = ring.chain;
    this.plan = plan;
    this.interrupts = interrupts;
  }

  get size(): number {
    return this.ring.size;
  }

  get ready(): boolean {
    return this.ring.ready;
  }

  get address(): Gpa {
    return this.ring.address;
  }

  checkNotified(nextOff: number): boolean {
    return this.ring.checkNotified(nextOff);
  }

  get suppressed(): boolean {
    return this.ring.suppressed;
  }

  hush(): void {
    this.ring.hush();
  }

  resize(size: number): void {
    this.ring.resize(size);
  }

  configure(desc: Gpa, driver: Gpa, device: Gpa): void {
    this.forget();
    this.ring.configure(desc, driver, device);
  }

  /** Spoiled bytes stay spoiled: the device never finished those chains. */
  reset(): void {
    this.forget();
    this.ring.reset();
  }

  /** No more chains than the ring has entries: a chain offered again while the device has it must wait. */
  pop(): boolean {
    if (this.taken.length + this.finished.length >= this.size) {
      this.ring.rest();
      return false;
    }
    if (!this.ring.pop()) return false;
    const { id, writableBytes: room, readableBytes } = this.chain;
    const chosen = { reads: readableBytes > 0, loan: this.lend(), written: 0, due: NEVER, follows: false };
    this.taken.push({ id, serial: this.nextSerial++, room, ...chosen });
    return true;
  }

  /** Completions must wait, so the short way is not available. */
  deliver(): boolean {
    return false;
  }

  take(): number {
    return 0;
  }

  give(): void {}

  push(id: number, written: number): void {
    this.finish(id, written, this.chooseDue(), false);
  }

  pushTogether(ids: readonly number[], written: readonly number[], count: number): void {
    const due = this.chooseDue();
    for (let i = 0; i < count; i++) this.finish(ids[i]!, written[i]!, due, i > 0);
  }

  rewind(count: number): void {
    for (const { loan } of this.taken.splice(this.taken.length - count, count)) {
      loan?.spoil();
      this.lentBytes -= loan?.bytes ?? 0;
    }
    this.nextSerial -= count;
    this.ring.rewind(count);
  }

  flush(): void {
    if (this.plan.canReachMemory) this.plan.wake(this.run(this.plan.now));
  }

  /** Whether every finished chain is published and reported. */
  get isIdle(): boolean {
    return this.finished.length === 0 && this.interrupts.isIdle;
  }

  /** The ring published a chain, and the driver wants an interrupt. */
  interrupted(): void {
    this.interrupts.wanted(this.plan.now);
  }

  /** Publishes and interrupts what is due; returns the next due time. */
  run(now: Nanos): Nanos {
    const next = this.release(now);
    return Math.min(next, this.interrupts.run(now));
  }

  private chooseDue(): Nanos {
    const { now, policy, random } = this.plan;
    const [from, to] = policy.latency;
    const due = now + from + (to > from ? random.below(to - from + 1) : 0);
    return policy.order === 'fifo' ? Math.max(due, this.finished.at(-1)?.due ?? 0) : due;
  }

  private finish(id: number, written: number, due: Nanos, follows: boolean): void {
    const at = this.taken.findIndex((completion) => completion.id === id);
    if (at < 0) return;
    const [completion] = this.taken.splice(at, 1);
    completion!.loan?.keep(written);
    Object.assign(completion!, { written, due, follows });
    this.finished.splice(this.placeOf(completion!), 0, completion!);
  }

  /** With IN_ORDER sorted by taking order; for a device that finishes in that order it is the last. */
  private placeOf({ serial }: Completion): number {
    const { finished } = this;
    let at = finished.length;
    if (this.plan.inOrder) while (at > 0 && finished[at - 1]!.serial > serial) at--;
    return at;
  }

  private release(now: Nanos): Nanos {
    const { batch } = this.plan.policy;
    const due = this.due(now);
    const limit = batch === null ? now : earliest(due) + batch.within;
    const complete = batch === null || due.length >= batch.chains || limit <= now;
    if (complete && due.length > 0) this.publish(due, now);
    const next = earliest(this.finished.filter((completion) => completion.due > now));
    return complete ? next : Math.min(next, limit);
  }

  /** The completions that may be published now, oldest first. */
  private due(now: Nanos): Completion[] {
    const { finished, oldest } = this;
    if (!this.plan.inOrder) return finished.filter(({ due }) => due <= now);
    const blocked = finished.findIndex(({ due, serial }, i) => due > now || serial !== oldest + i);
    return finished.slice(0, blocked < 0 ? finished.length : blocked);
  }

  private publish(due: readonly Completion[], now: Nanos): void {
    const { policy, inOrder, random } = this.plan;
    const gone = new Set(due);
    this.finished = this.finished.filter((completion) => !gone.has(completion));
    this.oldest += due.length;
    for (const { loan } of due) {
      loan?.giveBack();
      this.lentBytes -= loan?.bytes ?? 0;
    }
    if (inOrder && policy.batch?.lastOnly === true) this.pushRuns(due);
    else
      for (const done of policy.order === 'random' && !inOrder ? shuffle(due, random) : due)
        this.ring.push(done.id, this.lengthOf(done));
    this.ring.flush();
    this.interrupts.published(now);
  }

  private lengthOf({ reads, written }: Completion): number {
    const { policy, legacy, random } = this.plan;
    if (!policy.oddLengths || !legacy || !reads || random.below(2) === 0) return written;
    return ODD_LENGTHS[random.below(ODD_LENGTHS.length)]!;
  }

  /** A run's last used entry stands for the run; the driver assumes that earlier chains were written completely. */
  private pushRuns(due: readonly Completion[]): void {
    let run: Completion[] = [];
    for (const [i, completion] of due.entries()) {
      const { id, written, room } = completion;
      run.push(completion);
      if (i + 1 < due.length && written === room) continue;
      this.ring.push(id, written);
      for (const before of run.slice(0, -1)) this.ring.pushWithLast(before.id, before.written);
      run = [];
    }
  }

  /** Buffers without overlap cannot exceed RAM: chains beyond that are not spoiled. */
  private lend(): Loan | null {
    const { chain, plan } = this;
    const { memory } = plan;
    if (!plan.policy.spoil || chain.writableBytes > memory.size - this.lentBytes || overlaps(chain))
      return null;
    this.lentBytes += chain.writableBytes;
    return new Loan(memory, chain);
  }

  private forget(): void {
    this.taken = [];
    this.finished = [];
    this.nextSerial = this.oldest = this.lentBytes = 0;
    this.interrupts.forget();
  }
}

function earliest(completions: readonly Completion[]): Nanos {
  return completions.reduce((first, { due }) => Math.min(first, due), NEVER);
}

/** Fisher-Yates shuffle; completions that follow each other stay together. */
function shuffle(completions: readonly Completion[], random: Random): Completion[] {
  const groups: Completion[][] = [];
  for (const completion of completions)
    if (completion.follows) groups.at(-1)!.push(completion);
    else groups.push([completion]);
  for (let i = groups.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [groups[i], groups[j]] = [groups[j]!, groups[i]!];
  }
  return groups.flat();
}
