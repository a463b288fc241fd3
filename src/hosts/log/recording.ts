import * as v from 'valibot';
import { MisuseError } from '../../core/misuse.ts';
import { INSTRUCTIONS } from '../../core/processor.ts';
import { valueText } from '../../core/value-text.ts';
import type { TraceRecord } from '../../trace/index.ts';
import type { LogLines } from './log-lines.ts';
import { inLine, loggedGiven, loggedMachine } from './logged.ts';

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const width = v.picklist([1, 2, 4, 8]);
const hexadecimal = v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/));
const at = v.pipe(v.number(), v.minValue(0));
const of = <Entries extends v.ObjectEntries>(entries: Entries) => v.object({ at, ...entries });
const ram = <Entries extends v.ObjectEntries>(entries: Entries) =>
  of({ kind: v.literal('ram'), address: whole, ...entries });
const guest = <Entries extends v.ObjectEntries>(entries: Entries) =>
  of({ kind: v.literal('guest'), ...entries });

/** The actions to replay, by kind. */
const ACTS: Readonly<Record<string, v.GenericSchema>> = {
  machine: of({
    kind: v.literal('machine'),
    format: whole,
    profile: v.string(),
    options: v.record(v.string(), v.unknown()),
    accessTime: whole,
    qemu: v.optional(v.record(v.string(), v.unknown())),
    sight: v.picklist(['accesses', 'stores', 'changes']),
  }),
  access: of({
    kind: v.literal('access'),
    firmware: v.optional(v.literal(true)),
    space: v.picklist(['port', 'memory']),
    write: v.boolean(),
    address: whole,
    width,
    value: v.number(),
  }),
  ram: v.variant('does', [
    ram({ does: v.picklist(['load', 'store']), width, value: v.number() }),
    ram({ does: v.picklist(['read', 'given', 'released']), length: whole }),
    ram({ does: v.picklist(['write', 'found']), data: hexadecimal }),
    ram({ does: v.literal('fill'), length: whole, value: v.number() }),
    ram({ does: v.literal('missed'), length: whole, write: v.boolean() }),
  ]),
  guest: v.variant('does', [
    guest({ does: v.picklist(['mask', 'unmask', 'time', 'return']) }),
    guest({ does: v.literal('handle'), vector: whole }),
    guest({ does: v.literal('wait'), limit: v.nullable(v.pipe(v.number(), v.minValue(0))) }),
    guest({ does: v.literal('look'), done: v.boolean() }),
    guest({
      does: v.literal('execute'),
      vcpu: whole,
      instruction: v.picklist(INSTRUCTIONS),
      with: v.array(whole),
    }),
  ]),
  interrupt: of({ kind: v.literal('interrupt'), vector: whole }),
  outside: of({ kind: v.literal('outside'), of: v.string(), does: v.string(), with: v.array(v.unknown()) }),
  told: of({ kind: v.literal('told'), of: v.string(), what: v.record(v.string(), v.unknown()) }),
  turn: of({
    kind: v.literal('turn'),
    firmware: v.boolean(),
    anew: v.optional(v.literal(true)),
    within: v.optional(v.literal(true)),
  }),
  unjudged: of({ kind: v.literal('unjudged'), begins: v.boolean() }),
  over: of({ kind: v.literal('over'), waiting: v.boolean() }),
};

/** Records that follow from the rest, for reading only. */
const SHOWN = ['frame', 'serial', 'level', 'chain', 'command', 'finding', 'power'];

export type Act = Extract<
  TraceRecord,
  {
    kind:
      | 'machine'
      | 'access'
      | 'ram'
      | 'guest'
      | 'interrupt'
      | 'outside'
      | 'told'
      | 'turn'
      | 'unjudged'
      | 'over';
  }
>;

const MACHINE = /^\{"at":[^,]*,"kind":"machine"/;
/** Objects, lists, and their elements, in a line: each takes much more memory than it has characters. */
const MOST_PARTS = 1 << 20;
/** Characters of a report by rules. Findings keep its names and texts. */
const TOLD_MOST = 1 << 16;

/** Where a record begins in a line that other output began. */
const BEGIN = '{"at":';

/** The actions of a recorded run, as JSON lines, record by record. */
export class Recording {
  private readonly lines: LogLines;
  private ahead: Act | null = null;
  private aheadLine = 0;
  private line = 0;

  constructor(lines: LogLines) {
    this.lines = lines;
  }

  /** The line of the record that was read last. */
  get number(): number {
    return this.line;
  }

  /** The next record, without reading past it; null at the end. */
  peek(): Act | null {
    if (this.ahead === null) {
      this.ahead = this.read();
      this.aheadLine = this.lines.number;
    }
    return this.ahead;
  }

  next(): Act | null {
    const act = this.peek();
    this.ahead = null;
    this.line = this.aheadLine;
    return act;
  }

  private read(): Act | null {
    for (;;) {
      const line = this.lines.next();
      if (line === null) return null;
      const act = this.parsed(line);
      if (act !== null) return act;
    }
  }

  private parsed(line: string): Act | null {
    const begin = line.indexOf(BEGIN);
    if (begin < 0) {
      if (line.trim() !== '') this.lines.foreign++;
      return null;
    }
    if (hasTooMuch(line)) return this.tooMuch(line.slice(begin));
    const record = jsonOf(line.slice(begin));
    if (record === undefined) return this.damaged('it is no JSON: the line is cut, or mixed with another');
    const { kind } = record as { readonly kind?: unknown };
    if (typeof kind !== 'string') return this.damaged('it has no kind');
    if (SHOWN.includes(kind)) return null;
    const schema = Object.hasOwn(ACTS, kind) ? ACTS[kind]! : null;
    if (schema === null) return this.damaged(`${valueText(kind)} is no kind of record`);
    if (kind === 'told' && line.length > TOLD_MOST)
      return this.damaged(`it tells more than ${TOLD_MOST} characters`);
    const checked = v.safeParse(schema, record);
    if (checked.success) return this.allowed(record as Act);
    const field = checked.issues[0].path?.map(({ key }) => String(key)).join('.') ?? 'it';
    return this.damaged(`${kind}.${field} is not what it should be`);
  }

  /** @throws MisuseError for a machine: without it, the rest would be judged on another. */
  private tooMuch(line: string): null {
    const why = `it has more than ${MOST_PARTS} parts`;
    if (MACHINE.test(line)) throw new MisuseError(`line ${this.lines.number}`, 'a machine', '', why);
    return this.damaged(why);
  }

  /** @throws MisuseError for a record that builds more than a log may. */
  private allowed(act: Act): Act {
    const { number } = this.lines;
    if (act.kind === 'machine') return inLine(number, () => loggedMachine(act));
    if (act.kind !== 'outside') return act;
    return { ...act, with: inLine(number, () => loggedGiven(act.of, act.does, act.with)) };
  }

  private damaged(why: string): null {
    this.lines.damage(why);
    return null;
  }
}

function jsonOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** In text whose parts are one character each, there are no more parts than characters. */
function hasTooMuch(line: string): boolean {
  if (line.length <= MOST_PARTS) return false;
  let parts = 0;
  for (const sign of ['{', '[', ','])
    for (let at = line.indexOf(sign); at >= 0 && parts <= MOST_PARTS; at = line.indexOf(sign, at + 1))
      parts++;
  return parts > MOST_PARTS;
}
