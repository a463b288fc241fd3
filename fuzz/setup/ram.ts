import type { MachineOptions } from '../../src/index.ts';
import { Guarded, roomFor } from './guard.ts';
import type { RamSetup } from './setup.ts';

type Memory = NonNullable<MachineOptions['memory']>;

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
};

const WASM_PAGE = 65_536;
/** The maximum of `chooseSetup`. */
const LARGEST = 49 << 20;

/** RAM for one machine, and whether anything outside of it was accessed. */
export interface LentRam {
  readonly memory: Memory;
  intact(): boolean;
}

/** Used buffers: making them takes longer than clearing them. */
const kept: Record<'guarded' | 'shared', ArrayBufferLike[]> = { guarded: [], shared: [] };

export function lendRam({ kind, below4G, above4G, staging }: RamSetup): LentRam {
  const length = below4G + above4G + staging;
  const sizes = { below4G, above4G };
  if (kind === 'own') return { memory: sizes, intact: () => true };
  if (kind === 'wasm') {
    const buffer = new WebAssembly.Memory({ initial: Math.ceil(length / WASM_PAGE) });
    return { memory: { ...sizes, staging, buffer }, intact: () => true };
  }
  const buffer = kept[kind].pop() ?? make(kind, roomFor(Math.max(LARGEST, length)));
  const guarded = new Guarded(buffer, length);
  guarded.bytes.fill(0);
  // A view is accepted as part of its buffer, from its start.
  const view = guarded.bytes as unknown as NonNullable<Memory['buffer']>;
  return {
    memory: { ...sizes, staging, buffer: view },
    intact: () => {
      kept[kind].push(buffer);
      return guarded.intact;
    },
  };
}

function make(kind: 'guarded' | 'shared', bytes: number): ArrayBufferLike {
  return kind === 'shared' ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}
