import { KERNELS, KERNELS_SHARED } from './kernels-module.ts';

/** What works inside one `WebAssembly.Memory`, by byte offsets into it. Two places of one call do not overlap. */
export interface Kernels {
  /** As `memory.copy`. */
  copy(to: number, from: number, count: number): void;
  /** The sum of RFC 1071, 0 to ffff, not complemented, of at most 65,536 words. */
  sum(at: number, count: number): number;
  /** Both at once. */
  copySum(to: number, from: number, count: number): number;
}

/** Who holds a buffer that may give way to another, as a `WebAssembly.Memory` does when it grows. */
export interface HasBuffer {
  readonly buffer: ArrayBufferLike;
}

/** Node and browsers have it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: never) => HasBuffer;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, HasBuffer>>>>,
  ) => { readonly exports: unknown };
};

/** By the buffer that a memory has now. */
const known = new WeakMap<ArrayBufferLike, Kernels>();

/** Kernels for a `WebAssembly.Memory`, which stay right while it grows; null if `holder` is none. */
export function kernelsIn(holder: HasBuffer): Kernels | null {
  if (typeof WebAssembly === 'undefined' || !(holder instanceof WebAssembly.Memory)) return null;
  const shared = holder.buffer instanceof SharedArrayBuffer;
  const module = new WebAssembly.Module(decode(shared ? KERNELS_SHARED : KERNELS));
  const { exports } = new WebAssembly.Instance(module, { guest: { ram: holder } });
  return exports as Kernels;
}

/** From now on who has but the buffer finds them. */
export function lendKernels(buffer: ArrayBufferLike, kernels: Kernels): void {
  known.set(buffer, kernels);
}

/** The kernels that work in a buffer; null if it is no memory that guest RAM lies in. */
export function kernelsOf(buffer: ArrayBufferLike): Kernels | null {
  return known.get(buffer) ?? null;
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
