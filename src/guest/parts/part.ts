import type { Nanos } from '../../core/bits.ts';
import type { Driver, FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { VirtioUse } from '../virtio/virtio-driver.ts';

/** What the probe sends and reports. */
export interface ProbeTask {
  /** Text to send from every serial port. */
  readonly text: string;
  /** Frames to send from every network card; the backend must return them. */
  readonly frames: readonly Uint8Array[];
  /** Read each disk completely, which takes long if it is large. Default true. */
  readonly wholeDisks?: boolean;
  /** Duration of silence that ends a burst, in nanoseconds. Default a millisecond. */
  readonly silence?: Nanos;
  /** Bytes of RAM, for balloon statistics; omitted, none are sent. */
  readonly memory?: number;
}

/** A device that was found, and how to attach it. */
export interface Found<Handle> {
  /** Its PCI address, or its first port. */
  readonly at: number;
  attach(task: ProbeTask): Handle;
}

/** A kind of device as a guest sees it: how to find it, and what can be learned by using it. */
export interface Part<Handle, Facts> {
  find(port: GuestPort, functions: readonly FoundFunction[]): readonly Found<Handle>[];
  probe(handle: Handle, task: ProbeTask): Facts;
}

/** A kind of device that is found by its PCI identity. */
export interface PciPart<Handle, Facts> extends Part<Handle, Facts> {
  driver(use?: VirtioUse): Driver<Handle>;
  /** Whether `handle` is one that `driver` attached. */
  owns(handle: unknown): handle is Handle;
  /** A guest's use of any such device. */
  use(handle: Handle): void;
  /** Releases the device: it is reset, with interrupts and bus mastering off. */
  stop(handle: Handle): void;
  /** Prepares for a loss of power. */
  suspend(handle: Handle): void;
  /** Resumes after `suspend`. */
  resume(handle: Handle): void;
}

/** The methods of all our handles. */
interface Lasting {
  close(): void;
  suspend(): void;
  resume(): void;
}

interface PciPartParts<Handle, Facts> {
  readonly driver: (use?: VirtioUse) => Driver<Handle>;
  readonly handle: abstract new (...values: never[]) => Handle;
  readonly use: (handle: Handle) => void;
  readonly probe: (handle: Handle, task: ProbeTask) => Facts;
  /** The driver for a probe, if it depends on the task. Default `driver()`. */
  readonly prober?: (task: ProbeTask) => Driver<Handle>;
}

/** A `PciPart` from a driver, the class of its handles and two uses. */
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
        .map(({ bdf }) => ({ at: bdf, attach: (task) => prober(task).attach(port, bdf) })),
  };
}
