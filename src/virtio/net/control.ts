import type { BitSet } from '../../core/bit-set.ts';
import type { Budget } from '../../core/budget.ts';
import { ByteReader } from '../../core/byte-reader.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Chain, Virtqueue } from '../queue/virtqueue.ts';
import type { NetEvents } from './events.ts';
import type { NetFeatures } from './features/index.ts';
import { NET_CTRL_ACK, virtio_net_ctrl } from './registers/commands.ts';

const { OK, ERR } = NET_CTRL_ACK;
const HEADER = virtio_net_ctrl.size;
/** Most commands fit into so many bytes; longer ones get a buffer of their own, up to a maximum. */
const USUAL = 8192;
const LONGEST = 1 << 20;
/** Cost of a byte of an address table, in bytes that are only moved. */
const WEIGHT = 8;
const NONE = new Uint8Array(0);
const REFUSED = Uint8Array.of(ERR);

/** The card that commands are for. */
interface CommandedCard {
  readonly endian: Endian;
  readonly accepted: BitSet;
  readonly features: NetFeatures;
  /** A command was executed: frames may be processed differently now. */
  commanded(): void;
}

/** The control queue (virtio 1.4, Control Virtqueue): a command of a feature that was not accepted is refused. */
export class ControlQueue {
  events: NetEvents | null = null;
  private readonly card: CommandedCard;
  private readonly budget: Budget;
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  private readonly usual = new Uint8Array(USUAL);

  constructor(card: CommandedCard, budget: Budget) {
    this.card = card;
    this.budget = budget;
  }

  serve(queue: Virtqueue): void {
    while (this.budget.left > 0 && queue.pop()) {
      this.budget.spendOn(queue.chain.count, WEIGHT * Math.min(queue.chain.readableBytes, LONGEST));
      queue.chain.resolve(this.readable, this.writable);
      const answer = this.carryOut(queue.index, queue.chain);
      queue.push(queue.chain.id, this.writable.scatter(answer));
    }
    queue.flush();
  }

  /** @returns the ack, and the result after it. */
  private carryOut(queue: number, chain: Chain): Uint8Array {
    const { card, events } = this;
    const length = chain.readableBytes;
    const bytes = length <= USUAL ? this.usual : new Uint8Array(Math.min(length, LONGEST));
    this.readable.gather(bytes);
    const data = new ByteReader(card.endian, bytes, HEADER, length - HEADER);
    const named = length >= HEADER;
    const [className, command] = named ? [bytes[0]!, bytes[1]!] : [-1, -1];
    events?.command(queue, chain, className, command, data);
    if (chain.writableBytes === 0) return REFUSED;
    const result = this.resultOf(className, command, data);
    card.features.statistics?.commanded(queue, result !== null);
    events?.answered(result !== null, result ?? NONE);
    return result === null ? REFUSED : Uint8Array.of(OK, ...result);
  }

  /** Null for a refusal. */
  private resultOf(className: number, command: number, data: ByteReader): Uint8Array | null {
    const served = this.card.features.served(className, command);
    if (served === undefined || !this.card.accepted.has(served.feature)) return null;
    if (served.bytes !== null && data.length !== served.bytes) return null;
    const answer = served.carryOut(data);
    this.card.commanded();
    if (typeof answer === 'boolean') return answer ? NONE : null;
    return answer;
  }
}
