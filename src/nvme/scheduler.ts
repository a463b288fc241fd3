import { Budget } from '../core/budget.ts';
import { PENDING } from './admin-commands.ts';
import { Arbiter } from './arbiter.ts';
import { ERROR_INFO, EVENT_TYPE } from './async-events.ts';
import { FusedPair } from './fused.ts';
import { Pace } from './pace.ts';
import { Command, CompletionQueue, SubmissionQueue } from './queues.ts';
import { FEATURE, FLAGS } from './registers/commands.ts';
import type { AdminExecutor, IoExecutor, SchedulerHost } from './scheduler-host.ts';

const ADMIN_QUEUE = 0;
const { FUSE } = FLAGS.mask;

/** An answer that waits for room, or until CPUs see its data. */
interface Waiting {
  readonly queue: SubmissionQueue;
  readonly cid: number;
  readonly status: number;
  readonly result: number;
}

/** The queues of a controller: takes commands while there is room for their answers, and interrupts. */
export class Scheduler {
  readonly submissions: (SubmissionQueue | null)[] = [];
  readonly completions: (CompletionQueue | null)[] = [];
  readonly budget: Budget;
  readonly pace: Pace;
  private readonly host: SchedulerHost;
  private readonly admin: AdminExecutor;
  private readonly io: IoExecutor;
  private readonly command = new Command();
  private readonly arbiter = new Arbiter();
  private readonly fused: FusedPair;
  private waiting: Waiting[] = [];

  constructor(host: SchedulerHost, admin: AdminExecutor, io: IoExecutor) {
    this.host = host;
    this.admin = admin;
    this.io = io;
    this.fused = new FusedPair(host, io);
    this.budget = new Budget(host);
    const paced = {
      name: host.name,
      board: host.board,
      canGoOn: () => host.runs && host.canReachMemory,
      goOnHeld: () => this.goOnHeld(),
      interrupt: (vector: number) => (host.canSignal ? host.signal(vector) : this.drivePin()),
    };
    this.pace = new Pace(paced, host.settings.pace, () => new Command());
  }

  get hasIoQueues(): boolean {
    const { submissions, completions } = this;
    return [...submissions, ...completions].some((queue) => queue != null && queue.id !== ADMIN_QUEUE);
  }

  /** Makes the admin queue. */
  start(submission: { address: number; size: number }, completion: { address: number; size: number }): void {
    const completions = new CompletionQueue({ id: ADMIN_QUEUE, ...completion }, 0);
    this.add(completions);
    this.add(new SubmissionQueue({ id: ADMIN_QUEUE, ...submission }, completions));
  }

  add(queue: SubmissionQueue | CompletionQueue): void {
    const isSubmission = queue instanceof SubmissionQueue;
    if (isSubmission) this.submissions[queue.id] = queue;
    else this.completions[queue.id] = queue;
    this.host.events?.queueMade(isSubmission, queue.id, queue.address, queue.size);
  }

  remove(queue: SubmissionQueue | CompletionQueue): void {
    const isSubmission = queue instanceof SubmissionQueue;
    if (isSubmission) {
      this.submissions[queue.id] = null;
      this.budget.forget(queue.id);
      this.pace.forget(queue);
    } else this.completions[queue.id] = null;
    this.waiting = this.waiting.filter(({ queue: other }) => other !== queue);
    this.host.events?.queueGone(isSubmission, queue.id);
    this.drivePin();
  }

  /** Drops all queues, and what was to be done. */
  forget(): void {
    this.submissions.length = this.completions.length = 0;
    this.waiting = [];
    this.budget.reset();
    this.pace.reset();
    this.arbiter.reset();
    this.drivePin();
  }

  ringSubmission(id: number, value: number): void {
    const { events, runs, settings } = this.host;
    const queue = this.submissions[id] ?? null;
    events?.submissionRung(id, value, queue?.size ?? 0, queue?.tail ?? 0, queue?.head ?? 0);
    if (!runs) return;
    if (queue === null || value >= queue.size) this.refuseDoorbell(queue === null);
    else {
      queue.tail = value;
      this.budget.renew();
      if (settings.latency > 0) this.budget.postpone(id, settings.latency);
      else this.serve(queue);
    }
  }

