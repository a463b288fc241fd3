import { describe, expect, test } from 'vitest';
import { TCP_FLAGS } from '../../frame/headers.ts';
import { FIRST, Script } from './script-rig.ts';

const { SYN, ACK, RST, PSH, FIN } = TCP_FLAGS.mask;
const SECOND = 1_000_000_000;
const text = (length: number) => Uint8Array.from({ length }, (_, i) => i);

describe('the handshake', () => {
  test('gives the longest segment without fragmentation, and a window shift', () => {
    const script = new Script();
    script.say({ sequence: FIRST, flags: SYN, mss: 1420, shift: 7 });
    // An MTU of 1460 leaves 1420 after 20 bytes of IPv4 and 20 of TCP.
    expect(script.heard()).toMatchObject([
      { flags: SYN | ACK, acknowledgment: FIRST + 1, mss: 1420, shift: 4, window: 0xffff },
    ]);
  });

  test('shifts no window for a peer without the option', () => {
    const script = new Script();
    script.say({ sequence: FIRST, flags: SYN, mss: 1420 });
    expect(script.heard()).toMatchObject([{ flags: SYN | ACK, shift: null }]);
  });

  test('that is not completed repeats SYN and ACK, first after one second, then after two', () => {
    const script = new Script();
    script.say({ sequence: FIRST, flags: SYN });
    script.heard();
    script.clock.advance(SECOND);
    expect(script.heard()).toMatchObject([{ flags: SYN | ACK }]);
    script.clock.advance(2 * SECOND - 1);
    expect(script.heard()).toEqual([]);
    script.clock.advance(1);
    expect(script.heard()).toMatchObject([{ flags: SYN | ACK }]);
  });
});

