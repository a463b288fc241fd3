import type { BitSet } from '../../core/bit-set.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Budget } from '../budget/budget.ts';
import type { Chain, Virtqueue } from '../queue/virtqueue.ts';
import type { NetEvents } from './events.ts';
import { NET_COMMANDS, NET_CTRL_ACK, type NetCommand, virtio_net_ctrl } from './registers.ts';

const { OK, ERR } = NET_CTRL_ACK;
const HEADER = virtio_net_ctrl.size;
/** The longest data of a command that is served: a mask of 64 bits. */
const DATA_MAX = 8;

/** What the commands act on. */
export interface NetControl {
  readonly endian: Endian;
  readonly accepted: BitSet;
  /** False if there are not that many pairs. */
  setPairs(pairs: number): boolean;
  /** False if a bit is not of an accepted feature; exact as far as all bits are below 53. */
  setOffloads(mask: number): boolean;
}

/** A command that the card knows, and what it does with the number that its data are. */
interface Served extends NetCommand {
  carryOut(net: NetControl, value: number): boolean;
}

const SERVED: readonly Served[] = [
  { ...NET_COMMANDS.VQ_PAIRS_SET, carryOut: (net, pairs) => net.setPairs(pairs) },
  { ...NET_COMMANDS.GUEST_OFFLOADS_SET, carryOut: (net, mask) => net.setOffloads(mask) },
];

/** The control queue (virtio 1.4, Control Virtqueue): multiqueue and guest offloads; every other command is refused. */
export class ControlQueue {
  events: NetEvents | null = null;
  private readonly net: NetControl;
  private readonly budget: Budget;
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  private readonly bytes = new Uint8Array(HEADER + DATA_MAX);
  private readonly view = new DataView(this.bytes.buffer);

  constructor(net: NetControl, budget: Budget) {
    this.net = net;
    this.budget = budget;
  }

  serve(queue: Virtqueue): void {
    while (this.budget.left > 0 && queue.pop()) {
      this.budget.spendOn(queue.chain, 0);
      queue.chain.resolve(this.readable, this.writable);
      const ack = this.carryOut(queue.index, queue.chain);
      queue.push(queue.chain.id, this.writable.scatter(Uint8Array.of(ack)));
    }
    queue.flush();
  }

  private carryOut(queue: number, chain: Chain): number {
    const { net, bytes, events } = this;
    const length = chain.readableBytes;
    this.readable.gather(bytes);
    const value = this.value(length - HEADER);
    const named = length >= HEADER;
    const [className, command] = named ? [bytes[0]!, bytes[1]!] : [-1, -1];
    events?.command(queue, chain, className, command, value);
    if (chain.writableBytes === 0) return ERR;
    const served = SERVED.find((one) => one.class === className && one.command === command);
    if (served === undefined || !net.accepted.has(served.feature)) return ERR;
    return length - HEADER === served.bytes && served.carryOut(net, value) ? OK : ERR;
  }

  /** Data of so many bytes as a number, in the guest's byte order. */
  private value(length: number): number {
    const { view } = this;
    const little = this.net.endian === 'le';
    if (length === 2) return view.getUint16(HEADER, little);
    return length === 8 ? Number(view.getBigUint64(HEADER, little)) : 0;
  }
}
