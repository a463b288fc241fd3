import type { Gpa } from '../../../core/bits.ts';
import { NET_CTRL, NET_CTRL_ACK, virtio_net_ctrl } from '../../../virtio/net/registers/commands.ts';
import { ExchangeQueue } from '../../virtio/exchange-queue.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';

const DATA_MAX = 8;
const { MQ, GUEST_OFFLOADS } = NET_CTRL;

/** The control queue: one command at a time, each waited for. */
export class DriverNetControlQueue {
  private readonly device: VirtioDriver;
  private readonly queue: ExchangeQueue;
  private readonly head: Gpa;
  private readonly data: Gpa;
  private readonly ack: Gpa;
  private readonly little: boolean;

  constructor(device: VirtioDriver, index: number) {
    this.device = device;
    this.little = device.port.memory.endian !== 'be';
    this.queue = new ExchangeQueue(device, index);
    this.head = device.port.allocate(virtio_net_ctrl.size, 1);
    this.data = device.port.allocate(DATA_MAX, 1);
    this.ack = device.port.allocate(1, 1);
  }

  /** How many pairs of queues the device may use; false when it refuses. */
  setPairs(pairs: number): boolean {
    const data = new Uint8Array(2);
    new DataView(data.buffer).setUint16(0, pairs, this.little);
    return this.command(MQ.class, MQ.VQ_PAIRS_SET, data);
  }

  /** Which offloads the device may use on what it receives; `mask` holds feature bits below 32. */
  setOffloads(mask: number): boolean {
    const data = new Uint8Array(8);
    new DataView(data.buffer).setUint32(this.little ? 0 : 4, mask, this.little);
    return this.command(GUEST_OFFLOADS.class, GUEST_OFFLOADS.SET, data);
  }

  release(): void {
    for (const buffer of [this.head, this.data, this.ack]) this.device.port.release(buffer);
  }

  /** Class and command, the data and the ack each in a descriptor of its own, as legacy devices want it. */
  private command(className: number, command: number, data: Uint8Array): boolean {
    const { memory } = this.device.port;
    memory.write(this.head, virtio_net_ctrl.encode({ class: className, command }));
    memory.write(this.data, data);
    memory.store(this.ack, NET_CTRL_ACK.ERR, 1);
    this.queue.exchange(
      [
        { address: this.head, length: virtio_net_ctrl.size },
        { address: this.data, length: data.length },
      ],
      [{ address: this.ack, length: 1 }],
      `control command ${className}/${command} is not answered`,
    );
    return memory.load(this.ack, 1) === NET_CTRL_ACK.OK;
  }
}
