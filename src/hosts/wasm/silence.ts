import { createRequire } from 'node:module';

/** Only for a process in which a test calls a module: every other program would load them for nothing. */
const load = createRequire(import.meta.url);
const inspector = () => load('node:inspector') as typeof import('node:inspector');
const threads = () => load('node:worker_threads') as typeof import('node:worker_threads');

/** What is shared with the thread that watches: whether a call is under way, its limit, how often the turn passed, to which. */
const [STATE, LIMIT, TURNS, TURN] = [0, 1, 2, 3];
const [IDLE, CALLING, ENDING] = [0, 1, 2];
/** Which code runs: the module's, or a machine's on its behalf. */
type Turn = 0 | 1;
export const [MODULES, MACHINES]: readonly [Turn, Turn] = [0, 1];
/** The thread looks so often in the time that a module may be silent. */
const LOOKS = 16;
/** The global function that an evaluation calls by name. */
const CALLED = Symbol.for('guestrig.silence');
/** Named so that no stack takes it for the driver's. */
const EXPRESSION = `process[Symbol.for('${CALLED.description}')]()\n//# sourceURL=${import.meta.url}`;

/**
 * Ends the evaluation on the main thread if the module has the turn, and had it since long. The processor's time is the
 * process's: that of one thread is not known to another everywhere. Time in which the host was busy elsewhere is no part
 * of it, and of both clocks the shorter time counts.
 */
const PROGRAM = `
  const { Session } = require('node:inspector');
  const state = new Int32Array(require('node:worker_threads').workerData);
  const used = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const end = () => new Promise((resolve) => {
    const session = new Session();
    session.connectToMainThread();
    session.post('Runtime.terminateExecution', () => {
      session.disconnect();
      resolve();
    });
  });
  const watch = async () => {
    for (;;) {
      Atomics.wait(state, ${STATE}, ${IDLE});
      let [turns, since, before] = [-1, 0, 0];
      while (Atomics.load(state, ${STATE}) === ${CALLING}) {
        const [limit, now, cpu] = [Atomics.load(state, ${LIMIT}), performance.now(), used()];
        const seen = Atomics.load(state, ${TURNS});
        if (seen !== turns || Atomics.load(state, ${TURN}) !== ${MODULES}) [turns, since, before] = [seen, now, cpu];
        else if (Math.min(now - since, cpu - before) >= limit)
          if (Atomics.compareExchange(state, ${STATE}, ${CALLING}, ${ENDING}) === ${CALLING}) await end();
        Atomics.wait(state, ${STATE}, ${CALLING}, Math.max(1, limit / ${LOOKS}));
      }
    }
  };
  // An answer that is awaited keeps no thread alive.
  setInterval(() => {}, 2 ** 30);
  watch();
`;

const state = new Int32Array(new SharedArrayBuffer(16));
/** An evaluation is what the engine ends, and no more than that. Made for the first call. */
let evaluate: (() => void) | null = null;

/** Runs calls of modules, and ends one that makes no access for too long. */
export const silence = {
  /** The module makes an access or is called back, or that is over. */
  turn(now: Turn): void {
    state[TURNS]!++;
    state[TURN] = now;
  },

  /** Calls the module within a call of it, such as from a listener. */
  within<T>(act: () => T): T {
    const before = state[TURN] as Turn;
    silence.turn(MODULES);
    try {
      return act();
    } finally {
      silence.turn(before);
    }
  },

  /**
   * Only on the main thread, since the engine lets a thread end what another one runs only there.
   *
   * @param limit milliseconds of a processor for which the call may make no access.
   * @returns null if it was ended.
   */
  bounded<T>(limit: number, act: () => T): { readonly result: T } | null {
    if (state[STATE] !== IDLE) return { result: silence.within(act) };
    if (!threads().isMainThread || !process.features.inspector) return { result: act() };
    evaluate ??= begun();
    let done: (() => T) | null = null;
    (process as { [CALLED]?: () => void })[CALLED] = () => {
      done = outcomeOf(act);
      // It is about to be ended: then within the evaluation, and not after it.
      if (Atomics.compareExchange(state, STATE, CALLING, IDLE) !== CALLING) for (;;);
    };
    silence.turn(MODULES);
    state[LIMIT] = limit;
    Atomics.store(state, STATE, CALLING);
    Atomics.notify(state, STATE);
    evaluate();
    Atomics.store(state, STATE, IDLE);
    return done === null ? null : { result: (done as () => T)() };
  },
};

function begun(): () => void {
  const { Worker } = threads();
  // The program's own execution options, such as a TypeScript loader, do not apply.
  new Worker(PROGRAM, { eval: true, workerData: state.buffer, execArgv: [], env: {} }).unref();
  const session = new (inspector().Session)();
  session.connect();
  return () => session.post('Runtime.evaluate', { expression: EXPRESSION });
}

/** What it returns, or throws. */
function outcomeOf<T>(act: () => T): () => T {
  try {
    const result = act();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
