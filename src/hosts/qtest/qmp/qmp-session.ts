import { MisuseError } from '../../../core/misuse.ts';
import { QMP_COMMANDS, QmpError, type QmpHost, VERSION } from './commands.ts';

/** Limit of one object; a request has a few hundred bytes. */
const LONGEST = 1 << 20;
const DEEPEST = 1024;
/** A byte that no JSON contains. */
const NO_TEXT = '\u00ff';
const BREAKS = '\t\r\n';

/** JSON objects from a stream, in pieces of any length, with or without line ends between them. */
class JsonStream {
  private readonly take: (value: unknown) => void;
  private readonly refuse: (why: string) => void;
  private text = '';
  private depth = 0;
  private quoted = false;
  private escaped = false;

  /** @param take gets each object. @param refuse gets the error of other text. */
  constructor(take: (value: unknown) => void, refuse: (why: string) => void) {
    this.take = take;
    this.refuse = refuse;
  }

  feed(chunk: string): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const sign = chunk[at]!;
      if (this.isStray(sign)) {
        this.drop(`stray ${JSON.stringify(sign)}`);
        from = at + 1;
        continue;
      }
      // Text before an object on its line is an error, and the object is taken.
      if (this.depth === 0 && (sign === '{' || sign === '[')) {
        this.finish(chunk.slice(from, at));
        from = at;
      }
      if (this.ends(sign)) {
        this.finish(chunk.slice(from, at + 1));
        from = at + 1;
      } else if (this.depth > DEEPEST) {
        this.drop('nesting is too deep');
        from = at + 1;
      }
    }
    this.text += chunk.slice(from);
    if (this.text.length > LONGEST) this.drop('it is too long');
  }

  /** A string ends at the end of its line; other control characters end a client's unfinished object. */
  private isStray(sign: string): boolean {
    return sign === NO_TEXT || (sign < ' ' && (this.quoted || !BREAKS.includes(sign)));
  }

  /** Whether this is the last character of an object, or of a line that begins none. */
  private ends(sign: string): boolean {
    if (this.quoted) {
      if (this.escaped) this.escaped = false;
      else if (sign === '\\') this.escaped = true;
      else if (sign === '"') this.quoted = false;
      return false;
    }
    if (sign === '"') this.quoted = this.depth > 0;
    else if (sign === '{' || sign === '[') this.depth++;
    else if (sign === '}' || sign === ']') return --this.depth <= 0;
    return sign === '\n' && this.depth === 0;
  }

  private drop(why: string): void {
    this.forget();
    this.refuse(`JSON parse error, ${why}`);
  }

  private forget(): void {
    this.text = '';
    this.depth = 0;
    this.quoted = false;
    this.escaped = false;
  }

  private finish(last: string): void {
    const text = `${this.text}${last}`.trim();
    this.forget();
    if (text === '') return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.refuse('JSON parse error, invalid input');
      return;
    }
    this.take(value);
  }
}

const NEGOTIATE = 'qmp_capabilities';
const NANOS = 1_000_000_000;

/** A client of the monitor: one JSON object a line, each way. Every request is answered. */
export class QmpSession {
  private readonly host: QmpHost;
  private readonly send: (text: string) => void;
  private readonly stream: JsonStream;
  private negotiated = false;

  constructor(host: QmpHost, send: (text: string) => void) {
    this.host = host;
    this.send = send;
    this.stream = new JsonStream(
      (request) => this.answer(request),
      (why) => this.write({ error: { class: 'GenericError', desc: why } }),
    );
    this.write({ QMP: { version: VERSION, capabilities: [] } });
  }

  feed(chunk: string): void {
    this.stream.feed(chunk);
  }

  /** Sent to a client that has negotiated. The time is the machine's. */
  event(event: string, data?: object): void {
    if (!this.negotiated) return;
    const now = this.host.qtest.machine.now;
    const timestamp = { seconds: Math.floor(now / NANOS), microseconds: Math.floor((now % NANOS) / 1000) };
    this.write({ timestamp, event, ...(data === undefined ? {} : { data }) });
  }

  private answer(request: unknown): void {
    const id = idOf(request);
    try {
      this.write({ return: this.run(request), ...id });
    } catch (error) {
      const [kind, desc] = refusal(error);
      this.write({ error: { class: kind, desc }, ...id });
    }
  }

  private run(request: unknown): unknown {
    const { execute, arguments: given = {} } = (request ?? {}) as { execute?: unknown; arguments?: unknown };
    if (typeof request !== 'object' || Array.isArray(request))
      throw new QmpError('QMP input must be a JSON object');
    if (typeof execute !== 'string') throw new QmpError("QMP input lacks member 'execute'");
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw new QmpError("QMP input member 'arguments' must be an object");
    if (!this.negotiated && execute !== NEGOTIATE)
      throw new QmpError(`Expecting capabilities negotiation with '${NEGOTIATE}'`, 'CommandNotFound');
    if (execute === NEGOTIATE) return this.negotiate();
    const command = QMP_COMMANDS.get(execute);
    if (command === undefined)
      throw new QmpError(`The command ${execute.slice(0, 80)} has not been found`, 'CommandNotFound');
    return command(given as Readonly<Record<string, unknown>>, this.host);
  }

  private negotiate(): object {
    if (this.negotiated)
      throw new QmpError('Capabilities negotiation is already complete, command ignored', 'CommandNotFound');
    this.negotiated = true;
    return {};
  }

  private write(message: object): void {
    this.send(`${JSON.stringify(message)}\r\n`);
  }
}

function idOf(request: unknown): { id?: unknown } {
  const has = typeof request === 'object' && request !== null && 'id' in request;
  return has ? { id: request.id } : {};
}

/** The error of a request; an error that a device throws is reported, too. */
function refusal(error: unknown): [kind: string, description: string] {
  if (error instanceof QmpError) return [error.class, error.message];
  const message = error instanceof Error ? error.message : String(error);
  return ['GenericError', error instanceof MisuseError ? message : `it failed: ${message}`];
}
