import type { FoundFunction, PciId } from '../../core/driver.ts';

/** A serial port as the guest found it by using it. */
interface SeenSerial {
  readonly port: number;
  readonly type: string;
  readonly irq: number | null;
  /** What was sent in loopback came back. */
  readonly loopback: boolean;
  /** What was sent out. */
  readonly sent: string;
}

/** A disk, from what it said of itself and from reading all of it. */
export interface SeenDisk {
  readonly target: number;
  readonly lun: number;
  readonly vendor: string;
  readonly product: string;
  /** ANSI version: 6 is SPC-4. */
  readonly version: number;
  /** Version descriptors of INQUIRY: 04c0 is SBC-3. */
  readonly standards: readonly number[];
  readonly blocks: number;
  /** Bytes. */
  readonly logicalBlock: number;
  readonly physicalBlock: number;
  /** Null where it was not read whole. */
  readonly sha256: string | null;
}

/** What a NIC did with offloaded work. */
export interface SeenOffload {
  /** Bytes of payload of the large segment. */
  readonly payload: number;
  /** Frames on the wire, and those that should have been there, byte for byte. */
  readonly cut: number;
  readonly cutRight: boolean;
  /** A checksum left unfinished was finished. */
  readonly summed: boolean;
  /** The same frames received: how many came, and in how many of them segments were joined. */
  readonly received: { readonly frames: number; readonly joined: number };
  readonly receivedRight: boolean;
}

export interface SeenNic {
  readonly facts: { readonly framesSent: number; readonly received: readonly unknown[] };
  readonly framesEqual: boolean;
  /** With TCP over IPv4, and over IPv6; null where the features are missing. */
  readonly offload: SeenOffload | null;
  readonly offload6: SeenOffload | null;
}

/** What a guest learned by using each part of a machine. */
export interface SeenMachine {
  readonly functions: readonly FoundFunction[];
  readonly serial: readonly SeenSerial[];
  readonly disks: readonly SeenDisk[];
  /** Logical units that are no direct-access block devices. */
  readonly otherUnits: number;
  readonly hotplug: boolean;
  readonly nics: readonly SeenNic[];
}

/** The machine's own facts, with which a guest's account is compared. */
export interface TrueMachine {
  readonly profile: string;
  readonly functions: readonly {
    readonly bdf: number;
    readonly id: Pick<PciId, 'vendor' | 'device' | 'revision'>;
  }[];
  /** What each port sent, as its other end has it. */
  readonly serial: readonly { readonly port: number; readonly irq: number; readonly text: string }[];
  /** Control, event and request queues of the SCSI host adapter. */
  readonly scsiQueues: number;
  /** A hash is null where the medium cannot be read, or was not to be. */
  readonly disks: readonly {
    readonly target: number;
    readonly lun: number;
    readonly sha256: string | null;
  }[];
}

/** What is compared with the Compute Engine document, after a guest used every part of a machine. */
export interface GceFacts {
  readonly seen: SeenMachine;
  readonly machine: TrueMachine;
}
