import { HALF, OP, RAW, SECOND, type SmallGvnic } from './small-gvnic.ts';

const [PACKET, END, REPORT] = [0x0c, 0x20, 0x80];
const GENERATION_TX = 0x8000;
const GENERATION_RX = 0x4000;
const END_OF_PACKET = 2;
/** Of a completion: what is told. */
const [OF_PACKET, OF_DESCRIPTORS] = [2, 4];
const EIGHT = 8;
/** Descriptors from one that reports to the next, at least. */
const APART = 32;

/** A place in a ring of completions, whose generation changes at each lap. */
class Lap {
  slot = 0;
  generation = 1;

  next(entries: number): void {
    this.slot = (this.slot + 1) % entries;
    if (this.slot === 0) this.generation ^= 1;
  }
}

/** A DQO transmit queue: each packet has a buffer and a tag of its own. */
export class DqoTransmit {
  /** Tags of packets that are completed. */
  readonly done: number[] = [];
  private tail = 0;
  /** Slots up to here are free. */
  private head = 0;
  private sinceReport = 0;
  private readonly card: SmallGvnic;
  private readonly lap = new Lap();
  private readonly ring: number;
  private readonly completions: number;
  private readonly resources: number;
  private readonly buffers: number;

  constructor(card: SmallGvnic) {
    this.card = card;
    const { entries } = card;
    this.ring = card.pages(entries * 16);
    this.completions = card.pages(entries * 8);
    this.resources = card.pages(64);
    this.buffers = card.pages(entries * HALF);
    card.command(
      OP.CREATE_TX,
      [8, 8, this.resources],
      [16, 8, this.ring],
      [24, 4, RAW],
      [32, 8, this.completions],
      [40, 2, entries],
      [42, 2, entries],
    );
  }

  /** @param reports the slots before are told to be free. */
  put(bytes: Uint8Array, tag: number, reports: boolean): void {
    const { memory } = this.card.port;
    const buffer = this.buffers + tag * HALF;
    memory.write(buffer, bytes);
    const at = this.ring + 16 * this.tail;
    this.tail = (this.tail + 1) % this.card.entries;
    const asks = reports && ++this.sinceReport === APART;
    if (asks) this.sinceReport = 0;
    memory.store(at, buffer, 4);
    memory.store(at + 4, 0, 4);
    memory.store(at + 8, PACKET | END | (asks ? REPORT : 0), 4);
    memory.store(at + 12, tag | (bytes.length << 16), 4);
  }

  kick(): void {
    this.card.ring(this.card.doorbell(this.resources), this.tail);
  }

  get room(): number {
    return (this.head - this.tail - 1 + 2 * this.card.entries) % this.card.entries;
  }

  serve(): void {
    const { memory } = this.card.port;
    for (;;) {
      const word = memory.load(this.completions + 8 * this.lap.slot, 4);
      if (((word & GENERATION_TX) !== 0 ? 1 : 0) !== this.lap.generation) return;
      const type = (word >>> 11) & 7;
      if (type === OF_PACKET) this.done.push(word >>> 16);
      if (type === OF_DESCRIPTORS) this.head = word >>> 16;
      this.lap.next(this.card.entries);
    }
  }

  /** Until so many packets are completed. */
  await(count: number): void {
    const done = this.card.port.wait(() => {
      this.serve();
      return this.done.length >= count;
    }, SECOND);
    if (!done) throw new Error('it does not send');
  }
}

/** A DQO receive queue on block 1: a buffer of 2 KiB for each number. */
export class DqoReceive {
  tail = 0;
  private readonly card: SmallGvnic;
  private readonly lap = new Lap();
  private readonly buffers: number;
  private readonly ring: number;
  private readonly completions: number;
  private readonly resources: number;

  constructor(card: SmallGvnic) {
    this.card = card;
    const { entries } = card;
    this.completions = card.pages(entries * 32);
    this.ring = card.pages(entries * 32);
    this.resources = card.pages(64);
    this.buffers = card.pages(entries * HALF);
    card.command(
      OP.CREATE_RX,
      [12, 4, 1],
      [16, 8, this.resources],
      [24, 8, this.completions],
      [32, 8, this.ring],
      [40, 4, RAW],
      [44, 2, entries],
      [46, 2, HALF],
      [48, 2, entries],
    );
  }

  /** Gives a buffer; each eighth time the card is told. */
  give(id: number): void {
    const { memory } = this.card.port;
    const at = this.ring + 32 * this.tail;
    this.tail = (this.tail + 1) % this.card.entries;
    memory.store(at, id, 2);
    memory.store(at + 8, this.buffers + id * HALF, 4);
    memory.store(at + 12, 0, 4);
    if (this.tail % EIGHT === 0) this.card.ring(this.card.doorbell(this.resources), this.tail);
  }

  /** The number of the buffer of the next frame, which has all of it; null for none. */
  take(): number | null {
    const { memory } = this.card.port;
    const at = this.completions + 32 * this.lap.slot;
    const length = memory.load(at + 4, 2);
    if (((length & GENERATION_RX) !== 0 ? 1 : 0) !== this.lap.generation) return null;
    this.lap.next(this.card.entries);
    if ((memory.load(at + 8, 1) & END_OF_PACKET) === 0) throw new Error('a frame in parts');
    return memory.load(at + 12, 2);
  }
}
