import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { GuestMemory } from '../../../core/memory.ts';
import { Rig } from '../../../core/rig.ts';
import { Segments } from '../../../core/segments.ts';
import { INDIRECT, NEXT, RingGuest, WRITE } from '../queue-rig.ts';
import { SplitQueue } from '../split-queue.ts';
import { Batch } from './batch.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    initial: number;
  }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
};

const RAM = 0x1_0000;
const STAGING = 0x1_0000;
const RING = 0x1000;
const TABLES = 0x8000;
/** Areas that the device reads, and writes: chains that write over others would give another result if taken together. */
const READ = 0xa000;
const WRITTEN = 0xc000;
const SIZE = 8;
const SLOT = 64;
const GIVEN = Uint8Array.from({ length: 0x2000 }, (_, i) => i * 7 + (i >> 8));
const BEFORE = Uint8Array.from({ length: RAM }, (_, i) => (i < READ ? 0 : i * 5));

/** A descriptor that a guest may write, valid or not. */
interface Entry {
  readonly address: number;
  readonly length: number;
  readonly flags: number;
  readonly next: number;
}

/** A ring of eight, two indirect tables of four, and the chains made available in each round. */
export interface Ring {
  readonly indirect: boolean;
  readonly eventIdx: boolean;
  readonly entries: readonly Entry[];
  readonly tables: readonly (readonly Entry[])[];
  readonly rounds: readonly (readonly number[])[];
  /** By how many chains avail.idx is ahead of what was made available, in the last round. */
  readonly ahead: number;
}

const plain = (entries: number) =>
  fc.record({
    write: fc.boolean(),
    at: fc.nat(0x1000),
    length: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 100 }) },
      fc.constantFrom(0, 0x800, 0x2000, 0xffff_ffff),
    ),
    next: fc.nat(entries),
    more: fc.boolean(),
  });

const entry = (entries: number): fc.Arbitrary<Entry> =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: plain(entries).map(({ write, at, length, next, more }) => ({
        address: (write ? WRITTEN : READ) + at,
        length,
        flags: (write ? WRITE : 0) | (more ? NEXT : 0),
        next,
      })),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        address: fc.constantFrom(
          0,
          RAM - 1,
          RAM,
          RAM - 64,
          0x7fff_ffff,
          0x8000_0000,
          0xffff_fff0,
          2 ** 32 + READ,
          2 ** 63 + READ,
        ),
        length: fc.constantFrom(1, 64, 0x7fff_ffff, 0xffff_ffff),
        // Writable buffers lie elsewhere.
        flags: fc.constantFrom(0, NEXT, 8, 0x8000, NEXT | 0x40),
        next: fc.nat(0xffff),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        address: fc.constantFrom(TABLES, TABLES + 0x100, TABLES + 2, RAM - 16),
        length: fc.constantFrom(16, 32, 48, 64, 24, 0),
        flags: fc.constantFrom(INDIRECT, INDIRECT, INDIRECT | WRITE, INDIRECT | NEXT),
        next: fc.nat(entries),
      }),
    },
  );

export const rings: fc.Arbitrary<Ring> = fc.record({
  indirect: fc.boolean(),
  eventIdx: fc.boolean(),
  entries: fc.array(entry(8), { minLength: 8, maxLength: 8 }),
  tables: fc.array(fc.array(entry(4), { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 2 }),
  rounds: fc.array(
    fc.array(fc.oneof({ weight: 30, arbitrary: fc.nat(7) }, fc.nat(0xffff)), { minLength: 0, maxLength: 8 }),
    { minLength: 1, maxLength: 4 },
  ),
  ahead: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(0xffff)),
});

const memoryOf = () => new WebAssembly.Memory({ initial: (RAM + STAGING) >> 16 });

