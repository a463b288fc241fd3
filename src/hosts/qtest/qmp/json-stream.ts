/** Of one object; a request has a few hundred. */
const LONGEST = 1 << 20;
const DEEPEST = 1024;
/** A byte that no JSON has: what came before is to be forgotten. */
const FORGET = '\u00ff';

/** JSON objects as they come, in pieces of any length, with or without an end of line between them. */
export class JsonStream {
  private readonly take: (value: unknown) => void;
  private readonly refuse: (why: string) => void;
  private text = '';
  private depth = 0;
  private quoted = false;
  private escaped = false;

  /** @param take gets each object. @param refuse gets what is wrong with what is none. */
  constructor(take: (value: unknown) => void, refuse: (why: string) => void) {
    this.take = take;
    this.refuse = refuse;
  }

  feed(chunk: string): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const sign = chunk[at]!;
      if (sign === FORGET) this.forget();
      else if (this.ends(sign)) this.finish(chunk.slice(from, at + 1));
      else continue;
      from = at + 1;
    }
    this.text += chunk.slice(from);
    if (this.text.length > LONGEST || this.depth > DEEPEST) this.finish('');
  }

  /** Whether this is the last sign of an object, or of a line that begins none. */
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