  ringCompletion(id: number, value: number): void {
    const { events, runs } = this.host;
    const queue = this.completions[id] ?? null;
    events?.completionRung(id, value, queue?.size ?? 0, queue?.head ?? 0, queue?.tail ?? 0);
    if (queue === null || value >= queue.size) {
      if (runs) this.refuseDoorbell(queue === null);
    } else {
      queue.head = value;
      this.drivePin();
      // A shutdown ends commands, and not what a driver takes.
      if (!runs) return;
      this.postWaiting();
      if (id === ADMIN_QUEUE) this.tellEvents();
      // There is room again for what waited.
      for (const other of this.submissions)
        if (other != null && other.completions === queue && other.head !== other.tail) this.serve(other);
    }
  }

  goOn(id: number): void {
    this.budget.begin();
    const queue = this.submissions[id] ?? null;
    if (this.host.isWeighted) this.arbitrate();
    else if (queue !== null) this.serve(queue);
  }

  /** CPUs see what was written. */
  resume(): void {
    this.postWaiting();
    this.tellEvents();
    this.budget.takeTurns();
  }

  /** Answers a command that waited: behind the one that is carried out. */
  answerWaiting(queue: number, cid: number, status: number): void {
    this.waiting.push({ queue: this.submissions[queue]!, cid, status, result: 0 });
  }

  /** Answers requests for events with those there are. */
  tellEvents(): void {
    const { asyncEvents, runs, canReachMemory } = this.host;
    const queue = this.submissions[ADMIN_QUEUE] ?? null;
    if (queue === null || !runs || !canReachMemory) return;
    const { completions } = queue;
    const before = completions.tail;
    while (!completions.isFull && !this.isHeldUp(completions)) {
      const result = asyncEvents.next();
      if (result < 0) break;
      this.post(queue, asyncEvents.cid, 0, result);
    }
    if (completions.tail !== before) this.notify(completions);
  }

  /** The pin is high while entries of a queue that interrupts wait for the driver. */
  drivePin(): void {
    const { host, completions } = this;
    const isOpen = !host.canSignal && (host.interruptMask & 1) === 0;
    host.setInterrupt(isOpen && completions.some((queue) => queue?.waits === true));
  }

  private refuseDoorbell(isUnknown: boolean): void {
    const info = isUnknown ? ERROR_INFO.NO_DOORBELL : ERROR_INFO.DOORBELL_VALUE;
    this.host.asyncEvents.raise(EVENT_TYPE.ERROR, info);
    this.tellEvents();
  }

  /** Carries out what a queue holds, while there is budget, and room for the answers. */
  private serve(queue: SubmissionQueue, most = Number.POSITIVE_INFINITY): void {
    const { host, budget } = this;
    if (!host.canReachMemory || budget.waits(queue.id)) return;
    // What waited may have lacked the bus alone.
    if (this.waiting.length > 0) this.postWaiting();
    const { completions } = queue;
    const before = completions.tail;
    if (most === Number.POSITIVE_INFINITY && this.isPlain(queue) && !this.io.executeAll(queue, this.command))
      host.fail();
    for (let n = 0; n < most && this.canTake(queue) && budget.left > 0; n++) this.executeNext(queue);
    if (!host.runs) return;
    if (queue.head !== queue.tail && !completions.isFull) budget.postpone(queue.id);
    if (completions.tail !== before) this.notify(completions);
  }

  /** Each command of the queue is carried out and answered before the next is taken. */
  private isPlain(queue: SubmissionQueue): boolean {
    const { host, pace, waiting } = this;
    if (queue.id === ADMIN_QUEUE || host.settings.offers.fused || host.events !== null) return false;
    return !pace.holds && !pace.isFull && waiting.length === 0 && host.board.memory.delay === null;
  }

