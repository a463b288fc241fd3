import { describe, expect, test } from 'vitest';
import { TCP_FLAGS } from '../../frame/headers.ts';
import { optionsIn, optionsOf } from './options.ts';
import { Scoreboard } from './scoreboard.ts';
import { FIRST, Script } from './script-rig.ts';

const { SYN, ACK, PSH, FIN } = TCP_FLAGS.mask;
const MILLISECOND = 1_000_000;
const SECOND = 1000 * MILLISECOND;
const DELAY = 40 * MILLISECOND;
const text = (length: number) => Uint8Array.from({ length }, (_, i) => i);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const at = (offset: number) => (FIRST + 1 + offset) >>> 0;
const TIMES = { value: 500, echo: 0 };

describe('options', () => {
  test('are aligned to words, as is usual', () => {
    const timestamps = { value: 0x01020304, echo: 0x05060708 };
    expect(hex(optionsOf(SYN, { mss: 1420, shift: 4, blocksPermitted: true, timestamps }))).toBe(
      '0204058c 01030304 01010402 0101080a0102030405060708'.replaceAll(' ', ''),
    );
    const blocks = [1, 2, 3, 4, 5].map((i) => [i * 16, i * 16 + 1] as const);
    // Forty bytes have room for three blocks with timestamps, and for four without.
    expect(optionsIn(optionsOf(ACK, { mss: null, shift: null, timestamps, blocks }))).toEqual({
      ...{ mss: null, shift: null, timestamps },
      blocks: blocks.slice(0, 3),
    });
    expect(optionsIn(optionsOf(ACK, { mss: null, shift: null, blocks })).blocks).toHaveLength(4);
  });
});

