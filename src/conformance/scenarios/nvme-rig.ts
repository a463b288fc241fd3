import type { GuestPort } from '../../core/guest-port.ts';
import { type NvmeDriver, type NvmeUse, nvme } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { NVME_BAR } from '../../nvme/registers/bar0.ts';
import { IDENTIFY_BYTES } from '../../nvme/registers/identify.ts';
import { attachedBehind, behind, withMemory } from '../broken/behind.ts';
import type { DriverModel } from '../model/model.ts';
import type { DriverUses } from '../model/uses.ts';
import { referenceUses, useDevices } from '../reference.ts';

/** For mutants: a machine with an NVMe controller. */
export const ON: MachineOptions = { nvme: [{}] };

export type Mistake = (port: GuestPort, bdf: number) => GuestPort;
export const none: Mistake = (port) => port;

const { read, write, flush } = referenceUses as Required<DriverUses>;
const uses: DriverUses = { read, write, flush };

/** Private members of the handle. */
interface Insides {
  readonly running: { readonly pairs: readonly Pair[] };
}
export interface Pair {
  submit(fields: object, ended: (completion: object) => void): number;
  serve(): boolean;
}

interface Mutant {
  /** Left out, it polls. */
  readonly how?: NvmeUse;
  /** Changes each of its I/O queues once they are there. */
  readonly change?: (pair: Pair) => void;
  readonly use?: DriverUses;
  readonly run?: (disk: NvmeDriver) => void;
}

/** The reference driver behind a port that makes the mistake. */
export function mistaken(
  name: string,
  mistake: Mistake,
  { how = { interrupts: 'polled' }, change = () => {}, use, run }: Mutant = {},
): DriverModel {
  const good = attachedBehind(nvme(how), mistake);
  const attach: typeof good.attach = (port, bdf) => {
    const disk = good.attach(port, bdf);
    for (const pair of (disk as unknown as Insides).running.pairs) change(pair);
    return disk;
  };
  return {
    name,
    drivers: [{ ...good, attach }],
    run: (port, handles) => {
      if (run === undefined) useDevices(port, handles);
      else for (const disk of handles) run(disk as NvmeDriver);
    },
    use: { ...uses, ...use },
  };
}

const GONE = 0xffff_ffff;

/** A register of a controller that is there reads as something else. */
export const taking =
  ({ offset }: { readonly offset: number }, change: (value: number) => number): Mistake =>
  (port, bdf) => {
    const at = (barAddress(port, bdf, NVME_BAR.registers)?.address ?? 0) + offset;
    return behind(port, {
      read: (address, width) => {
        const value = port.read(address, width);
        return address === at && value !== GONE ? change(value) : value;
      },
    });
  };

/** What Identify says goes through `change`. */
export const identifying =
  (change: (bytes: Uint8Array, view: DataView) => void): Mistake =>
  (port) =>
    withMemory(port, {
      read: (address, into) => {
        port.memory.read(address, into);
        if (into.length === IDENTIFY_BYTES) change(into, new DataView(into.buffer, into.byteOffset));
      },
    });
