import { createRequire } from 'node:module';
import { theirFrames } from '../../core/callers.ts';
import { type CallFrame, framesNow, stackOf } from './call-site.ts';

/** Only for a driver that does not return: every other program would wait for it. */
const threads = () =>
  createRequire(import.meta.url)('node:worker_threads') as typeof import('node:worker_threads');

/** How often it is looked where a driver is: what it calls in a loop is in most of the looks, or in few. */
const LOOKS = 31;
/** Milliseconds that a thread may take to begin, and to let go. */
const PATIENCE = 10_000;
/** What is asked by name: who asks has no other way to a thread that is busy. */
const ASKED = Symbol.for('guestrig.whereabouts');
const [IDLE, LOOKING, ENOUGH, BEGINNING] = [0, 1, 2, 3];

/**
 * Asks the main thread again and again, in the middle of whatever it executes. What is asked there runs on top of that, and
 * sees it in its stack; nothing is stopped, and nothing of it compiled anew. Where the asking itself was ended in place of
 * what it was on top of, that is ended now.
 */
const PROGRAM = `
  const { workerData: { port, shared } } = require('node:worker_threads');
  const { Session } = require('node:inspector');
  const state = new Int32Array(shared);
  const become = (what) => {
    Atomics.store(state, 0, what);
    Atomics.notify(state, 0);
  };
  const expression = 'process[Symbol.for("${ASKED.description}")]?.() ?? 0';
  port.on('message', () => {
    const session = new Session();
    session.connectToMainThread();
    const over = () => {
      if (Atomics.load(state, 0) === ${LOOKING}) return void setTimeout(over, 1);
      session.disconnect();
      become(${IDLE});
    };
    const look = () => {
      if (Atomics.load(state, 0) !== ${LOOKING}) return over();
      session.post('Runtime.evaluate', { expression, returnByValue: true }, (error, answer) => {
        if (/terminated/.test(error?.message)) session.post('Runtime.terminateExecution');
        if (error !== null || answer.result.value >= ${LOOKS}) over();
        else setTimeout(look, 1);
      });
    };
    look();
  });
  become(${IDLE});
`;

/** The thread that asks. It begins when a driver does not return for the first time, and waits for others after that. */
let asking: { readonly state: Int32Array; begin(): void } | null = null;

/** Looks on at a call on the main thread: what is ended from without has no stack. */
export class Whereabouts {
  /** Of each look, innermost first. */
  private readonly seen: (readonly CallFrame[])[] = [];
  private readonly isThere: () => boolean;
  /** Functions that it was in, innermost first, as the lines of a stack; null if it was not looked at often enough. */
  frames: string | null = null;

  /** @param isThere whether it has come to what is looked for. */
  constructor(isThere: () => boolean) {
    this.isThere = isThere;
  }

  /** The main thread alone can be asked, and only where Node has an inspector. */
  static get canBe(): boolean {
    return threads().isMainThread && process.features.inspector;
  }

  watch<T>(act: () => T): T {
    asking ??= begun();
    const { state, begin } = asking;
    const { prepareStackTrace } = Error;
    const host = process as { [ASKED]?: () => number };
    host[ASKED] = () => this.look();
    Atomics.store(state, 0, LOOKING);
    begin();
    try {
      return act();
    } finally {
      delete host[ASKED];
      // The look may have been ended before it put that back.
      Error.prepareStackTrace = prepareStackTrace;
      Atomics.store(state, 0, ENOUGH);
      waitUntilIdle(state);
      if (this.seen.length >= LOOKS) this.frames = innermost(stackOf(usual(this.seen)));
    }
  }

  private look(): number {
    if (this.isThere()) this.seen.push(framesNow());
    return this.seen.length;
  }
}

function begun(): NonNullable<typeof asking> {
  const state = new Int32Array(new SharedArrayBuffer(4)).fill(BEGINNING);
  const { MessageChannel, Worker } = threads();
  const { port1, port2 } = new MessageChannel();
  const workerData = { port: port2, shared: state.buffer };
  // What the program is run with, such as a loader of TypeScript, is not for this.
  const worker = new Worker(PROGRAM, {
    eval: true,
    workerData,
    transferList: [port2],
    execArgv: [],
    env: {},
  });
  worker.unref();
  port1.unref();
  waitUntilIdle(state);
  return { state, begin: () => port1.postMessage(null) };
}

/** In small pieces: what the thread still asks is answered between them. */
function waitUntilIdle(state: Int32Array): void {
  const until = performance.now() + PATIENCE;
  for (
    let now = Atomics.load(state, 0);
    now !== IDLE && performance.now() < until;
    now = Atomics.load(state, 0)
  )
    Atomics.wait(state, 0, now, 1);
}

/** The longest way from the outermost function inwards that more than half of the looks share. */
function usual(seen: readonly (readonly CallFrame[])[]): readonly CallFrame[] {
  const ways = new Map<string, { readonly frames: readonly CallFrame[]; count: number }>();
  for (const frames of seen)
    for (let i = 0; i < frames.length; i++) {
      const key = JSON.stringify(frames.slice(i));
      const way = ways.get(key) ?? { frames: frames.slice(i), count: 0 };
      ways.set(key, way);
      way.count++;
    }
  const shared = [...ways.values()].filter(({ count }) => count > seen.length / 2);
  return shared.reduce<readonly CallFrame[]>((a, { frames }) => (frames.length > a.length ? frames : a), []);
}

/** Theirs, and not those of who called us. */
function innermost(frames: string): string {
  const lines = frames.split('\n');
  const isTheirs = (line: string) => theirFrames(line) !== '';
  const from = lines.findIndex(isTheirs);
  const to = lines.findIndex((line, i) => i > from && !isTheirs(line));
  return theirFrames(lines.slice(from, Math.max(from, to)).join('\n'));
}
