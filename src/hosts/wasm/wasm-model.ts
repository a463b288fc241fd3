import type { Driver, FoundFunction, PciId } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { enumerate } from '../../guest/pci/enumerate.ts';
import type { WasmProgram } from './program.ts';
import type { WasmHandle } from './wasm-handle.ts';
import { type WasmUses, wasmUses } from './wasm-uses.ts';

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

/** Uses that need no function: they get the address of a serial port. */
const OF_SERIAL = ['print', 'key'];

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
  /** Without functions there is nothing to be stopped. */
  const uses = (use: string) => exports(use) && (driver !== null || OF_SERIAL.includes(use));
  const isRun = exports('run') || (driver === null && !OF_SERIAL.some(exports));
  return {
    name,
    drivers: driver === null ? [] : [attaching(driver)],
    use: wasmUses({ exports: uses, kindOf: (handle) => kinds.get(handle), programOn }),
    enumerate(port) {
      load(port);
      found = enumerate(port);
      return found;
    },
    run(port, handles) {
      if (!isRun) return;
      if (driver === null) programOn(port).done('run', 0);
      else for (const handle of handles) handle.done('run');
    },
  };
}

/** Calls the module's own `matches`; arguments for which it has no parameter are dropped. */
export function ownMatches(program: WasmProgram): (id: PciId) => boolean {
  return ({ vendor, device, class: kind, revision, subsystemVendor, subsystem }) =>
    program.call('matches', vendor, device, kind, revision, subsystemVendor, subsystem) !== 0;
}
