import { createRequire, findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { theirFrames } from '../../core/callers.ts';

/** Only for a driver that does not return: every other program would wait for it. */
const threads = () =>
  createRequire(import.meta.url)('node:worker_threads') as typeof import('node:worker_threads');

/** How often it is looked where a driver is: what it calls in a loop is in most of the looks, or in few. */
const LOOKS = 31;
/** Milliseconds that a thread may take to start, and to stop. */
const PATIENCE = 10_000;
/** The global function that samples call by name: the inspector has no other access to a busy thread. */
const ASKED = Symbol.for('guestrig.whereabouts');
const [IDLE, LOOKING, ENOUGH, BEGINNING] = [0, 1, 2, 3];

/**
 * Sends evaluations to the main thread again and again, while it executes other code. The evaluated code runs on top of
 * that, and sees it in its stack; nothing is stopped or recompiled. If the evaluation was terminated in place of the code
 * below it, that code is terminated now.
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

/** The sampling thread. It starts when a driver does not return for the first time, and then waits for others. */
let asking: { readonly state: Int32Array; begin(): void } | null = null;

/** Samples a call on the main thread: a call that is terminated from outside has no stack. */
export class CallSites {
  /** Of each sample, innermost first. */
  private readonly seen: (readonly CallFrame[])[] = [];
  private readonly isThere: () => boolean;
  /** The functions that it was in, innermost first, as the lines of a stack; null if there were too few samples. */
  frames: string | null = null;

  /** @param isThere whether the call has reached the point to sample. */
  constructor(isThere: () => boolean) {
    this.isThere = isThere;
  }

  /** Only the main thread can be sampled, and only if Node has an inspector. */
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
      // The sample may have been terminated before it restored that.
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
  // The program's own execution options, such as a TypeScript loader, do not apply.
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

/** In small pieces: the thread's last evaluations run between them. */
function waitUntilIdle(state: Int32Array): void {
  const until = performance.now() + PATIENCE;
  for (
    let now = Atomics.load(state, 0);
    now !== IDLE && performance.now() < until;
    now = Atomics.load(state, 0)
  )
    Atomics.wait(state, 0, now, 1);
}

/** The longest stack from the outermost function inwards that more than half of the samples share. */
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

/** The driver's, and not our callers'. */
function innermost(frames: string): string {
  const lines = frames.split('\n');
  const isTheirs = (line: string) => theirFrames(line) !== '';
  const from = lines.findIndex(isTheirs);
  const to = lines.findIndex((line, i) => i > from && !isTheirs(line));
  return theirFrames(lines.slice(from, Math.max(from, to)).join('\n'));
}

/** A function on the stack, by where it begins: lines and columns count from 0. */
interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/**
 * A function on the stack, at its first line, as the engine passes one to `Error.prepareStackTrace`: a test runner's hook
 * there maps it to the source line.
 */
class CallSite {
  private readonly frame: CallFrame;
  /** A path, even if the engine has its URL. */
  private readonly path: string;

  constructor(frame: CallFrame) {
    this.frame = frame;
    this.path = frame.url.startsWith('file:') ? fileURLToPath(frame.url) : frame.url;
  }

  getFunctionName(): string | null {
    return this.frame.functionName || null;
  }

  getFileName(): string {
    return this.path;
  }

  getScriptNameOrSourceURL(): string {
    return this.path;
  }

  /** From 1, as in a stack. */
  getLineNumber(): number {
    return this.frame.lineNumber + 1;
  }

  getColumnNumber(): number {
    return this.frame.columnNumber + 1;
  }

  isNative(): boolean {
    return false;
  }

  isEval(): boolean {
    return false;
  }

  isConstructor(): boolean {
    return false;
  }

  isToplevel(): boolean {
    return true;
  }

  toString(): string {
    const { functionName, url, lineNumber, columnNumber } = this.frame;
    const map = findSourceMap(url) ?? findSourceMap(this.path);
    const origin = map?.findEntry(lineNumber, columnNumber);
    const place =
      origin !== undefined && 'originalSource' in origin
        ? `${origin.originalSource}:${origin.originalLine + 1}:${origin.originalColumn + 1}`
        : `${this.path}:${this.getLineNumber()}:${this.getColumnNumber()}`;
    return `${functionName || '<anonymous>'} (${place})`;
  }
}

/** As many frames as a driver's finding shows. */
const FRAMES = 100;
/** A function of WebAssembly, as the engine names it: `send (wasm://wasm/3cd9646a:wasm-function[9]:0x34b)`. */
const COMPILED = /(wasm:\/\/\S*:wasm-function\[\d+\]):0x/;

/** The functions on the stack, innermost first. */
function framesNow(): CallFrame[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (_error, sites) => sites;
  const sites = new Error().stack as unknown as readonly EnclosedSite[];
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  return sites.map(frameOf);
}

/** Where a function begins, which the engine reports, and Node's types do not. */
interface EnclosedSite extends NodeJS.CallSite {
  getEnclosingLineNumber(): number;
  getEnclosingColumnNumber(): number;
}

/** The position within it differs from sample to sample. */
function frameOf(site: EnclosedSite): CallFrame {
  const functionName = site.getFunctionName() ?? '';
  const column = site.getEnclosingColumnNumber();
  const [, place] = COMPILED.exec(String(site)) ?? [];
  if (place !== undefined)
    return { functionName, url: `${place}:0x${column.toString(16)}`, lineNumber: 0, columnNumber: column };
  return {
    functionName,
    url: site.getFileName() ?? '',
    lineNumber: site.getEnclosingLineNumber() - 1,
    columnNumber: column - 1,
  };
}

/**
 * These functions as the lines of a stack, in the source files and not in generated ones. A frame that is neither of a
 * file nor of a WebAssembly module is left out.
 */
function stackOf(frames: readonly CallFrame[]): string {
  return frames.flatMap(linesOf).join('\n');
}

function linesOf(frame: CallFrame): string[] {
  const { functionName, url, columnNumber } = frame;
  if (url.startsWith('wasm:')) return [`    at ${functionName || '<anonymous>'} (${url})`];
  // A loader's wrapper around a script lies before its first column.
  if (!/^(file:\/\/)?\//.test(url) || columnNumber < 0) return [];
  const site = new CallSite(frame);
  const prepared: unknown = Error.prepareStackTrace?.(new Error(), [site as unknown as NodeJS.CallSite]);
  return [typeof prepared === 'string' ? prepared.slice(prepared.lastIndexOf('    at ')) : `    at ${site}`];
}
