import type { PciFunction } from '../../pci/pci-function.ts';
import type { TransportInterrupts } from './interrupts.ts';
import type { DriverSession } from './session.ts';

/** The parts that the interfaces of one function share. */
export interface FunctionParts {
  readonly fn: PciFunction;
  readonly session: DriverSession;
  readonly interrupts: TransportInterrupts;
  /** The driver wrote 0 to the status. */
  readonly reset: () => void;
}
