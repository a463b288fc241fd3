import type { Driver, FoundFunction, PciId } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { enumerate } from '../../guest/pci/enumerate.ts';
import { BLOCK } from '../../media/medium.ts';
import type { WasmProgram } from './program.ts';
import type { WasmHandle } from './wasm-handle.ts';

/** A module that runs itself, as `judge`, `conform` and `conformance` take it: see `DriverModel`. */
export interface WasmModel {
  readonly name: string;
  readonly drivers: readonly Driver<WasmHandle>[];
  readonly use: WasmUses;
  enumerate(port: GuestPort): readonly FoundFunction[];
  run(port: GuestPort, handles: readonly WasmHandle[]): void;
}

/** The parts of a model. */
interface Parts {
  readonly name: string;
  /** Null for a module that takes no PCI function. */
  readonly driver: Driver<WasmHandle> | null;
  exports(name: string): boolean;
  programOn(port: GuestPort): WasmProgram;
  /** Reloads all programs, before a run. */
  load(port: GuestPort): void;
}

export function wasmModel({ name, driver, exports, programOn, load }: Parts): WasmModel {
  const kinds = new WeakMap<WasmHandle, number | undefined>();
  let found: readonly FoundFunction[] = [];
  const attaching = ({ matches, attach }: Driver<WasmHandle>): Driver<WasmHandle> => ({
    name,
    matches,
    attach(port, bdf) {
      const handle = attach(port, bdf);
      const id = found.find((fn) => fn.bdf === bdf)?.id;
      kinds.set(handle, id && id.class >> 16);
      return handle;
    },
  });
  return {
    name,
    drivers: driver === null ? [] : [attaching(driver)],
    use: driver === null ? {} : wasmUses({ exports, kindOf: (handle) => kinds.get(handle) }),
    enumerate(port) {
      load(port);
      found = enumerate(port);
      return found;
    },
    run(port, handles) {
      if (driver === null) programOn(port).done('run', 0);
      else if (exports('run')) for (const handle of handles) handle.done('run');
    },
  };
}

/** Calls the module's own `matches`; arguments for which it has no parameter are dropped. */
export function ownMatches(program: WasmProgram): (id: PciId) => boolean {
  return ({ vendor, device, class: kind, revision, subsystemVendor, subsystem }) =>
    program.call('matches', vendor, device, kind, revision, subsystemVendor, subsystem) !== 0;
}

type Handles = readonly WasmHandle[];

/** The uses that scenarios may ask a module for: those that it exports by the same name. */
interface WasmUses {
  /** @returns false if there was no room. */
  send?(frame: Uint8Array, handles: Handles): boolean;
  receive?(handles: Handles): readonly Uint8Array[];
  read?(lba: number, blocks: number, handles: Handles): Uint8Array;
  write?(lba: number, bytes: Uint8Array, handles: Handles): void;
  stop?(handles: Handles): void;
  suspend?(handles: Handles): void;
  resume?(handles: Handles): void;
}

/** The parts of a module's uses. */
interface UsesParts {
  exports(name: string): boolean;
  /** The PCI base class of the attached function. */
  kindOf(handle: WasmHandle): number | undefined;
}

const [STORAGE, NETWORK] = [0x01, 0x02];
/** More than any driver has waiting: a driver that always has another is cut off. */
const FRAMES_MAX = 4096;

function wasmUses({ exports, kindOf }: UsesParts): WasmUses {
  const the = (kind: number, handles: Handles) =>
    handles.find((handle) => kindOf(handle) === kind) ?? handles[0]!;
  const each = (handles: Handles, name: string) => {
    for (const handle of handles) handle.done(name);
  };
  const uses: Required<WasmUses> = {
    send: (frame, handles) => the(NETWORK, handles).call('send', frame.slice()) === 0,
    receive: (handles) => the(NETWORK, handles).drain('receive', FRAMES_MAX),
    read(lba, blocks, handles) {
      const bytes = new Uint8Array(blocks * BLOCK);
      the(STORAGE, handles).done('read', BigInt(lba), bytes);
      return bytes;
    },
    write: (lba, bytes, handles) => the(STORAGE, handles).done('write', BigInt(lba), bytes.slice()),
    stop: (handles) => each(handles, 'stop'),
    suspend: (handles) => each(handles, 'suspend'),
    resume: (handles) => each(handles, 'resume'),
  };
  return Object.fromEntries(Object.entries(uses).filter(([name]) => exports(name)));
}
