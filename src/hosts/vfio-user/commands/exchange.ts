import { MisuseError } from '../../../core/misuse.ts';
import { Refusal } from './errno.ts';
import { COMMANDS, FLAGS, header } from './registers.ts';

/** The most bytes that one message reads or writes, an access of the client's or a store of ours into its memory. */
export const TRANSFER_MAX = 0x1_0000;
/** The longest message: an access and its header. */
const MESSAGE_MAX = TRANSFER_MAX + 64;
const HEADER = header.size;
const { message_id, command, message_size, flags, error } = header.offset;
const { type, reply, noReply } = FLAGS;
const FOUR_GIB = 0x1_0000_0000;

/** A client's command and its answer, in two reused buffers. */
export class Exchange {
  /** The command with its header. */
  readonly message = new Uint8Array(new ArrayBuffer(MESSAGE_MAX));
  readonly view = new DataView(this.message.buffer);
  /** The reply with its header. */
  readonly reply = new Uint8Array(new ArrayBuffer(MESSAGE_MAX));
  readonly replyView = new DataView(this.reply.buffer);
  /** Files that came with the command; a command that keeps one takes it out, and the others are closed. */
  fds: number[] = [];

  get command(): number {
    return this.view.getUint16(command, true);
  }

  /** The id of the command that it answers, if it is a reply. */
  get id(): number {
    return this.view.getUint16(message_id, true);
  }

  get isReply(): boolean {
    return (this.view.getUint32(flags, true) & type) === reply;
  }

  get size(): number {
    return this.view.getUint32(message_size, true);
  }

  /** Bytes behind the header. */
  get length(): number {
    return this.size - HEADER;
  }

  get wantsReply(): boolean {
    return (this.view.getUint32(flags, true) & noReply) === 0;
  }

  /** @throws MisuseError if it is not a command: its sender speaks another protocol. */
  checkHeader(): void {
    const { size } = this;
    if (size < HEADER || size > MESSAGE_MAX)
      throw new MisuseError('vfio-user message', size, `${HEADER} to ${MESSAGE_MAX} bytes`);
    const kind = this.view.getUint32(flags, true) & type;
    const answers = kind === reply && this.command === COMMANDS.DMA_WRITE;
    if (kind !== 0 && !answers)
      throw new MisuseError('vfio-user message', kind, 'a command, whose type is 0, or a reply to one');
  }

  /** @throws Refusal for a command of less than `bytes` behind its header. */
  needs(bytes: number): void {
    if (this.length < bytes) throw new Refusal('EINVAL');
  }

  u32(at: number): number {
    return this.view.getUint32(HEADER + at, true);
  }

  /** As a double: exact up to 2^53, which exceeds any guest's memory. */
  u64(at: number): number {
    return this.u32(at + 4) * FOUR_GIB + this.u32(at);
  }

  setU32(at: number, value: number): void {
    this.replyView.setUint32(HEADER + at, value, true);
  }

  /** The payload's bytes. */
  bytes(at: number, length: number): Uint8Array {
    return this.message.subarray(HEADER + at, HEADER + at + length);
  }

  /** The answer has the command's header. */
  echo(bytes: number): void {
    this.reply.set(this.bytes(0, bytes), HEADER);
  }

  /** @param errno 0 is none. @returns the length of the reply, `payload` bytes behind its header. */
  finish(payload: number, errno: number): number {
    const { replyView, message } = this;
    this.reply.set(message.subarray(0, HEADER));
    replyView.setUint32(message_size, HEADER + payload, true);
    replyView.setUint32(flags, errno === 0 ? reply : reply | FLAGS.error, true);
    replyView.setUint32(error, errno, true);
    return HEADER + payload;
  }
}
