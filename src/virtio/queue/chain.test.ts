import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuestMemory } from '../../core/memory.ts';
import type { HasBuffer } from '../../core/wasm/kernels.ts';
import { PVIRTQ_DESC_F, pvirtq_desc } from '../registers.ts';
import { ChainCursor } from './chain.ts';
import { QueueRig } from './queue-rig.ts';
import { SplitQueue } from './split-queue.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => HasBuffer;
};

interface Piece {
  /** Bytes between it and the piece before. */
  readonly gap: number;
  readonly length: number;
}
type Span = readonly [address: number, length: number, write: boolean];
/** Makes the chain of these buffers. */
type Walk = (chain: ChainCursor, memory: GuestMemory, spans: readonly Span[]) => void;

const RAM = 0x1_0000;
/** Less than the longest chains need. */
const ROOM = 0x2000;
/** Enough for the room, which may begin after the end of RAM. */
const BEHIND = 0x1_0000;
const FIRST = 0x1000;
const PIECES_MAX = 4;

/** As a packed ring's table in low RAM, at 0. */
const fast: Walk = (chain, memory, spans) => {
  const range = memory.ranges[0]!;
  for (const [i, [addr, len, write]] of spans.entries()) {
    const flags = write ? PVIRTQ_DESC_F.WRITE : 0;
    range.bytes.set(pvirtq_desc.encode({ addr: BigInt(addr), len, id: 0, flags }), i * pvirtq_desc.size);
  }
  chain.main = range;
  chain.fillFromTable(0, spans.length, spans.length, RAM - 1);
};

const general: Walk = (chain, memory, spans) => {
  chain.begin();
  for (const [address, length, write] of spans) chain.add(memory.ranges[0]!, address, length, write);
};

const PLACES: readonly (readonly [kind: string, walk: Walk, make: () => GuestMemory])[] = [
  ['plain', fast, () => GuestMemory.of(RAM)],
  ['shared', fast, () => GuestMemory.of(RAM, new SharedArrayBuffer(RAM + BEHIND), undefined, BEHIND)],
  ['WebAssembly', fast, () => GuestMemory.of(RAM, new WebAssembly.Memory({ initial: 2 }), undefined, BEHIND)],
  ['lent RAM, which has no staging', fast, () => GuestMemory.of(RAM, new ArrayBuffer(RAM))],
  ['plain RAM, after the general walk', general, () => GuestMemory.of(RAM)],
];

// Lengths at which another copy method begins: bytes, a word, sixteen, two and four times that, 128, 192, and a page.
const length = fc.oneof(
  fc.constantFrom(1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 191, 192, 193, 4096),
  fc.integer({ min: 1, max: 300 }),
);
const piece = fc.record({ gap: fc.oneof(fc.constant(0), fc.constant(8), fc.nat(20)), length });
const pieces = fc.array(piece, { maxLength: PIECES_MAX });
const shapes = fc
  .tuple(pieces, pieces)
  .filter(([out, input]) => out.length + input.length > 0)
  .map(([out, input]) => spansOf(out, input));

function spansOf(out: readonly Piece[], input: readonly Piece[]): Span[] {
  let next = FIRST;
  return [...out, ...input].map(({ gap, length }, i) => {
    const address = next + gap;
    next = address + length;
    return [address, length, i >= out.length] as const;
  });
}

/** The address of each byte that may be read, or written, in order. */
function addresses(spans: readonly Span[], write: boolean): number[] {
  return spans
    .filter((span) => span[2] === write)
    .flatMap(([address, length]) => Array.from({ length }, (_, i) => address + i));
}

test('a queue that was not set up has no memory for chains', () => {
  const rig = new QueueRig(8);
  const idle = new SplitQueue(0, 8, rig);

  expect([idle.chain.spans.length, rig.queue.chain.spans.length]).toEqual([0, 16]);
});

describe.each(PLACES)('a chain in %s', (_kind, walk, make) => {
  test('is gathered byte for byte, as far as there is room', () => {
    const memory = make();
    const ram = memory.ranges[0]!.bytes;
    const staging = memory.staging(ROOM);
    const chain = new ChainCursor(memory);
    chain.makeRoom(2 * PIECES_MAX);
    fc.assert(
      fc.property(shapes, (spans) => {
        for (let i = 0; i < RAM; i++) ram[i] = i * 7 + (i >> 5);
        staging.bytes.fill(0xee);
        walk(chain, memory, spans);
        const before = ram.slice();
        const expected = new Uint8Array(ROOM).fill(0xee);
        const due = addresses(spans, false).slice(0, ROOM);
        for (const [i, address] of due.entries()) expected[i] = before[address]!;

        const count = chain.gather(staging);

        expect(count).toBe(due.length);
        expect(Buffer.compare(staging.bytes, expected)).toBe(0);
        expect(Buffer.compare(ram, before)).toBe(0);
      }),
    );
  });

  test('takes the given number of bytes, and no other byte of RAM changes', () => {
    const memory = make();
    const ram = memory.ranges[0]!.bytes;
    const staging = memory.staging(ROOM);
    const chain = new ChainCursor(memory);
    chain.makeRoom(2 * PIECES_MAX);
    for (let i = 0; i < ROOM; i++) staging.bytes[i] = i * 5 + (i >> 6) + 1;
    const said = fc.oneof(fc.constant(ROOM), fc.nat(ROOM));
    fc.assert(
      fc.property(shapes, said, (spans, count) => {
        ram.fill(0xee);
        walk(chain, memory, spans);
        const expected = ram.slice();
        const due = addresses(spans, true).slice(0, count);
        for (const [i, address] of due.entries()) expected[address] = staging.bytes[i]!;

        const written = chain.scatter(staging, count);

        expect(written).toBe(due.length);
        expect(Buffer.compare(ram, expected)).toBe(0);
      }),
    );
  });
});
