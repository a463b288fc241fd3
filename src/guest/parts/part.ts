import type { Nanos } from '../../core/bits.ts';
import type { Driver, FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { VirtioUse } from '../virtio/virtio-driver.ts';

/** What the probe is to send and to tell. */
export interface ProbeErrand {
  /** Out of every serial port. */
  readonly text: string;
  /** Out of every network card; they are to come back from where its backend sends them. */
  readonly frames: readonly Uint8Array[];
  /** Read all of each disk, which takes long where it is large. Default true. */
  readonly wholeDisks?: boolean;
  /** How long a wire is silent before nothing more is to come, in nanoseconds. Default a millisecond. */
  readonly silence?: Nanos;
  /** Bytes of RAM, for a balloon to tell; left out, it tells no statistics. */
  readonly memory?: number;
}

/** A device that was found, and how to take it into use. */
export interface Found<Handle> {
  /** Its place on the bus, or its first port. */
  readonly at: number;
  attach(errand: ProbeErrand): Handle;
}

/** A kind of device as a guest has it: where it is found, and what is learned by using it. */
export interface Part<Handle, Facts> {
  find(port: GuestPort, functions: readonly FoundFunction[]): readonly Found<Handle>[];
  probe(handle: Handle, errand: ProbeErrand): Facts;
}

/** A kind of device that is found by its PCI identity. */
export interface PciPart<Handle, Facts> extends Part<Handle, Facts> {
  driver(use?: VirtioUse): Driver<Handle>;
  /** Is `handle` one that `driver` attached? */
  owns(handle: unknown): handle is Handle;
  /** What a guest does with any such device. */
  use(handle: Handle): void;
  /** Lets go of the device: it is reset, silent and no bus master. */
  stop(handle: Handle): void;
  /** Gets ready for the device to lose its power. */
  suspend(handle: Handle): void;
  /** Takes the device into use again after `suspend`. */
  resume(handle: Handle): void;
}

/** What every handle of ours has. */
interface Lasting {
  close(): void;
  suspend(): void;
  resume(): void;
}

interface PciPartParts<Handle, Facts> {
  readonly driver: (use?: VirtioUse) => Driver<Handle>;
  readonly handle: abstract new (...values: never[]) => Handle;
  readonly use: (handle: Handle) => void;
  readonly probe: (handle: Handle, errand: ProbeErrand) => Facts;
  /** The driver that the probe attaches, where it depends on the errand. Default `driver()`. */
  readonly prober?: (errand: ProbeErrand) => Driver<Handle>;
}

/** A `PciPart` from a driver, the class of its handles and two ways to use one. */
export function pciPart<Handle extends Lasting, Facts>(
  parts: PciPartParts<Handle, Facts>,
): PciPart<Handle, Facts> {
  const { driver, handle: Handle, use, probe, prober = () => driver() } = parts;
  const plain = driver();
  return {
    driver,
    use,
    probe,
    stop: (handle) => handle.close(),
    suspend: (handle) => handle.suspend(),
    resume: (handle) => handle.resume(),
    owns: (handle): handle is Handle => handle instanceof Handle,
    find: (port, functions) =>
      functions
        .filter(({ id }) => plain.matches(id))
        .map(({ bdf }) => ({ at: bdf, attach: (errand) => prober(errand).attach(port, bdf) })),
  };
}
