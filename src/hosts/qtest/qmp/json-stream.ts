/** Limit of one object; a request has a few hundred bytes. */
const LONGEST = 1 << 20;
const DEEPEST = 1024;
/** A byte that no JSON contains. */
const NO_TEXT = '\u00ff';
const BREAKS = '\t\r\n';

/** JSON objects from a stream, in pieces of any length, with or without line ends between them. */
export class JsonStream {
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
