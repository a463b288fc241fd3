import { WasmDriverError } from './wasm-driver-error.ts';
import type { WasmHandle } from './wasm-handle.ts';

type Handles = readonly WasmHandle[];

/** What scenarios of the suite may have a module do, as `DriverUses` tells of it; what it does not export is not there. */
export interface WasmUses {
  send?(frame: Uint8Array, handles: Handles): boolean;
  receive?(handles: Handles): readonly Uint8Array[];
  read?(lba: number, blocks: number, handles: Handles): Uint8Array;
  write?(lba: number, bytes: Uint8Array, handles: Handles): void;
  stop?(handles: Handles): void;
  suspend?(handles: Handles): void;
  resume?(handles: Handles): void;
}

/** Of a disk whose module does not export `block_size`. */
const BLOCK = 512;
/** More frames than wait for any driver: one that always has another is let off. */
const FRAMES_MAX = 4096;

/** @param name the module's. */
export function usesOf(name: string, exported: readonly string[], once: <T>(act: () => T) => T): WasmUses {
  /** Calls an export that returns 0, or what it gave up with. */
  const must = (handle: WasmHandle, what: string, ...args: (bigint | Uint8Array)[]) => {
    const result = once(() => handle.call(what, ...args));
    if (result !== 0) throw new WasmDriverError(name, `${what} returned ${result}: it gave up`);
  };
  const all = (what: string, handles: Handles) => {
    for (const handle of handles) must(handle, what);
  };
  const blockSize = (handle: WasmHandle) =>
    exported.includes('block_size') ? once(() => handle.call('block_size')) : BLOCK;
  const uses: Required<WasmUses> = {
    send: (frame, [nic]) => once(() => nic!.call('send', frame)) >= 0,
    receive: ([nic]) => once(() => nic!.drain('receive', FRAMES_MAX)),
    read: (lba, blocks, [disk]) => {
      const into = new Uint8Array(blocks * blockSize(disk!));
      must(disk!, 'read', BigInt(lba), into);
      return into;
    },
    write: (lba, bytes, [disk]) => must(disk!, 'write', BigInt(lba), bytes),
    stop: (handles) => all('stop', handles),
    suspend: (handles) => all('suspend', handles),
    resume: (handles) => all('resume', handles),
  };
  return Object.fromEntries(Object.entries(uses).filter(([what]) => exported.includes(what)));
}
