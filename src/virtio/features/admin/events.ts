import type { ByteReader } from '../../../core/byte-reader.ts';
import type { EventTable } from '../../../core/compose.ts';
import type { Chain } from '../../queue/virtqueue.ts';

/** What a device with an administration virtqueue reports to the watcher of its driver. */
export interface AdminEvents {
  /** The device took a command. The data are what follows its head, valid only during the call. */
  commanded(queue: number, chain: Chain, opcode: number, group: number, data: ByteReader): void;
  /** Its answer to that command, with the result after the status. */
  statusGiven(status: number, result: Uint8Array): void;
}

export const ADMIN_EVENTS = { commanded: 5, statusGiven: 2 } as const satisfies EventTable<AdminEvents>;
