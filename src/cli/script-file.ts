import type { Nanos } from '../core/bits.ts';
import { MisuseError } from '../core/misuse.ts';
import { wrongFile } from '../media/file-errors.ts';
import { readText } from './input.ts';
import { timeOf } from './time-text.ts';

/** A dialogue with a guest on its console. */
export interface ScriptFile {
  readonly path: string;
  readonly statements: readonly Statement[];
}

/** A line of a script. */
export type Statement = { readonly line: number } & (
  | { readonly kind: 'expect'; readonly pattern: string | RegExp; readonly within: Nanos | undefined }
  | { readonly kind: 'send'; readonly text: string }
  | { readonly kind: 'pause'; readonly time: Nanos }
  | { readonly kind: 'end' }
);

const LINE = /^(expect|send|pause|end)(?:\s+(.*))?$/;
/** A JSON string. */
const TEXT = /^"(?:[^"\\]|\\.)*"$/;
const REGEXP = /^\/((?:[^/\\]|\\.)+)\/([imsu]*)$/;
const WITHIN = /\s+within\s+(\S+)$/;
const EXPECTED = 'expect TEXT [within TIME], send TEXT, pause TIME or end';

/**
 * Reads a script, a statement a line; empty lines and lines that begin with # are skipped.
 *
 * @throws MisuseError in one line with file and line.
 */
export function readScript(path: string): ScriptFile {
  const lines = readText('script', path).split(/\r?\n/);
  const statements = lines.flatMap((text, i) => {
    const line = text.trim();
    return line === '' || line.startsWith('#') ? [] : [statementOf(line, i + 1, path)];
  });
  if (statements.length === 0) throw wrongFile('script', path, 'holds no statement');
  const end = statements.findIndex(({ kind }) => kind === 'end');
  const behind = end < 0 ? undefined : statements[end + 1];
  if (behind) throw wrongFile('script', `${path}:${behind.line}`, 'nothing is done behind end');
  return { path, statements };
}

function statementOf(text: string, line: number, path: string): Statement {
  const [, kind, rest = ''] = LINE.exec(text) ?? [];
  const found = kind === undefined ? null : argumentsOf(kind, rest);
  if (found === null) throw new MisuseError(`script ${path}:${line}`, text, EXPECTED);
  return { line, ...found };
}

type Found = Statement extends infer S ? (S extends Statement ? Omit<S, 'line'> : never) : never;

function argumentsOf(kind: string, rest: string): Found | null {
  if (kind === 'end') return rest === '' ? { kind } : null;
  if (kind === 'send') {
    const text = stringOf(rest);
    return text === null ? null : { kind, text };
  }
  if (kind === 'pause') {
    const time = timeOf(rest);
    return time === null ? null : { kind, time };
  }
  return expectation(rest);
}

function expectation(rest: string): Found | null {
  const limit = WITHIN.exec(rest);
  const within = limit === null ? undefined : timeOf(limit[1]!);
  const what = limit === null ? rest : rest.slice(0, limit.index);
  const pattern = stringOf(what) ?? regExpOf(what);
  if (pattern === null || pattern === '' || within === null || within === 0) return null;
  return { kind: 'expect', pattern, within };
}

function stringOf(text: string): string | null {
  try {
    return TEXT.test(text) ? JSON.parse(text) : null;
  } catch {
    return null; // An escape that JSON does not know.
  }
}

function regExpOf(text: string): RegExp | null {
  const [, source, flags] = REGEXP.exec(text) ?? [];
  try {
    return source === undefined ? null : new RegExp(source, flags);
  } catch {
    return null;
  }
}
