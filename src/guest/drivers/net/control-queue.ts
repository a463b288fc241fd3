import type { Gpa } from '../../../core/bits.ts';
import type { Endian } from '../../../core/struct.ts';
import { NET_COMMANDS, NET_CTRL_ACK, virtio_net_ctrl } from '../../../virtio/net/registers/commands.ts';
import { ExchangeQueue } from '../../virtio/exchange-queue.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';

const DATA_MAX = 1024;
const RESULT_MAX = 512;

/** The control queue: one command at a time, waiting for each. */
export class DriverNetControlQueue {
  readonly endian: Endian;
  private readonly device: VirtioDriver;
  private readonly queue: ExchangeQueue;
  private readonly head: Gpa;
  private readonly data: Gpa;
  private readonly ack: Gpa;
  private readonly result: Gpa;

  constructor(device: VirtioDriver, index: number) {
    this.device = device;
    this.endian = device.port.memory.endian ?? 'le';
    this.queue = new ExchangeQueue(device, index);
    this.head = device.port.allocate(virtio_net_ctrl.size, 1);
    this.data = device.port.allocate(DATA_MAX, 1);
    this.ack = device.port.allocate(1, 1);
    this.result = device.port.allocate(RESULT_MAX, 1);
  }

  release(): void {
    for (const buffer of [this.head, this.data, this.ack, this.result]) this.device.port.release(buffer);
  }

  /** False if the device refuses. */
  ask(name: keyof typeof NET_COMMANDS, ...parts: readonly Uint8Array[]): boolean {
    return this.askFor(name, 0, ...parts) !== null;
  }

  /**
   * Class and command, each part of the data, the ack and a result of up to 512 bytes, each in its own descriptor, as
   * legacy devices need. Null if the device refuses.
   */
  askFor(name: keyof typeof NET_COMMANDS, bytes: number, ...parts: readonly Uint8Array[]): Uint8Array | null {
    const { memory } = this.device.port;
    const { class: className, command } = NET_COMMANDS[name];
    memory.write(this.head, virtio_net_ctrl.encode({ class: className, command }));
    memory.store(this.ack, NET_CTRL_ACK.ERR, 1);
    const written = this.queue.exchange(
      [{ address: this.head, length: virtio_net_ctrl.size }, ...this.store(parts)],
      [{ address: this.ack, length: 1 }, ...(bytes === 0 ? [] : [{ address: this.result, length: bytes }])],
      `control command ${name} is not answered`,
    );
    if (memory.load(this.ack, 1) !== NET_CTRL_ACK.OK) return null;
    const result = new Uint8Array(Math.min(bytes, Math.max(0, written - 1)));
    memory.read(this.result, result);
    return result;
  }

  private store(parts: readonly Uint8Array[]) {
    let address = this.data;
    return parts
      .filter(({ length }) => length > 0)
      .map((part) => {
        this.device.port.memory.write(address, part);
        address += part.length;
        return { address: address - part.length, length: part.length };
      });
  }
}
