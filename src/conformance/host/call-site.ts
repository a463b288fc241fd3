import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A function of a profile, as the engine gives it: lines and columns count from 0. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/**
 * A function that was being executed, at its first line, as the engine gives one to `Error.prepareStackTrace`: what a test
 * runner puts there knows in which line it was written.
 */
class CallSite {
  private readonly frame: CallFrame;
  /** The engine's name of a script that has a path; a profile has the URL of that. */
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

/** These functions as the lines of a stack, in the files that were written and not in what was made of them. */
export function stackOf(frames: readonly CallFrame[]): string {
  const sites = frames.filter(isInFile).map((frame) => new CallSite(frame));
  const prepared: unknown = Error.prepareStackTrace?.(new Error(), sites as unknown as NodeJS.CallSite[]);
  return typeof prepared === 'string' ? prepared : sites.map((site) => `    at ${site}`).join('\n');
}

/** Of a script; what a loader puts around one lies before its first column. */
function isInFile({ url, columnNumber }: CallFrame): boolean {
  return /^(file:\/\/)?\//.test(url) && columnNumber >= 0;
}
