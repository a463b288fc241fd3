import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A function on the stack, by where it begins: lines and columns count from 0. */
export interface CallFrame {
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
export function framesNow(): CallFrame[] {
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
export function stackOf(frames: readonly CallFrame[]): string {
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
