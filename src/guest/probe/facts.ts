import type { FoundFunction } from '../../core/driver.ts';
import type { UartType } from '../drivers/uart-detect.ts';

/** A serial port as the guest found it by using it. */
export interface SerialFacts {
  readonly port: number;
  readonly type: UartType;
  /** The line on which its interrupt really came; null if none did. */
  readonly irq: number | null;
  /** What was sent in loopback came back. */
  readonly loopback: boolean;
  /** What was sent out. */
  readonly sent: string;
}

/** A disk, from what it says of itself and from reading all of it. */
export interface DiskFacts {
  readonly target: number;
  readonly lun: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** ANSI version: 6 is SPC-4. */
  readonly version: number;
  /** Version descriptors of INQUIRY, those that are not 0: 04c0 is SBC-3. */
  readonly standards: readonly number[];
  readonly blocks: number;
  /** Bytes. */
  readonly logicalBlock: number;
  readonly physicalBlock: number;
  /** The four bytes before the mode pages. */
  readonly modeHeader: readonly number[];
  /** SHA-256 of every block, in hexadecimal. */
  readonly sha256: string;
}

export interface NicFacts {
  readonly mac: string;
  readonly linkUp: boolean;
  readonly features: readonly string[];
  readonly pairsMax: number;
  readonly framesSent: number;
  /** Frames that came meanwhile, whole. */
  readonly received: readonly Uint8Array[];
}

/** All that a guest learns of a machine by using each part of it. */
export interface ProbeFacts {
  readonly functions: readonly FoundFunction[];
  readonly serial: readonly SerialFacts[];
  readonly disks: readonly DiskFacts[];
  readonly nics: readonly NicFacts[];
  /** Bytes that entropy devices gave, for each device. */
  readonly random: readonly Uint8Array[];
}
