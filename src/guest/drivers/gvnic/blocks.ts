import type { GuestPort } from '../../../core/guest-port.ts';
import { DQO_IRQ, GQI_IRQ } from '../../../gvnic/registers/doorbells.ts';
import { GuestInterrupts } from '../../interrupts/interrupts.ts';
import type { Message, MsixDriver } from '../../pci/msix.ts';
import type { DriverPair } from './queues.ts';
import type { Board, GvnicFrame } from './rings.ts';

const { ACK, EVENT, MASK } = GQI_IRQ.mask;
const { ENABLE, INDEX } = DQO_IRQ.mask;
/** The interval stays as it is. */
const ON = ENABLE | INDEX;

/** What serves one block. */
type Service = () => void;

/** The interrupts of a card: one for each block, and one for what is no queue's. */
export class BlockInterrupts {
  private readonly port: GuestPort;
  private readonly msix: MsixDriver;
  private readonly taken: Message[] = [];

  /** MSI-X is on already, with every entry masked. */
  constructor(port: GuestPort, msix: MsixDriver) {
    this.port = port;
    this.msix = msix;
  }

  /** Calls `service` on the interrupts of entry `entry`. */
  manage(entry: number, service: () => void): void {
    this.listen(entry, service);
  }

  /**
   * Serves block `entry`, whose doorbell is `doorbell`. With GQI rings the block is masked while it is served, acknowledged, and
   * looked at once more: an event between the two sends nothing. With DQO rings the device closes it by itself.
   */
  serve(board: Board, entry: number, doorbell: number, isDqo: boolean, service: Service): void {
    this.listen(entry, () => {
      if (!isDqo) board.ring(doorbell, MASK);
      service();
      board.ring(doorbell, isDqo ? ON : ACK | EVENT);
      if (!isDqo) service();
    });
    board.ring(doorbell, isDqo ? ENABLE : 0);
  }

  /** Serves every pair: transmit queues by blocks from `first` on, and receive queues behind them. */
  serveAll(
    board: Board,
    pairs: readonly DriverPair[],
    by: { readonly blocks: readonly number[]; readonly first: number; readonly isDqo: boolean },
    listener: { deliver(frame: GvnicFrame): void },
  ): void {
    const { blocks, first, isDqo } = by;
    const deliver = (frame: GvnicFrame) => listener.deliver(frame);
    for (const [id, { transmit, receive }] of pairs.entries()) {
      const other = pairs.length + id;
      this.serve(board, first + id, blocks[id]!, isDqo, () => transmit.serve());
      this.serve(board, first + other, blocks[other]!, isDqo, () => receive.serve(deliver));
    }
  }

  /** Nothing is delivered any more. */
  close(): void {
    const interrupts = GuestInterrupts.of(this.port);
    this.msix.stop();
    for (const message of this.taken) interrupts.retire(message);
  }

  private listen(entry: number, handler: () => void): void {
    const message = GuestInterrupts.of(this.port).message(handler);
    this.taken.push(message);
    this.msix.route(entry, message);
  }
}