describe('sending', () => {
  test('uses the peer’s segment size, with PSH on the last', () => {
    const script = new Script();
    const socket = script.open({ mss: 1000 });
    socket.write(text(2500));
    const heard = script.heard();
    expect(heard.map(({ payload, flags }) => [payload.length, flags])).toEqual([
      [1000, ACK],
      [1000, ACK],
      [500, ACK | PSH],
    ]);
  });

  test('uses 536 bytes a segment by default', () => {
    const script = new Script();
    const socket = script.open();
    socket.write(text(600));
    expect(script.heard().map(({ payload }) => payload.length)).toEqual([536, 64]);
  });

  test('stops at the peer’s window, and goes on when it opens', () => {
    const script = new Script();
    const socket = script.open({ mss: 1000, window: 1500 });
    socket.write(text(4000));
    expect(script.heard().map(({ payload }) => payload.length)).toEqual([1000]);
    script.say({ window: 3000 });
    expect(script.heard().map(({ payload }) => payload.length)).toEqual([1000, 1000, 1000]);
  });

  test('scales windows by the peer’s shift', () => {
    const script = new Script();
    const socket = script.open({ mss: 1000, shift: 2, window: 500 });
    socket.write(text(3000));
    expect(script.heard().map(({ payload }) => payload.length)).toEqual([1000, 1000]);
  });

  test('repeats a segment without an acknowledgment, doubling the timeout each time', () => {
    const script = new Script();
    const socket = script.open({ mss: 1000 });
    socket.write(text(100));
    script.heard();
    const gaps = [1, 2, 4].map((seconds) => {
      script.clock.advance(seconds * SECOND - 1);
      const before = script.heard().length;
      script.clock.advance(1);
      return [before, script.heard().length];
    });
    expect(gaps).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  test('repeats a segment at once after three duplicate acknowledgments', () => {
    const script = new Script();
    const socket = script.open({ mss: 1000 });
    socket.write(text(5000));
    const { sequence } = script.heard()[0]!;
    for (let i = 0; i < 3; i++) script.say({ acknowledgment: sequence });
    expect(script.heard()).toMatchObject([{ sequence, payload: { length: 1000 } }]);
  });

  test('sends a segment beyond the window for each of the first two, in case more than one were lost', () => {
    const script = new Script();
    const socket = script.open({ mss: 1000 });
    socket.write(text(20_000));
    const { sequence } = script.heard()[0]!;
    const follow = [1, 2, 3].map(() => {
      script.say({ acknowledgment: sequence });
      return script.heard().map((segment) => (segment.sequence - sequence) >>> 0);
    });
    expect(follow).toEqual([[10_000], [11_000], [0]]);
  });

  test('probes a closed window with one byte while the peer responds', () => {
    const script = new Script();
    const socket = script.open({ mss: 1000, window: 0 });
    socket.write(text(100));
    let asked = 0;
    // Thirty times is twice the number of retries for a silent peer.
    for (let i = 0; i < 30; i++) {
      script.clock.advance(61 * SECOND);
      for (const { sequence } of script.heard()) {
        asked++;
        script.say({ acknowledgment: sequence, window: 0 });
      }
      script.heard();
    }
    script.say({ window: 1000 });
    script.clock.advance(61 * SECOND);
    expect([asked >= 30, socket.state]).toEqual([true, 'ESTABLISHED']);
  });
});

describe('receiving', () => {
  test('delivers data in order and once, also over the wrap of sequence numbers', () => {
    const script = new Script();
    const socket = script.open();
    const got: number[] = [];
    socket.onData = (bytes) => got.push(...bytes);
    const say = (from: number, to: number) =>
      script.say({ sequence: (FIRST + 1 + from) >>> 0, payload: text(to).subarray(from) });
    say(4, 8);
    say(2, 6);
    say(0, 3);
    say(0, 3);
    expect([got, script.heard().map(({ acknowledgment }) => acknowledgment)]).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [FIRST + 1, FIRST + 1, 5, 5],
    ]);
  });

  test('ends at the FIN, even if that comes first', () => {
    const script = new Script();
    const socket = script.open();
    const told: string[] = [];
    socket.onData = (bytes) => told.push(`${bytes.length}`);
    socket.onEnd = () => told.push('end');
    script.say({ sequence: 1, flags: ACK | FIN });
    script.say({ payload: text(4) });
    script.say({ sequence: 2, payload: text(4) });
    expect([told, socket.state]).toEqual([['4', 'end'], 'CLOSE-WAIT']);
  });

  test.each([
    ['breaks the connection off with a RST at its place', FIRST + 1, 'CLOSED', 0],
    ['is asked again with a RST elsewhere', FIRST + 2, 'ESTABLISHED', 1],
    ['is nothing with a RST behind the window', (FIRST + (1 << 21)) >>> 0, 'ESTABLISHED', 0],
  ])('%s', (_, sequence, state, answers) => {
    const script = new Script();
    const socket = script.open();
    script.say({ sequence, flags: RST });
    expect([socket.state, script.heard().length]).toEqual([state, answers]);
  });

  test('answers with a RST without a connection', () => {
    const script = new Script();
    script.say({ acknowledgment: 77, payload: text(3) });
    expect(script.heard()).toMatchObject([{ flags: RST, sequence: 77 }]);
  });
});

describe('data without a listener', () => {
  test('waits, closes the window, and is delivered when a listener is set', () => {
    const script = new Script();
    const socket = script.open({ shift: 0 });
    const full = (1 << 20) - 16;
    for (let at = 0; at < full; at += 8192)
      script.say({ sequence: (FIRST + 1 + at) >>> 0, payload: new Uint8Array(Math.min(8192, full - at)) });
    const windows = script.heard().map(({ window }) => window);
    script.say({ sequence: (FIRST + 1 + full) >>> 0, payload: text(1) });
    let got = 0;
    socket.onData = (bytes) => {
      got += bytes.length;
    };
    // 16-byte units: a mebibyte less a unit is FFFFh of them.
    expect([windows[0], windows.at(-1), script.heard().map(({ window }) => window), got]).toEqual([
      0xffff - 512,
      0,
      [0, 0xffff],
      full,
    ]);
  });

  test('is followed by its end, and the close of the connection', () => {
    const script = new Script();
    const socket = script.open();
    script.say({ payload: text(3), flags: ACK | FIN });
    script.say({ sequence: (FIRST + 5) >>> 0, flags: RST });
    const told: string[] = [];
    socket.onClose = (why) => told.push(why);
    socket.onEnd = () => told.push('end');
    socket.onData = (bytes) => told.push(`${bytes.length}`);
    expect(told).toEqual(['reset', '3', 'end']);
  });
});
