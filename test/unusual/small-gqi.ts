import { type Field, HALF, OP, PAGE, SECOND, type SmallGvnic } from './small-gvnic.ts';

/** What a driver says in commands; left out, what the card says. */
export interface Sizes {
  readonly list?: number;
  readonly ring?: number;
  readonly page?: number;
  readonly pages?: number;
}

/** A GQI transmit queue; each part of a packet has 1 KiB of its list. */
export class GqiTransmit {
  head = 0;
  readonly areas: readonly number[];
  private readonly card: SmallGvnic;
  private readonly ring: number;
  private readonly resources: number;
  private readonly pages: number;
  private readonly places: number;

  constructor(card: SmallGvnic, { list = 0, ring = card.entries, page = PAGE, pages = 16 }: Sizes = {}) {
    this.card = card;
    this.places = pages * 4;
    this.pages = card.register(list, pages, page);
    this.ring = card.pages(card.entries * 16);
    this.resources = card.pages(64);
    this.areas = [this.pages, this.ring, this.resources];
    card.command(OP.CREATE_TX, [8, 8, this.resources], [16, 8, this.ring], [24, 4, list], [40, 2, ring]);
  }

  /** A packet of so many parts, each in a place of its own. */
  put(bytes: Uint8Array, parts = 1): void {
    const { card } = this;
    const each = Math.ceil(bytes.length / parts);
    for (let i = 0; i < parts; i++) {
      const part = bytes.subarray(i * each, (i + 1) * each);
      const offset = (this.head % this.places) * 1024;
      card.port.memory.write(this.pages + offset, part);
      const at = this.ring + 16 * (this.head++ % card.entries);
      const first = i === 0 ? ([0, 0, 0, parts, bytes.length] as const) : ([0x20, 0, 0, 0, 0] as const);
      for (const [j, value] of first.entries()) card.store([at + j, j < 4 ? 1 : 2, value]);
      card.store([at + 6, 2, part.length]);
      card.store([at + 8, 8, offset]);
    }
  }

  kick(): void {
    this.card.ring(this.card.doorbell(this.resources), this.head);
  }

  drain(): void {
    const done = this.card.port.wait(() => this.card.counter(this.resources) === this.head, SECOND);
    if (!done) throw new Error('it does not send');
  }

  send(bytes: Uint8Array, parts = 1): void {
    this.put(bytes, parts);
    this.kick();
    this.drain();
  }
}

/** A GQI receive queue on block 1. */
export class GqiReceive {
  head = 0;
  tail = 0;
  readonly slots: number;
  readonly areas: readonly number[];
  private readonly card: SmallGvnic;
  private readonly descriptors: number;
  private readonly data: number;
  private readonly resources: number;
  private sequence = 1;

  constructor(
    card: SmallGvnic,
    { list = 1, ring = card.entries, page = PAGE, pages = card.entries }: Sizes = {},
  ) {
    this.card = card;
    this.slots = pages;
    const first = card.register(list, pages, page);
    this.descriptors = card.pages(card.entries * 64);
    this.data = card.pages(card.entries * 8);
    this.resources = card.pages(64);
    this.areas = [first, this.descriptors, this.data, this.resources];
    const places: Field[] = [
      [16, 8, this.resources],
      [24, 8, this.descriptors],
      [32, 8, this.data],
    ];
    card.command(OP.CREATE_RX, [12, 4, 1], ...places, [40, 4, list], [44, 2, ring], [46, 2, HALF]);
  }

  give(offset: number): void {
    this.card.store([this.data + 8 * (this.head++ % this.card.entries), 8, offset]);
  }

  kick(): void {
    this.card.ring(this.card.doorbell(this.resources), this.head);
  }

  fill(): void {
    for (let i = 0; i < this.slots; i++) this.give(i * PAGE);
    this.kick();
  }

  get counted(): number {
    return this.card.counter(this.resources);
  }

  /** The buffer of the next frame, by sequence numbers; null for none. */
  take(): number | null {
    const { card } = this;
    const flags = card.load(this.descriptors + 64 * (this.tail % card.entries) + 62, 2);
    if ((flags & 7) !== this.sequence) return null;
    this.sequence = (this.sequence % 7) + 1;
    return card.load(this.data + 8 * (this.tail++ % card.entries) + 4, 4);
  }

  /** Takes all there is, and gives the buffers back. @returns how many frames there were. */
  serve(): number {
    const before = this.tail;
    for (let buffer = this.take(); buffer !== null; buffer = this.take()) this.give(buffer);
    if (this.tail > before) this.kick();
    return this.tail - before;
  }
}