  /** Takes commands of all queues by their weight. */
  private arbitrate(): void {
    const feature = this.host.features.current(FEATURE.ARBITRATION);
    while (this.budget.left > 0) {
      const ready = this.submissions.filter((queue) => queue != null && this.canTake(queue));
      const queue = this.arbiter.next(ready, feature);
      if (queue === null) return;
      const { head } = queue;
      this.serve(queue, this.arbiter.burst(feature));
      if (queue.head === head) return;
    }
  }

  private canTake(queue: SubmissionQueue): boolean {
    const { host, waiting } = this;
    // What is held may be aborted.
    const isFull = queue.completions.isFull || (this.pace.isFull && queue.id !== ADMIN_QUEUE);
    if (!host.runs || queue.head === queue.tail || isFull) return false;
    return waiting.length === 0 || !this.isHeldUp(queue.completions);
  }

  /** By answers that come first: those that wait for room there, or all until CPUs see the data. */
  private isHeldUp(completions: CompletionQueue): boolean {
    const { host, waiting } = this;
    if (host.board.memory.delay?.holds(host) === true) return true;
    return waiting.some(({ queue }) => queue.completions === completions);
  }

  private executeNext(queue: SubmissionQueue): void {
    const { command, host } = this;
    if (!command.fetch(host.board.memory, queue)) {
      host.fail();
      return;
    }
    host.events?.commanded(queue.id, command.view);
    if (queue.id !== ADMIN_QUEUE) {
      if ((command.flags & FUSE) !== 0 && host.settings.offers.fused) this.executePair(queue);
      else if (this.pace.holds) this.pace.take(queue, command, host.events);
      else this.answer(queue, command.cid, this.io.execute(command), 0);
      return;
    }
    const status = this.admin.execute(command);
    if (status !== PENDING) this.answer(queue, command.cid, status, this.admin.result);
    this.budget.spendOn(1, 0);
    this.postWaiting();
    this.tellEvents();
  }

  private executePair(queue: SubmissionQueue): void {
    const { command, fused } = this;
    this.waiting.push({ queue, cid: command.cid, status: fused.execute(queue, command), result: 0 });
    if (fused.hasSecond)
      this.waiting.push({ queue, cid: fused.second.cid, status: fused.secondStatus, result: 0 });
    this.postWaiting();
  }

  /** Carries out commands that were held, and are due. */
  private goOnHeld(): void {
    const { host, budget, pace } = this;
    if (!host.runs) return;
    budget.begin();
    while (host.canReachMemory && !budget.isHeld && budget.left > 0) {
      const held = pace.next();
      if (held === null) break;
      const { queue, command } = held;
      host.events?.resumed(queue!.id, command.cid, command.opcode);
      this.waiting.push({ queue: queue!, cid: command.cid, status: this.io.execute(command), result: 0 });
      this.postWaiting();
    }
    for (const queue of this.submissions) if (queue != null && queue.head !== queue.tail) this.serve(queue);
  }

  /** Published once CPUs see the data. There is room for it. */
  private answer(queue: SubmissionQueue, cid: number, status: number, result: number): void {
    if (this.budget.isHeld) this.waiting.unshift({ queue, cid, status, result });
    else this.post(queue, cid, status, result);
  }

  private postWaiting(): void {
    const { host } = this;
    if (!host.runs || !host.canReachMemory) return;
    for (let i = 0; i < this.waiting.length; ) {
      const { queue, cid, status, result } = this.waiting[i]!;
      if (host.board.memory.delay?.holds(host) === true) return;
      if (queue.completions.isFull) i++;
      else {
        this.waiting.splice(i, 1);
        this.post(queue, cid, status, result);
        this.notify(queue.completions);
      }
    }
  }

  private post(queue: SubmissionQueue, cid: number, status: number, result: number): void {
    const { host } = this;
    if (queue.completions.post(host.board.memory, queue, cid, status, result))
      host.events?.answered(queue.id, cid, status, result);
    else host.fail();
  }

  /** There are new entries. */
  private notify(queue: CompletionQueue): void {
    if (queue.vector >= 0) this.pace.fire(queue.vector, queue.id !== ADMIN_QUEUE);
  }
}
