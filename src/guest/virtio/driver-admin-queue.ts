import type { Gpa } from '../../core/bits.ts';
import {
  ADMIN_CMD,
  ADMIN_STATUS,
  ADMIN_WORD,
  virtio_admin_cmd,
  virtio_admin_cmd_answer,
} from '../../virtio/features/admin/registers.ts';
import { ExchangeQueue } from './exchange-queue.ts';
import type { VirtioDriver } from './virtio-driver.ts';

const { size: HEAD } = virtio_admin_cmd;
const { size: ANSWER } = virtio_admin_cmd_answer;
/** Maximum length of a command, and of the part of an answer that is read. */
const ROOM = 1024;

export type AdminCommandName = keyof typeof ADMIN_CMD;

/** An administration virtqueue, for commands to the device itself: one at a time, waiting for each. */
export class DriverAdminQueue {
  /** Status of the last command. */
  status: number = ADMIN_STATUS.OK;
  private readonly device: VirtioDriver;
  private readonly queue: ExchangeQueue;
  private readonly command: Gpa;
  private readonly answer: Gpa;
  private begun = false;

  constructor(device: VirtioDriver, index: number) {
    this.device = device;
    this.queue = new ExchangeQueue(device, index);
    this.command = device.port.allocate(ROOM, ADMIN_WORD);
    this.answer = device.port.allocate(ROOM, ADMIN_WORD);
  }

  release(): void {
    for (const buffer of [this.command, this.answer]) this.device.port.release(buffer);
  }

  /** The result, of as many bytes as the device wrote; null if it refuses, and `status` has the reason. */
  ask(name: AdminCommandName, data: Uint8Array = new Uint8Array(0)): Uint8Array | null {
    if (!this.begun) this.begin();
    return this.send(name, data);
  }

  /** First sends the list of all of the device's commands: this driver supports all of them. */
  private begin(): void {
    const list = this.send('LIST_QUERY', new Uint8Array(0));
    const known = new Uint8Array(ADMIN_WORD);
    for (const opcode of Object.values(ADMIN_CMD)) known[opcode >> 3]! |= 1 << (opcode & 7);
    const used = known.map((byte, i) => byte & (list?.[i] ?? 0));
    this.begun = this.send('LIST_USE', used) !== null;
  }

  private send(name: AdminCommandName, data: Uint8Array): Uint8Array | null {
    const { memory } = this.device.port;
    const length = Math.ceil((HEAD + data.length) / ADMIN_WORD) * ADMIN_WORD;
    const bytes = new Uint8Array(length);
    virtio_admin_cmd.encode({ opcode: ADMIN_CMD[name] }, bytes);
    bytes.set(data, HEAD);
    memory.write(this.command, bytes);
    memory.fill(this.answer, 0, ROOM);
    const written = this.queue.exchange(
      [{ address: this.command, length }],
      [{ address: this.answer, length: ROOM }],
      `administration command ${name} is not answered`,
    );
    const answer = new Uint8Array(Math.max(ANSWER, Math.min(ROOM, written)));
    memory.read(this.answer, answer);
    this.status = virtio_admin_cmd_answer.decode(answer).status;
    return this.status === ADMIN_STATUS.OK ? answer.subarray(ANSWER) : null;
  }
}
