import type { Gpa } from '../../core/bits.ts';
import { compose } from '../../core/compose.ts';
import type { GvnicCore } from '../../gvnic/core.ts';
import { GVNIC_EVENTS, type GvnicEvents } from '../../gvnic/events.ts';
import {
  adminq_command,
  COMMAND_STATUS,
  configure_device_resources,
  create_rx_queue,
  create_tx_queue,
  OPCODE,
  queue_resources,
  SLOT_BYTES,
  SLOTS,
} from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { dqo_rx_buffer, dqo_rx_completion, dqo_tx_completion } from '../../gvnic/registers/dqo.ts';
import { gqi_rx_desc } from '../../gvnic/registers/gqi.ts';

const PAYLOAD = adminq_command.offset.payload;
const WORD = 4;

/** Bytes of RAM, from `at` of a view on. */
export interface Words {
  readonly view: DataView;
  readonly at: number;
}

/** What is done with the words of a card before its driver sees them. */
interface Rewrites {
  /** A command was carried out: its slot. */
  readonly answered?: (slot: Words, opcode: number) => void;
  /** The counter of a GQI transmit queue. */
  readonly counted?: (counter: Words) => void;
  /** A completion of a DQO transmit queue. */
  readonly completed?: (completion: Words) => void;
  /** The descriptors, or completions, of a received packet. */
  readonly received?: (entries: readonly Words[], isDqo: boolean) => void;
  /** Buffers that the driver gave a DQO receive queue, before the card looks at them. */
  readonly posted?: (buffers: readonly Words[]) => void;
}

/** A ring in RAM, and the slot after the last that was used. */
interface Ring {
  readonly address: Gpa;
  readonly entries: number;
  readonly size: number;
  next: number;
}

/** The words that a card and its driver exchange in RAM, on the way: the device itself is as always. */
export class CardWords implements Partial<GvnicEvents> {
  private readonly device: GvnicCore;
  private readonly rewrites: Rewrites;
  private admin: Gpa = 0;
  private commands = 0;
  private readonly slot = new Uint8Array(SLOT_BYTES);
  private isDqo = false;
  private counters: Gpa = 0;
  private readonly completions = new Map<number, Ring>();
  private readonly counter = new Map<number, Gpa>();
  private readonly descriptors = new Map<number, Ring>();
  private readonly buffers = new Map<number, Ring>();

  private constructor(device: GvnicCore, rewrites: Rewrites) {
    this.device = device;
    this.rewrites = rewrites;
  }

  /** Rewrites the words of `device` from now on; its watch goes on. */
  static of(device: GvnicCore, rewrites: Rewrites): CardWords {
    const words = new CardWords(device, rewrites);
    const watches = device.events === null ? [words] : [device.events, words];
    device.events = compose<GvnicEvents>(GVNIC_EVENTS, watches);
    return words;
  }

  adminPlaced(address: Gpa): void {
    this.admin = address;
    this.commands = 0;
  }

  commanded(slot: Uint8Array): void {
    this.slot.set(slot);
  }

  answered(opcode: number, status: number): void {
    const at = this.admin + (this.commands++ % SLOTS) * SLOT_BYTES;
    if (status === COMMAND_STATUS.PASSED) this.follow(opcode);
    this.rewrites.answered?.(this.words(at, SLOT_BYTES), opcode);
  }

  gqiCounted(queue: number): void {
    const at = this.counter.get(queue);
    if (at !== undefined) this.rewrites.counted?.(this.words(at, WORD));
  }

  dqoCompleted(queue: number): void {
    const [completion] = this.take(this.completions.get(queue), 1);
    if (completion !== undefined) this.rewrites.completed?.(completion);
  }

  received(queue: number, count: number): void {
    this.rewrites.received?.(this.take(this.descriptors.get(queue), count), this.isDqo);
  }

  buffersRung(queue: number, tail: number): void {
    const ring = this.buffers.get(queue);
    if (ring === undefined) return;
    const count = (tail - ring.next + ring.entries) & (ring.entries - 1);
    this.rewrites.posted?.(this.take(ring, count));
  }

  private take(ring: Ring | undefined, count: number): readonly Words[] {
    if (ring === undefined) return [];
    const { address, entries, size, next } = ring;
    ring.next = (next + count) % entries;
    return Array.from({ length: count }, (_, i) => this.words(address + ((next + i) % entries) * size, size));
  }

  private follow(opcode: number): void {
    if (opcode === OPCODE.CONFIGURE_DEVICE_RESOURCES) {
      const { queue_format, counter_array } = configure_device_resources.decode(this.slot, PAYLOAD);
      this.isDqo = queue_format >= QUEUE_FORMAT.DQO_RDA;
      this.counters = Number(counter_array);
    } else if (opcode === OPCODE.CREATE_TX_QUEUE) this.followTransmit();
    else if (opcode === OPCODE.CREATE_RX_QUEUE) this.followReceive();
  }

  private followTransmit(): void {
    const made = create_tx_queue.decode(this.slot, PAYLOAD);
    const { queue_id: id } = made;
    const { view, at } = this.words(Number(made.queue_resources_addr), queue_resources.size);
    const index = view.getUint32(at + queue_resources.offset.counter_index);
    if (!this.isDqo) this.counter.set(id, this.counters + WORD * index);
    else
      this.completions.set(
        id,
        ringOf(made.tx_comp_ring_addr, made.tx_comp_ring_size, dqo_tx_completion.size),
      );
  }

  private followReceive(): void {
    const made = create_rx_queue.decode(this.slot, PAYLOAD);
    const usual = this.device.settings.ringSize;
    const entries = made.rx_ring_size || usual;
    const size = (this.isDqo ? dqo_rx_completion : gqi_rx_desc).size;
    this.descriptors.set(made.queue_id, ringOf(made.rx_desc_ring_addr, entries, size));
    if (this.isDqo)
      this.buffers.set(
        made.queue_id,
        ringOf(made.rx_data_ring_addr, made.rx_buff_ring_size || usual, dqo_rx_buffer.size),
      );
  }

  private words(address: Gpa, length: number): Words {
    const { view, base } = this.device.memory.find(address, length)!;
    return { view, at: address - base };
  }
}

function ringOf(address: bigint, entries: number, size: number): Ring {
  return { address: Number(address), entries, size, next: 0 };
}
