import type { DmaGate } from '../core/board.ts';
import type { Struct } from '../core/struct.ts';
import type { Dependency } from './features/agreement.ts';
import type { Manners } from './manners.ts';

/** What a transport does for the device behind it. */
export interface Transport {
  readonly legacy: boolean;
  /** `net0 (00:04.0)` */
  readonly subject: string;
  readonly gate: DmaGate;
  queueInterrupt(index: number): void;
  /** @returns false where the driver did not see to it that it hears of it. */
  configInterrupt(): boolean;
}

/** What a device type says of itself. */
export interface DeviceShape {
  /** Virtio device type: 1 net, 8 scsi. */
  readonly virtioId: number;
  readonly offered: Iterable<number>;
  /** One size a queue; powers of two up to 32768. */
  readonly queueSizes: readonly number[];
  /** Bytes of device configuration. */
  readonly configBytes: number;
  /** Its fields, if how wide each is accessed is to be judged. */
  readonly configFields?: Struct;
  /** Features that need others. */
  readonly dependencies: readonly Dependency[];
  /** Default plain. */
  readonly manners?: Manners | undefined;
}