/** For tests: a split queue in a `WebAssembly.Memory`, whose device fills the writable part of each chain. */
export class BatchRig extends Rig {
  readonly eventIdx: boolean;
  readonly indirect: boolean;
  readonly inOrder = false;
  readonly notifyOnEmpty = false;
  readonly holder: InstanceType<typeof WebAssembly.Memory>;
  readonly queue: SplitQueue;
  readonly guest: RingGuest;
  readonly batch: Batch;
  /** Each chain that was taken. */
  readonly seen: string[] = [];
  /** Chains that came in batches. */
  together = 0;
  interrupts = 0;
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  private readonly given;

  constructor(
    { indirect = false, eventIdx = false, entries = [], tables = [] }: Partial<Ring>,
    holder = memoryOf(),
  ) {
    super(GuestMemory.of(RAM, holder, undefined, STAGING));
    const { memory } = this.board;
    this.holder = holder;
    this.indirect = indirect;
    this.eventIdx = eventIdx;
    this.batch = new Batch(memory, { chains: 5, slot: SLOT, spans: 12 });
    this.given = memory.staging(GIVEN.length);
    this.given.bytes.set(GIVEN);
    this.queue = new SplitQueue(0, SIZE, this);
    this.guest = new RingGuest(memory.ranges[0]!.bytes, RING, SIZE, READ);
    this.guest.bytes.set(BEFORE);
    for (const [i, { address, length, flags, next }] of entries.entries())
      this.guest.describe(i, address, length, flags, next);
    for (const [t, table] of tables.entries())
      for (const [i, { address, length, flags, next }] of table.entries())
        this.guest.describe(i, address, length, flags, next, TABLES + t * 0x100);
    this.queue.configure(RING, this.guest.avail, this.guest.used);
  }

  queueInterrupt(): void {
    this.interrupts++;
  }

  /** A kick. @param batches whether the device takes what it can at once. */
  serve(batches: boolean): void {
    const { queue, batch } = this;
    for (;;) {
      const count = batches ? queue.take(batch) : 0;
      for (let i = 0; i < count; i++) this.answer(i);
      if (count > 0) queue.give(batch);
      else if (!queue.pop()) break;
      else this.answerPopped();
    }
    queue.flush();
  }

  private answer(i: number): void {
    const { batch, given } = this;
    const from = batch.slotAt(i);
    const readable = batch.readableBytes(i);
    this.together++;
    this.see(
      batch.id(i),
      batch.buffers(i),
      readable,
      batch.writableBytes(i),
      batch.bytes.slice(from, from + readable),
    );
    batch.answer(i, given, given.length);
  }

  private answerPopped(): void {
    const { chain } = this.queue;
    const { id, count, readableBytes, writableBytes } = chain;
    chain.resolve(this.readable, this.writable);
    const read = new Uint8Array(readableBytes);
    this.readable.gather(read);
    this.see(id, count, readableBytes, writableBytes, read);
    this.queue.push(id, chain.scatter(this.given, this.given.length));
  }

  private see(id: number, buffers: number, readable: number, writable: number, bytes: Uint8Array): void {
    this.seen.push(`${id}: ${buffers}, ${readable} ${Buffer.from(bytes).toString('hex')}, ${writable}`);
  }
}

/** Shared, since making one takes longer than running a ring in it. */
const USED_AGAIN = memoryOf();

/** How the device takes chains: in batches, one by one, or one by one while a host is notified of its writes. */
type Way = 'together' | 'one by one' | 'heard';

/** What guest and device observe after all rounds. */
export function played(ring: Ring, way: Way): object {
  new Uint8Array(USED_AGAIN.buffer).fill(0);
  const rig = new BatchRig(ring, USED_AGAIN);
  const { guest, board } = rig;
  if (way === 'heard') board.memory.dirty = () => {};
  for (const [i, heads] of ring.rounds.entries()) {
    guest.offer(...heads);
    if (i === ring.rounds.length - 1) guest.idx = (guest.idx + ring.ahead) & 0xffff;
    rig.serve(way === 'together');
  }
  const { seen, interrupts, queue } = rig;
  return { seen, interrupts, ready: queue.ready, ram: createHash('md5').update(guest.bytes).digest('hex') };
}
