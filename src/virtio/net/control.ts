import type { ClauseId } from '../../core/clause.ts';
import type { Journal } from '../../core/journal.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { NET_CTRL, NET_CTRL_ACK, virtio_net_ctrl } from './registers.ts';

const { OK, ERR } = NET_CTRL_ACK;
const HEADER = virtio_net_ctrl.size;
/** The longest command that is served: a mask of 64 bits. */
const DATA_MAX = 8;

/** What the commands act on. */
export interface NetControl {
  readonly endian: Endian;
  readonly anyLayout: boolean;
  readonly takesPairs: boolean;
  readonly takesOffloads: boolean;
  /** False if there are not that many pairs. */
  setPairs(pairs: number): boolean;
  /** False if a bit is not of an accepted feature. */
  setOffloads(mask: bigint): boolean;
}

/** The control queue (virtio 1.4, Control Virtqueue): multiqueue and guest offloads; every other command is refused. */
export class ControlQueue {
  private readonly journal: Journal;
  private readonly net: NetControl;
  private readonly readable = new Segments();
  private readonly writable = new Segments();

  constructor(journal: Journal, net: NetControl) {
    this.journal = journal;
    this.net = net;
  }

  serve(queue: Virtqueue, subject: string): void {
    while (queue.pop()) {
      queue.chain.resolve(this.readable, this.writable);
      const ack = this.carryOut(subject);
      queue.push(queue.chain.id, this.writable.scatter(Uint8Array.of(ack)));
    }
    queue.flush();
  }

  private carryOut(subject: string): number {
    const { readable, writable, net } = this;
    const bytes = new Uint8Array(HEADER + DATA_MAX);
    const length = Math.min(readable.total, bytes.length + 1);
    readable.gather(bytes);
    if (!net.anyLayout) this.checkFraming(subject);
    if (
      !this.journal.check(
        'virtio/NET-IMP-3',
        length >= HEADER && writable.total >= 1,
        subject,
        'readable bytes of a command:',
        length,
      )
    )
      return ERR;
    const command = virtio_net_ctrl.decode(bytes);
    return this.dispatch(command.class, command.command, bytes, length - HEADER, subject) ? OK : ERR;
  }

  private dispatch(
    cls: number,
    command: number,
    bytes: Uint8Array,
    length: number,
    subject: string,
  ): boolean {
    const { net } = this;
    const view = new DataView(bytes.buffer, HEADER);
    if (net.takesPairs && cls === NET_CTRL.MQ.class && command === NET_CTRL.MQ.VQ_PAIRS_SET) {
      if (
        !this.journal.check(
          'virtio/NET-IMP-3',
          length === 2,
          subject,
          'bytes of data of VQ_PAIRS_SET:',
          length,
        )
      )
        return false;
      const pairs = view.getUint16(0, net.endian === 'le');
      return this.journal.check(
        'virtio/NET-MQ-D2',
        net.setPairs(pairs),
        subject,
        'queue pairs asked for:',
        pairs,
      );
    }
    if (
      net.takesOffloads &&
      cls === NET_CTRL.GUEST_OFFLOADS.class &&
      command === NET_CTRL.GUEST_OFFLOADS.SET
    ) {
      if (
        !this.journal.check(
          'virtio/NET-IMP-3',
          length === 8,
          subject,
          'bytes of data of GUEST_OFFLOADS_SET:',
          length,
        )
      )
        return false;
      const mask = view.getBigUint64(0, net.endian === 'le');
      return this.journal.check(
        'virtio/NET-OFFL-D1',
        net.setOffloads(mask),
        subject,
        'offloads asked for:',
        Number(mask),
      );
    }
    // The features behind them are not offered, so these cannot have been negotiated.
    const clause: ClauseId =
      cls === NET_CTRL.RX.class
        ? 'virtio/NET-RXMODE-D1'
        : cls === NET_CTRL.MAC.class
          ? 'virtio/NET-MAC-D1'
          : 'virtio/NET-IMP-5';
    return this.journal.check(clause, false, subject, `command ${command} of class`, cls);
  }

  private checkFraming(subject: string): void {
    const { readable, writable } = this;
    const first = readable.length[0] ?? 0;
    this.journal.check(
      'virtio/NET-FRAME-LEG-D2',
      first === HEADER,
      subject,
      'bytes in the first descriptor:',
      first,
    );
    this.journal.check(
      'virtio/NET-FRAME-LEG-D3',
      readable.count <= 2,
      subject,
      'readable descriptors of a command:',
      readable.count,
    );
    const last = writable.length[writable.count - 1] ?? 0;
    this.journal.check('virtio/NET-FRAME-LEG-D7', last === 1, subject, 'bytes in the ack descriptor:', last);
  }
}
