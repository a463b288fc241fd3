import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import { BLOCK } from '../../media/medium.ts';
import type { WasmProgram } from './program.ts';
import type { WasmHandle } from './wasm-handle.ts';

type Handles = readonly WasmHandle[];

/** The uses that scenarios may ask a module for: those that it exports by the same name. */
export interface WasmUses {
  /** @returns false if there was no room. */
  send?(frame: Uint8Array, handles: Handles): boolean;
  receive?(handles: Handles): readonly Uint8Array[];
  read?(lba: number, blocks: number, handles: Handles): Uint8Array;
  write?(lba: number, bytes: Uint8Array, handles: Handles): void;
  flush?(handles: Handles): void;
  stop?(handles: Handles): void;
  suspend?(handles: Handles): void;
  resume?(handles: Handles): void;
  print?(text: Uint8Array, handles: Handles, port: GuestPort): void;
  /** @returns null for none. */
  key?(handles: Handles, port: GuestPort): number | null;
}

/** The parts of a module's uses. */
interface Parts {
  exports(name: string): boolean;
  /** The PCI base class of the attached function. */
  kindOf(handle: WasmHandle): number | undefined;
  programOn(port: GuestPort): WasmProgram;
}

const [STORAGE, NETWORK] = [0x01, 0x02];
const [COM1] = COM_PORTS;
/** More than any driver has waiting: a driver that always has another is cut off. */
const FRAMES_MAX = 4096;

export function wasmUses({ exports, kindOf, programOn }: Parts): WasmUses {
  const the = (kind: number, handles: Handles) =>
    handles.find((handle) => kindOf(handle) === kind) ?? handles[0]!;
  const each = (handles: Handles, name: string) => {
    for (const handle of handles) handle.done(name);
  };
  const uses: Required<WasmUses> = {
    send: (frame, handles) => the(NETWORK, handles).call('send', frame.slice()) === 0,
    receive: (handles) => the(NETWORK, handles).drain('receive', FRAMES_MAX),
    read(lba, blocks, handles) {
      const disk = the(STORAGE, handles);
      const bytes = new Uint8Array(blocks * (exports('block_size') ? disk.call('block_size') : BLOCK));
      disk.done('read', BigInt(lba), bytes);
      return bytes;
    },
    write: (lba, bytes, handles) => the(STORAGE, handles).done('write', BigInt(lba), bytes.slice()),
    flush: (handles) => the(STORAGE, handles).done('flush'),
    stop: (handles) => each(handles, 'stop'),
    suspend: (handles) => each(handles, 'suspend'),
    resume: (handles) => each(handles, 'resume'),
    print: (text, _handles, port) => programOn(port).done('print', COM1, text.slice()),
    key: (_handles, port) => {
      const byte = programOn(port).call('key', COM1);
      return byte < 0 ? null : byte;
    },
  };
  return Object.fromEntries(Object.entries(uses).filter(([name]) => exports(name)));
}
