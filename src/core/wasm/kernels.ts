import { Buffer } from 'node:buffer';
import { PLAIN, SHARED } from './kernels-module.ts';

/** Routines that work inside one `WebAssembly.Memory`, by byte offsets. The ranges of one call do not overlap. */
export interface Kernels {
  /** As `memory.copy`. */
  copy(to: number, from: number, count: number): void;
  /** The sum of RFC 1071, 0 to ffff, not complemented, of at most 65,536 words. */
  sum(at: number, count: number): number;
  /** Both at once. */
  copySum(to: number, from: number, count: number): number;
}

/** Holds a buffer that may be replaced by another, as a `WebAssembly.Memory` does when it grows. */
export interface HasBuffer {
  readonly buffer: ArrayBufferLike;
}

/** Node and browsers have it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => HasBuffer;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, HasBuffer>>>>,
  ) => { readonly exports: unknown };
};

/** Compiled modules, by their text. */
const modules = new Map<string, object>();
/** By the memory that they work in. */
const inMemory = new WeakMap<HasBuffer, Kernels | null>();
/** By the buffer that a memory has now. */
const known = new WeakMap<ArrayBufferLike, Kernels>();

/** Kernels for a `WebAssembly.Memory`, valid while it grows; null if `holder` is none. */
export function kernelsIn(holder: HasBuffer): Kernels | null {
  const known = inMemory.get(holder);
  if (known !== undefined) return known;
  const kernels = instanceIn<Kernels>(holder, PLAIN, SHARED);
  inMemory.set(holder, kernels);
  return kernels;
}

/** The exports of a module, given in base64, that works in a `WebAssembly.Memory`; null if `holder` is none. */
export function instanceIn<T>(holder: HasBuffer, plain: string, shared: string): T | null {
  if (typeof WebAssembly === 'undefined' || !(holder instanceof WebAssembly.Memory)) return null;
  const text = holder.buffer instanceof SharedArrayBuffer ? shared : plain;
  let module = modules.get(text);
  if (module === undefined) modules.set(text, (module = new WebAssembly.Module(Buffer.from(text, 'base64'))));
  return new WebAssembly.Instance(module, { guest: { ram: holder } }).exports as T;
}

const PAGE = 0x1_0000;
/** The memories made here, by their buffers, which never grow. */
const made = new WeakMap<ArrayBufferLike, HasBuffer>();

/** A `WebAssembly.Memory` of at least so many bytes; null without WebAssembly. @throws RangeError if it is too much. */
export function memoryOf(bytes: number): HasBuffer | null {
  if (typeof WebAssembly === 'undefined') return null;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  made.set(memory.buffer, memory);
  return memory;
}

/** The memory made here with this buffer. */
export function holderOf(buffer: ArrayBufferLike): HasBuffer | null {
  return made.get(buffer) ?? null;
}

/** Registers kernels, to be found by the buffer alone. */
export function lendKernels(buffer: ArrayBufferLike, kernels: Kernels): void {
  known.set(buffer, kernels);
}

/** The kernels that work in a buffer; null if it is not the memory of guest RAM. */
export function kernelsOf(buffer: ArrayBufferLike): Kernels | null {
  return known.get(buffer) ?? null;
}
