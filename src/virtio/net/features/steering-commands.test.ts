import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../../core/byte-reader.ts';
import type { NetCard } from './feature.ts';
import { Steering } from './steering.ts';

const [TUNNEL, CONTEXT] = [7, 9];
const [SET, ADD, MOD, DEL] = [0, 1, 2, 3];
const VALUES = {
  rss_max_key_size: 40,
  rss_max_indirection_table_length: 128,
  supported_hash_types: 0x3f,
  supported_tunnel_types: 0x1ff,
};

/** Steering on a card of two pairs, and its answers to data, in hexadecimal. */
function card() {
  const steering = new Steering({
    config: { values: VALUES },
    kindOf: (queue: number) => (queue > 3 ? null : queue & 1 ? 'transmit' : 'receive'),
    settle: () => {},
  } as unknown as NetCard);
  const command = (of: number, number: number) =>
    steering.commands.find((one) => one.class === of && one.command === number)!;
  const ask = (of: number, number: number, data: string) => {
    const bytes = Uint8Array.from(Buffer.from(data.replaceAll(' ', ''), 'hex'));
    return command(of, number).carryOut(new ByteReader('le', bytes, 0, bytes.length));
  };
  return { steering, ask, command };
}

describe('HASH_TUNNEL_SET', () => {
  test('turns hashing of inner packets on and off', () => {
    const { ask, steering } = card();
    const hashed = ['ff010000', '00000000'].map((types) => [ask(TUNNEL, SET, types), steering.tunnels]);
    expect(hashed).toEqual([
      [true, 0x1ff],
      [true, 0],
    ]);
  });

  test.each(['00020000', '00000080', 'ff030000'])(
    'of unsupported types is refused, and nothing changes: %s',
    (data) => {
      const { ask, steering } = card();
      expect([ask(TUNNEL, SET, data), steering.tunnels]).toEqual([false, 0]);
    },
  );

  test('has four bytes', () => {
    expect(card().command(TUNNEL, SET).bytes).toBe(4);
  });
});

describe('an RSS context', () => {
  /** No hash; a table of two queues, all of the first pair but the second entry; two transmit queues; a key of two bytes. */
  const RSS = '00000000 0100 0000 0000 0100 0200 02 abcd';
  const of = (id: string, rss = RSS) => `${id} ffffffffffff ${rss}`;

  test('exists from ADD to DELETE, and may be modified meanwhile', () => {
    const { ask } = card();
    expect([
      ask(CONTEXT, MOD, of('0200')),
      ask(CONTEXT, ADD, of('0200')),
      ask(CONTEXT, ADD, of('0200')),
      ask(CONTEXT, MOD, of('0200')),
      ask(CONTEXT, DEL, '0200'),
      ask(CONTEXT, DEL, '0200'),
      ask(CONTEXT, MOD, of('0200')),
    ]).toEqual([false, true, false, true, true, false, false]);
  });

  test.each([
    ['0', of('0000')],
    ['5, where there are four', of('0500')],
    ['1 without parameters', '0100'],
    ['1 whose key ends too early', of('0100', RSS.slice(0, -2))],
    ['1 with a byte behind its key', of('0100', `${RSS}00`)],
    ['1 with a table of three', of('0100', '00000000 0200 0000 0000 0000 0000 0200 00')],
    ['1 that leads to a queue that is not there', of('0100', '00000000 0000 0000 0200 0200 00')],
    ['1 that sends on a queue that is not there', of('0100', '00000000 0000 0000 0000 0300 00')],
    ['1 by a hash that is not supported', of('0100', '40000000 0000 0000 0000 0200 00')],
  ])('is refused if it is %s', (_, data) => {
    expect(card().ask(CONTEXT, ADD, data)).toBe(false);
  });

  test('stays the same if a change is refused', () => {
    const { ask } = card();
    ask(CONTEXT, ADD, of('0100'));
    expect([ask(CONTEXT, MOD, '0100'), ask(CONTEXT, DEL, '0100')]).toEqual([false, true]);
  });
});
