import { types } from 'node:util';

/** A value as shown in a message. */
const SHOWN = 100;
/** Depth of nested objects that is shown, and number of fields and entries that are read: a value may have any number. */
const DEEPEST = 4;
const LOOKED_AT = 256;
/** A number with more digits takes long to convert to decimal. */
const BIGINT_BITS = 256;

/**
 * Describes any value in few words, for a message. Runs no code of the value, but that of a proxy as its prototype. Takes the
 * time that the engine takes to list an object's keys, which cannot be had one by one.
 */
export function valueText(value: unknown): string {
  const text = textOf(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}

function textOf(value: unknown): string {
  try {
    return typeof value === 'object' && value !== null ? new ObjectText().of(value) : leafText(value);
  } catch {
    return 'an object'; // Its prototype is a proxy that throws.
  }
}

/** JSON of an object, as far as it is shown. */
class ObjectText {
  private text = '';
  private looked = 0;
  private readonly within: object[] = [];
  private isCycle = false;

  of(value: object): string {
    this.put(value);
    if (!this.isCycle) return this.text;
    return Array.isArray(value) ? 'an array' : 'an object';
  }

  private get isFull(): boolean {
    return this.isCycle || this.text.length > SHOWN || this.looked >= LOOKED_AT;
  }

  private put(value: unknown): void {
    if (typeof value === 'bigint') this.text += `"${leafText(value)}"`;
    else if (typeof value !== 'object' || value === null) this.text += leafText(value);
    else if (this.within.includes(value)) this.isCycle = true;
    // Each key of a proxy is a call of its code.
    else if (types.isProxy(value)) this.text += 'an object';
    else if (isBytes(value)) this.text += bytesText(value);
    else if ('toJSON' in value) this.text += 'an object';
    else {
      this.within.push(value);
      if (Array.isArray(value)) this.list(value);
      else this.fields(value);
      this.within.pop();
    }
  }

  /** Reads one by one, and no further than is shown. */
  private list(list: readonly unknown[]): void {
    this.text += '[';
    for (let i = 0; i < list.length; i++) {
      if (i > 0) this.text += ',';
      if (this.isOver()) break;
      const value = ownValue(list, String(i));
      this.put(isLeftOut(value) ? null : value);
    }
    this.text += ']';
  }

  private fields(object: object): void {
    this.text += '{';
    let between = '';
    for (const key of Object.keys(object)) {
      const value = ownValue(object, key);
      if (isLeftOut(value)) {
        if (++this.looked < LOOKED_AT) continue;
        break;
      }
      this.text += between;
      between = ',';
      if (this.isOver()) break;
      this.text += `${quoted(key)}:`;
      this.put(value);
    }
    this.text += '}';
  }

  private isOver(): boolean {
    const isOver = this.isFull || this.within.length > DEEPEST;
    if (isOver) this.text += '…';
    this.looked++;
    return isOver;
  }
}

/** A getter is not run, so it has no value. */
function ownValue(object: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

/** A value that JSON does not have. */
function isLeftOut(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

function leafText(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return String(value).slice(0, SHOWN + 1);
  if (typeof value !== 'bigint') return String(value); // JSON has null for NaN and Infinity.
  return BigInt.asIntN(BIGINT_BITS, value) === value ? `${value}n` : 'a large bigint';
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN));
}

type Bytes = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

function isBytes(value: object): value is Bytes {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

/** Named by its class, whatever the object claims to be. */
function bytesText(value: Bytes): string {
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1).slice(0, SHOWN);
  return `${/^[AEIO]/.test(kind) ? 'an' : 'a'} ${kind} of ${value.byteLength} bytes`;
}
