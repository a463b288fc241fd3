import type { Driver, FoundFunction, PciId } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { enumerate } from '../../guest/pci/enumerate.ts';
import { hasTimedOut } from './guard.ts';
import type { WasmProgram } from './program.ts';
import { WasmDriverError } from './wasm-driver-error.ts';
import type { WasmHandle } from './wasm-handle.ts';
import { usesOf, type WasmUses } from './wasm-uses.ts';

/** A module that uses itself, as `judge`, `conform` and `conformance` take it: `DriverModel` tells of the parts. */
export interface WasmModel {
  readonly name: string;
  readonly drivers: readonly Driver<WasmHandle>[];
  enumerate(port: GuestPort): readonly FoundFunction[];
  run(port: GuestPort, handles: readonly WasmHandle[]): void;
  /** By the exports `send`, `receive`, `read`, `write`, `stop`, `suspend` and `resume`. */
  readonly use: WasmUses;
}

/** What a model is made of. */
interface WasmModelParts {
  readonly name: string;
  /** Null for a module that takes no PCI function. */
  readonly driver: Driver<WasmHandle> | null;
  readonly runs: boolean;
  /** The functions that it exports. */
  readonly functions: readonly string[];
  programOn(port: GuestPort): WasmProgram;
}

/** `run(context)` uses each function that was attached; without a driver `run(0)` is all that there is. */
export function wasmModel({ name, driver, runs, functions, programOn }: WasmModelParts): WasmModel {
  const once = patienceWith(name);
  const used = (run: () => number) => {
    const result = once(run);
    if (result !== 0) throw new WasmDriverError(name, `run returned ${result}: it gave up`);
  };
  return {
    name,
    drivers: driver === null ? [] : [patient(driver, once)],
    enumerate(port) {
      once(() => programOn(port).load());
      return enumerate(port);
    },
    run(port, handles) {
      if (driver === null) used(() => programOn(port).call('run', 0));
      else if (runs) for (const handle of handles) used(() => handle.call('run'));
    },
    use: driver === null ? {} : usesOf(name, functions, once),
  };
}

type Once = <T>(act: () => T) => T;

function patient({ name, matches, attach }: Driver<WasmHandle>, once: Once): Driver<WasmHandle> {
  return {
    name,
    matches: (id) => once(() => matches(id)),
    attach: (port, bdf) => once(() => attach(port, bdf)),
  };
}

/** Whoever did not return is not waited for again: a suite has many scenarios. */
function patienceWith(name: string): Once {
  let late: unknown = null;
  return (act) => {
    if (late !== null)
      throw new WasmDriverError(name, 'is not called again, since a call of it did not return', late);
    try {
      return act();
    } catch (error) {
      if (hasTimedOut(error)) late = error;
      throw error;
    }
  };
}

/** Asks the module's own `matches`; what it has no parameter for it is not told. */
export function ownMatches(program: WasmProgram): (id: PciId) => boolean {
  return ({ vendor, device, class: kind, revision, subsystemVendor, subsystem }) =>
    program.call('matches', vendor, device, kind, revision, subsystemVendor, subsystem) !== 0;
}
