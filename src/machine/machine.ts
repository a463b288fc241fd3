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
 * A whole computer without a CPU of its own: the guest is whoever holds `port`. Build one with `gceN1()` or
 * `qemuPc()`. What its devices show, each of them says: `machine.nics`, `machine.disks`, `machine.balloon`, …
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
 * Every value is checked where it comes in. What the user's own code throws (a backend, a medium, a listener) reaches who
 * made the access or moved time on, when that is done; the machine goes on as if nothing was. What that code asks of the
 * machine while it is called is done then, too.
 *
 * @throws MisuseError from each of its methods, for what is not of its type.
 */
export interface Machine extends Facades {
  readonly profile: Profile;
  /** The guest's way in. */
  readonly port: GuestPort;
  /** The four serial ports, ttyS0 to ttyS3. */
  readonly serial: readonly SerialPort[];
  /** What the guest did wrong so far, oldest first. */
  readonly findings: readonly Finding[];
  /** Virtual nanoseconds since power came on. */
  readonly now: Nanos;
  readonly seed: number;
  /** All RAM, in bytes. */
  readonly ramBytes: number;
  /** The memory map that a boot loader hands to the operating system: BIOS call E820's, or GRUB's of a UEFI's. */
  readonly e820: readonly E820Entry[];
  /** Every PCI function, in the order of its address. */
  readonly functions: readonly FunctionView[];
  /** Every virtio device among them: what may become of each, whatever its type. */
  readonly virtio: readonly VirtioView[];
  /** For people: frames, serial output, interrupts, findings, resets. */
  readonly events: MachineEvents;
  /** What was seen of each clause. @internal */
  readonly journal: Journal;
  /** The parts, for tests of the machine itself and for hosts. @internal */
  readonly chassis: Chassis;

  /**
   * Gives the first function that `driver` matches to it.
   *
   * @returns the driver's handle.
   * @throws MisuseError if no function matches, for what is no driver, and from within a call of the machine's, such as of
   *   a listener. What the driver throws, it throws.
   */
  attach<Handle>(driver: Driver<Handle>): Handle;
  /** The identity of the function at `bdf`, or null. */
  idOf(bdf: number): PciId | null;
  /** Sees every access from now on, beside what the machine keeps for evidence. */
  observe(tap: Tap): void;
  /**
   * `power`: off and on again, RAM kept; `hard`: what 0xCF9 does; `soft`: the CPU alone. The firmware runs again
   * unless the machine was built without.
   */
  reset(kind: ResetKind): void;
  /**
   * ISA line `irq`, 0 to 15, goes up and is down again before the CPU acknowledges: if it is open and the CPU idle, a
   * spurious interrupt comes, IRQ 7 or 15. A line that is up stays so.
   *
   * @throws MisuseError for what is no line, and once the machine is closed.
   */
  glitch(irq: number): void;
  pressPowerButton(): void;
  pressSleepButton(): void;
  /**
   * Gives back files and timers. What was seen can still be looked at: findings, frames, text, RAM. Whatever else is
   * asked of a closed machine throws MisuseError; to close it again does nothing.
   */
  close(): void;
  /** The same at the end of a block: `using machine = gceN1()`. */
  [Symbol.dispose](): void;
}
