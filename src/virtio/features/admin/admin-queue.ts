import { ByteReader } from '../../../core/byte-reader.ts';
import { Segments } from '../../../core/segments.ts';
import type { Budget } from '../../budget/budget.ts';
import type { Chain, Virtqueue } from '../../queue/virtqueue.ts';
import { command } from './commands.ts';
import type { AdminEvents } from './events.ts';
import { type AdminModel, AdminState, type Answer, refused } from './model.ts';
import { ADMIN_GROUP, ADMIN_WORD, virtio_admin_cmd, virtio_admin_cmd_answer } from './registers.ts';

const { size: HEAD, offset: at } = virtio_admin_cmd;
const { size: ANSWER } = virtio_admin_cmd_answer;
/** Maximum bytes read of a command, including its head: the longest command fits. */
const COMMAND_MOST = 4096;

/** The device that has the queue. */
interface AdministeredDevice {
  readonly budget: Budget;
  readonly events: AdminEvents | null;
}

/**
 * An administration virtqueue (virtio 1.4, Administration Virtqueues), for commands to the device itself: a part that is
 * too short is padded with zeros, or cut; the excess of one that is too long is ignored.
 *
 * @example
 * const admin = new AdminQueue(device, model);
 * admin.serve(queue);       // takes, executes and answers all waiting commands
 * admin.state.reset();
 */
export class AdminQueue {
  readonly state = new AdminState();
  private readonly device: AdministeredDevice;
  private readonly model: AdminModel;
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  private readonly bytes = new Uint8Array(COMMAND_MOST);

  /** @param model the objects and capabilities available. */
  constructor(device: AdministeredDevice, model: AdminModel) {
    this.device = device;
    this.model = model;
  }

  serve(queue: Virtqueue): void {
    const { budget } = this.device;
    while (budget.left > 0 && queue.pop()) {
      budget.spendOn(queue.chain.count, COMMAND_MOST);
      queue.chain.resolve(this.readable, this.writable);
      const answer = this.answerTo(queue.index, queue.chain);
      queue.push(queue.chain.id, this.writable.scatter(encode(answer)));
    }
    queue.flush();
  }

  private answerTo(queue: number, chain: Chain): Answer {
    const { bytes } = this;
    const { events } = this.device;
    bytes.fill(0, 0, HEAD);
    const length = this.readable.gather(bytes, 0, Math.min(COMMAND_MOST, this.readable.total));
    const head = new ByteReader('le', bytes, 0, length);
    const [opcode, group] = [head.u16(at.opcode), head.u16(at.group_type)];
    const data = new ByteReader('le', bytes.subarray(0, Math.max(HEAD, length)), HEAD);
    events?.commanded(queue, chain, opcode, group, data);
    const member = (BigInt(head.high(at.group_member_id)) << 32n) | BigInt(head.low(at.group_member_id));
    const answer =
      group === ADMIN_GROUP.SELF
        ? command(this.state, this.model, { opcode, member, data })
        : refused('EINVAL', 'INVALID_GROUP');
    events?.statusGiven(answer.status, answer.result);
    return answer;
  }
}

/** Rounds up to whole words. */
function encode({ result, ...status }: Answer): Uint8Array {
  const bytes = new Uint8Array(ANSWER + Math.ceil(result.length / ADMIN_WORD) * ADMIN_WORD);
  virtio_admin_cmd_answer.encode(status, bytes);
  bytes.set(result, ANSWER);
  return bytes;
}
