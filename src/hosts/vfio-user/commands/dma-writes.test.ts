import { describe, expect, test } from 'vitest';
import { GuestMemory } from '../../../core/memory.ts';
import { type Carrier, DmaWrites } from './dma-writes.ts';
import { dma_write, FLAGS, header } from './registers.ts';

const PAGE = 4096;
const RAM = 64 * PAGE;

/** A client that shares RAM, and stores data when it gets a message. */
class Client implements Carrier {
  writes = true;
  transferMax = 0x1_0000;
  /** Where it expects data to begin in a message. */
  data = header.size + dma_write.size;
  readonly stored: [address: number, bytes: number][] = [];
  private readonly memory: GuestMemory;
  private messages: Uint8Array[] = [];

  constructor(memory: GuestMemory) {
    this.memory = memory;
  }

  send(messages: Uint8Array, length: number): void {
    for (let at = 0; at < length; ) {
      const { message_size } = header.decode(messages.subarray(at));
      this.messages.push(messages.slice(at, at + message_size));
      at += message_size;
    }
  }

  /** @returns the ids that it answers. */
  store(): number[] {
    const messages = this.messages.splice(0);
    for (const message of messages) {
      const { address, count } = dma_write.decode(message.subarray(header.size));
      const n = Number(BigInt.asUintN(32, count));
      this.stored.push([Number(address), n]);
      this.memory.slice(Number(address), n)!.set(message.subarray(this.data, this.data + n));
    }
    const asked = messages.filter((message) => (header.decode(message).flags & FLAGS.noReply) === 0);
    return asked.map((message) => header.decode(message).message_id);
  }
}

function setUp() {
  const memory = GuestMemory.of(RAM);
  const writes = new DmaWrites(memory);
  const client = new Client(memory);
  const published: string[] = [];
  memory.dirty = writes.wrote;
  memory.delay = writes;
  writes.join(client);
  const ring = (name: string) => ({ resume: () => void published.push(name) });
  const answer = () => {
    for (const id of client.store()) writes.answered(client, id);
  };
  return { memory, writes, client, published, ring, answer };
}
const program = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + 1) & 0xff);

/** Knows where its client expects data. */
function known() {
  const all = setUp();
  all.memory.write(0, program(16));
  all.writes.holds(all.ring('first'));
  all.answer();
  all.published.length = all.client.stored.length = 0;
  return all;
}

describe("a device's writes", () => {
  test('are stored by the client, every byte, before a ring may publish', () => {
    const { memory, writes, client, published, ring, answer } = known();
    memory.write(2 * PAGE, program(PAGE));

    const held = writes.holds(ring('ring'));
    const before = [...published];
    answer();

    expect([held, before, published]).toEqual([true, [], ['ring']]);
    expect(client.stored).toEqual([[2 * PAGE, PAGE]]);
    expect(writes.holds(ring('ring'))).toBe(false);
  });

  test("are sent in messages of the client's size, at most two batches at once", () => {
    const { memory, writes, client, published, ring, answer } = known();
    client.transferMax = PAGE;
    memory.write(0, program(RAM));

    writes.holds(ring('ring'));
    answer();
    const [early, waits] = [client.stored.length, published.length];
    answer();
    answer();

    expect([early, waits]).toEqual([32, 0]);
    expect(client.stored.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(RAM);
    expect([published, memory.slice(0, RAM)]).toEqual([['ring'], program(RAM)]);
  });

  test('in adjacent pieces are joined', () => {
    const { memory, writes, client, ring, answer } = known();
    memory.write(PAGE, program(8));
    memory.write(PAGE + 8, program(8));
    memory.write(3 * PAGE, program(8));

    writes.holds(ring('ring'));
    answer();

    expect(client.stored).toEqual([
      [PAGE, 16],
      [3 * PAGE, 8],
    ]);
  });

  test('into a ring are not sent', () => {
    const { memory, writes, ring } = known();

    memory.dirty!(PAGE, PAGE + 64, false);

    expect(writes.holds(ring('ring'))).toBe(false);
  });

  test('to memory that is no longer RAM are not sent', () => {
    const { memory, writes, ring } = known();
    memory.write(PAGE, program(8));
    memory.unmap(0);

    expect(writes.holds(ring('ring'))).toBe(false);
  });

  test('that no client answers are a million at most, and then it is a misuse', () => {
    const { memory, writes } = known();
    const fill = (count: number) => {
      for (let i = 0; i < count; i++) memory.dirty!((i % 8) * PAGE, (i % 8) * PAGE + 4, true);
    };
    fill((1 << 20) - 1);
    const before = writes.check();
    fill(4096);

    expect(before).toBe(undefined);
    expect(() => writes.check()).toThrow('vfio-user client: it left 1048576 writes unanswered');
    expect(Reflect.get(writes, 'starts')).toHaveLength(1 << 20);
  });

  test('hold back nothing without a client that lets its function write', () => {
    const { memory, writes, client, ring } = known();
    client.writes = false;
    memory.write(PAGE, program(8));

    expect(writes.holds(ring('ring'))).toBe(false);
  });

  test('that a departed client did not answer are stored by another', () => {
    const { memory, writes, client, published, ring } = known();
    const other = new Client(memory);
    writes.join(other);
    memory.write(PAGE, program(8));
    writes.holds(ring('ring'));

    writes.leave(client);
    for (const id of other.store()) writes.answered(other, id);

    expect([other.stored, published]).toEqual([[[PAGE, 8]], ['ring']]);
  });
});

describe('a client that has data behind a count of 32 bits', () => {
  test('is detected by its result of the first message, which is then corrected', () => {
    const { memory, writes, client, published, ring, answer } = setUp();
    client.data -= 4;
    memory.write(PAGE, new Uint8Array(16));
    memory.write(2 * PAGE, program(PAGE));
    memory.write(4 * PAGE, program(PAGE));

    writes.holds(ring('ring'));
    answer();
    answer();
    const held = [...published];
    answer();

    expect([held, published]).toEqual([[], ['ring']]);
    expect(memory.slice(PAGE, PAGE)).toEqual(new Uint8Array(PAGE));
    expect([memory.slice(2 * PAGE, PAGE), memory.slice(4 * PAGE, PAGE)]).toEqual([
      program(PAGE),
      program(PAGE),
    ]);
  });
});
