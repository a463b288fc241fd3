import { COPY, COPY_SHARED } from './copy-module.ts';

/** As `memory.copy`: byte offsets into the memory, and a number of bytes. */
export type Copy = (to: number, from: number, count: number) => void;

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

/** Copies inside a `WebAssembly.Memory`, which stays right while it grows; null if `holder` is none. */
export function copyWithin(holder: HasBuffer): Copy | null {
  if (typeof WebAssembly === 'undefined' || !(holder instanceof WebAssembly.Memory)) return null;
  const shared = holder.buffer instanceof SharedArrayBuffer;
  const module = new WebAssembly.Module(decode(shared ? COPY_SHARED : COPY));
  const { exports } = new WebAssembly.Instance(module, { guest: { ram: holder } });
  return (exports as { readonly copy: Copy }).copy;
}

function decode(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
