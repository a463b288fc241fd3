import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Chain } from '../../queue/virtqueue.ts';

/** What a device with an administration virtqueue tells whoever watches its driver. */
export interface AdminEvents {
  /** The device took a command out of the queue. The data are what stands behind its head, valid only during the call. */
  commanded(queue: number, chain: Chain, opcode: number, group: number, data: ByteReader): void;
  /** What it answered to that command, with the result behind the status. */
  statusGiven(status: number, result: Uint8Array): void;
}