describe('negotiation', () => {
  test('gives the options that the peer offers', () => {
    const script = new Script();
    script.say({ sequence: FIRST, flags: SYN, blocksPermitted: true, timestamps: TIMES });
    expect(script.heard()).toMatchObject([{ blocksPermitted: true, timestamps: { echo: 500 } }]);
  });

  test('gives no option that the peer does not offer', () => {
    const script = new Script();
    const socket = script.open({ mss: 1000 });
    socket.write(text(10));
    script.say({ sequence: at(4), payload: text(4) });
    expect(script.heard().map(({ timestamps, blocks }) => [timestamps, blocks])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  test('leaves twelve bytes less for payload with timestamps', () => {
    const script = new Script();
    script.say({ sequence: FIRST, flags: SYN, mss: 1000, timestamps: TIMES });
    script.say({ timestamps: TIMES });
    script.heard();
    script.socket!.write(text(1000));
    expect(script.heard().map(({ payload }) => payload.length)).toEqual([988, 12]);
  });
});

describe('timestamps', () => {
  const open = () => {
    const script = new Script();
    script.say({ sequence: FIRST, flags: SYN, mss: 1000, timestamps: TIMES });
    script.say({ timestamps: TIMES });
    script.heard();
    return script;
  };

  test('echo the last timestamp received in order', () => {
    const script = open();
    script.say({ payload: text(4), timestamps: { value: 510, echo: 0 } });
    script.say({ sequence: at(8), payload: text(4), timestamps: { value: 520, echo: 0 } });
    script.say({ sequence: at(4), payload: text(4), timestamps: { value: 515, echo: 0 } });
    script.socket!.write('x');
    expect(script.heard().map(({ timestamps }) => timestamps?.echo)).toEqual([510, 515, 515]);
  });

  test('reject an older segment, and acknowledge it', () => {
    const script = open();
    const got: number[] = [];
    script.socket!.onData = (bytes) => got.push(bytes.length);
    script.say({ payload: text(4), timestamps: { value: 499, echo: 0 } });
    expect([got, script.heard().map(({ acknowledgment }) => acknowledgment)]).toEqual([[], [at(0)]]);
  });

  test('are absent from a segment outside the connection', () => {
    const script = open();
    script.say({ payload: text(4) });
    expect(script.heard()).toEqual([]);
  });

  test('measure the round trip also of a retransmission', () => {
    const script = open();
    script.socket!.write(text(10));
    script.clock.advance(SECOND);
    const [, again] = script.heard();
    script.clock.advance(100 * MILLISECOND);
    script.say({ timestamps: { value: 600, echo: again!.timestamps!.value } });
    script.socket!.write(text(10));
    script.heard();
    // A round trip of 100 ms and a variation of half of it: 300 ms, where two seconds were due.
    script.clock.advance(301 * MILLISECOND);
    expect(script.heard()).toHaveLength(1);
  });
});

describe('SACK blocks', () => {
  const open = () => {
    const script = new Script();
    script.open({ mss: 1000, blocksPermitted: true });
    return script;
  };

  test('report out-of-order data, the last first', () => {
    const script = open();
    for (const from of [8, 4, 20, 8]) script.say({ sequence: at(from), payload: text(4) });
    script.say({ payload: text(4) });
    expect(script.heard().map(({ blocks }) => blocks)).toEqual([
      [[at(8), at(12)]],
      [[at(4), at(12)]],
      [
        [at(20), at(24)],
        [at(4), at(12)],
      ],
      [
        [at(4), at(12)],
        [at(20), at(24)],
      ],
      [[at(20), at(24)]],
    ]);
  });

  test('cause all lost data, and nothing else, to be sent again at once', () => {
    const script = open();
    script.socket!.write(text(8000));
    const { sequence } = script.heard()[0]!;
    const block = (from: number, to: number) => [(sequence + from) >>> 0, (sequence + to) >>> 0] as const;
    const say = (...blocks: (readonly [number, number])[]) => {
      script.say({ acknowledgment: sequence, blocks });
      return script.heard().map((segment) => [(segment.sequence - sequence) >>> 0, segment.payload.length]);
    };
    // The first and the third are lost. With eight in flight the window is three: the second gap waits for the rest.
    expect([
      say(block(1000, 2000)),
      say(block(3000, 4000), block(1000, 2000)),
      say(block(3000, 5000), block(1000, 2000)),
      say(block(3000, 6000), block(1000, 2000)),
      say(block(3000, 7000), block(1000, 2000)),
      say(block(3000, 8000), block(1000, 2000)),
    ]).toEqual([[], [], [[0, 1000]], [], [[2000, 1000]], []]);
  });

  test('for data that was never sent are ignored', () => {
    const script = open();
    script.socket!.write(text(3000));
    const { sequence } = script.heard()[0]!;
    for (let i = 0; i < 2; i++)
      script.say({
        acknowledgment: sequence,
        blocks: [[(sequence + 1000) >>> 0, (sequence + 900_000) >>> 0]],
      });
    expect(script.heard()).toEqual([]);
  });

  test('are discarded at a timeout: the peer may have dropped that data', () => {
    const script = open();
    script.socket!.write(text(2000));
    const { sequence } = script.heard()[0]!;
    script.say({ acknowledgment: sequence, blocks: [[(sequence + 1000) >>> 0, (sequence + 2000) >>> 0]] });
    script.clock.advance(SECOND);
    script.heard();
    script.say({ acknowledgment: (sequence + 1000) >>> 0 });
    expect(script.heard().map((segment) => (segment.sequence - sequence) >>> 0)).toEqual([1000]);
  });
});

describe('an acknowledgment', () => {
  test('waits for a second segment, 40 ms at most', () => {
    const script = new Script();
    script.open();
    script.say({ payload: text(4) });
    script.say({ sequence: at(4), payload: text(4) });
    const second = script.heard().map(({ acknowledgment }) => acknowledgment);
    script.say({ sequence: at(8), payload: text(4) });
    script.clock.advance(DELAY - 1);
    const early = script.heard();
    script.clock.advance(1);
    expect([second, early, script.heard().map(({ acknowledgment }) => acknowledgment)]).toEqual([
      [at(8)],
      [],
      [at(12)],
    ]);
  });

  test('goes with the answer', () => {
    const script = new Script();
    const socket = script.open();
    socket.onData = () => socket.write('ok');
    script.say({ payload: text(4) });
    script.clock.advance(DELAY);
    expect(script.heard()).toMatchObject([{ flags: ACK | PSH, acknowledgment: at(4) }]);
  });

  test.each([
    ['the end', { payload: text(4), flags: ACK | FIN }],
    ['what is out of order', { sequence: at(4), payload: text(4) }],
    ['more than a segment', { payload: text(1421) }],
  ])('of %s does not wait', (_, segment) => {
    const script = new Script();
    script.open();
    script.say(segment);
    expect(script.heard()).toHaveLength(1);
  });

  test('is not sent once the connection is over', () => {
    const script = new Script();
    const socket = script.open();
    script.say({ payload: text(4) });
    socket.abort();
    script.heard();
    script.clock.advance(SECOND);
    expect(script.heard()).toEqual([]);
  });
});

describe('a scoreboard', () => {
  test('has limited size, whatever a peer reports', () => {
    const board = new Scoreboard();
    for (let i = 0; i < 1000; i++) board.add(2 * i, 2 * i + 1);
    expect(board.missing(0, 2000)).toBe(2000 - 256);
  });

  test('joins adjacent ranges, and counts missing bytes', () => {
    const board = new Scoreboard();
    for (const [from, to] of [
      [10, 20],
      [30, 40],
      [20, 25],
      [35, 50],
    ] as const)
      board.add(from, to);
    board.release(12);
    expect([
      board.missing(0, 60),
      board.skip(12),
      board.skip(25),
      board.gapEnd(26),
      board.lostBefore(19),
    ]).toEqual([60 - 13 - 20, 25, 25, 30, 30]);
  });
});
