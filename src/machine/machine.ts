import type { E820Entry } from '../acpi/tables.ts';
import type { Tap } from '../core/access.ts';
import type { Nanos } from '../core/bits.ts';
import type { ResetKind } from '../core/board.ts';
import type { Driver, PciId } from '../core/driver.ts';
import type { GuestPort } from '../core/guest-port.ts';
import type { Journal } from '../core/journal.ts';
import type { Finding } from '../rules/index.ts';
import type { Chassis } from './chassis.ts';
import type { Facades } from './devices/index.ts';
import type { MachineEvents } from './events.ts';
import type { FunctionView } from './function-view.ts';
import type { KvmView } from './kvm.ts';
import type { Profile } from './profile.ts';
import type { SerialPort } from './serial.ts';
import type { VirtioView } from './virtio-view.ts';

declare global {
  /** As the library `esnext.disposable` and the types of Node have it: this package compiles without them. */
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
}

/**
 * A whole computer without a CPU of its own: the guest is the code that uses `port`. Build one with `gceN1()` or
 * `qemuPc()`. Devices add members: `machine.nics`, `machine.disks`, `machine.balloon`, …
 *
 * @example
 * const machine = gceN1();
 * const nic = machine.attach(myNet);       // finds the function, attaches the driver, returns its handle
 * nic.send(new Uint8Array(60));
 * machine.nics[0]!.sent[0];                // the frame
 * machine.nics[0]!.receive(answer);
 * machine.serial[0]!.text;                 // what the guest printed
 * machine.reset('hard');                   // as 0xCF9 does
 * machine.findings.filter((finding) => finding.severity === 'must');
 * machine.close();
 *
 * Every value is checked where it comes in. An error that the user's own code throws (a backend, a medium, a listener)
 * reaches the caller of the access or of the time step when that is done; the machine goes on as if there had been no
 * error. Calls of the machine from that code run then, too.
 *
 * @throws MisuseError from each of its methods, for an argument of the wrong type.
 */
export interface Machine extends Facades {
  readonly profile: Profile;
  /** The guest's access to the machine. */
  readonly port: GuestPort;
  /** The four serial ports, ttyS0 to ttyS3, or ttyAMA0 to ttyAMA3. */
  readonly serial: readonly SerialPort[];
  /** The clauses that the guest broke so far, oldest first. */
  readonly findings: readonly Finding[];
  /** Virtual nanoseconds since power came on. */
  readonly now: Nanos;
  readonly seed: number;
  /** All RAM, in bytes. */
  readonly ramBytes: number;
  /** The memory map that a boot loader hands to the operating system: that of BIOS call E820, or GRUB's from a UEFI's. */
  readonly e820: readonly E820Entry[];
  /** Every PCI function, in the order of its address. */
  readonly functions: readonly FunctionView[];
  /** Every virtio device among them: the faults and changes that any type can have. */
  readonly virtio: readonly VirtioView[];
  /** The hypervisor's side of the processors: pauses, moves and stolen time, for tests of what a guest makes of them. */
  readonly kvm: KvmView;
  /** For people: frames, serial output, interrupts, findings, resets. */
  readonly events: MachineEvents;
  /** What was seen of each clause. @internal */
  readonly journal: Journal;
  /** The parts, for tests of the machine itself and for hosts. @internal */
  readonly chassis: Chassis;

  /**
   * Hands the first function that `driver` matches to it.
   *
   * @returns the driver's handle.
   * @throws MisuseError if no function matches, for what is not a driver, and inside a call from the machine, such as of
   * a listener. Errors that the driver throws pass through.
   */
  attach<Handle>(driver: Driver<Handle>): Handle;
  /** The identity of the function at `bdf`, or null. */
  idOf(bdf: number): PciId | null;
  /** Notifies `tap` of every access from now on, beside the machine's own record. */
  observe(tap: Tap): void;
  /**
   * `power`: off and on again, RAM kept; `hard`: what 0xCF9 does; `soft`: the CPU alone. The firmware runs again
   * unless the machine was built without.
   */
  reset(kind: ResetKind): void;
  /**
   * The power fails, and comes back: requests in flight are forgotten, disks lose what their media say, and then it is as
   * after `reset('power')`. A disk's medium loses nothing unless it has `powerCut`, as `WriteBackMedium` does.
   */
  powerCut(): void;
  /**
   * ISA line `irq`, 0 to 15, goes up and is down again before the CPU acknowledges: if it is open and the CPU idle, a
   * spurious interrupt comes, IRQ 7 or 15. A line that is up stays so.
   *
   * @throws MisuseError for what is not a line, and once the machine is closed.
   */
  glitch(irq: number): void;
  pressPowerButton(): void;
  pressSleepButton(): void;
  /**
   * Releases files and timers. Findings, frames, text and RAM stay readable. Any other use of a closed machine
   * throws MisuseError; to close it again does nothing.
   */
  close(): void;
  /** The same at the end of a block: `using machine = gceN1()`. */
  [Symbol.dispose](): void;
}
