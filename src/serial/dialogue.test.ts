import { describe, expect, test } from 'vitest';
import { Clock } from '../core/clock.ts';
import { Dialogue, DialogueError } from './dialogue.ts';
import type { SerialEndpoint } from './endpoint.ts';

const SECOND = 1_000_000_000;

/** A port without a UART: records what was typed and when, and has a guest that prints by hand. */
class Peer {
  readonly name = 'ttyS0';
  readonly clock = new Clock();
  readonly typed: [at: number, text: string][] = [];
  listener: SerialEndpoint | null = null;

  type(text: Uint8Array | string): void {
    this.typed.push([this.clock.now, typeof text === 'string' ? text : new TextDecoder().decode(text)]);
  }

  listen(endpoint: SerialEndpoint): () => void {
    this.listener = endpoint;
    return () => {
      this.listener = null;
    };
  }

  print(text: string): void {
    for (const byte of new TextEncoder().encode(text)) this.listener?.receive(byte);
  }

  dialogue(patience?: number): Dialogue {
    return new Dialogue(this, this.clock, patience);
  }
}

describe('a dialogue', () => {
  test('types when prompted, and is done after the last answer', () => {
    const peer = new Peer();
    const login = peer.dialogue().expect('login: ').type('root\n').expect(/^# $/m);

    peer.print('Debian GNU/Linux\nhost login: ');
    const asked = [login.done, peer.typed.map(([, text]) => text)];
    peer.print('root\n# ');

    expect([asked, login.done]).toEqual([[false, ['root\n']], true]);
    expect(() => login.finish()).not.toThrow();
  });

  test('with no expectation first types at once', () => {
    const peer = new Peer();
    peer.dialogue().type('\n').type(Uint8Array.of(0x21));
    expect(peer.typed.map(([, text]) => text)).toEqual(['\n', '!']);
  });

  test('does not meet an expectation by text that met the previous one', () => {
    const peer = new Peer();
    const twice = peer.dialogue().expect('# ').expect('# ');
    peer.print('# ');
    const once = twice.done;
    peer.print('ok\n# ');
    expect([once, twice.done]).toEqual([false, true]);
  });

  test('meets a late expectation by text printed since the last', () => {
    const peer = new Peer();
    const late = peer.dialogue().expect('one');
    peer.print('one two');
    expect(late.expect('two').done).toBe(true);
  });

  test('matches a pattern with a sticky or global flag from its start each time', () => {
    const peer = new Peer();
    const again = /a/g;
    const seen = peer.dialogue().expect(again).expect(again);
    peer.print('aa');
    expect(seen.done).toBe(true);
  });

  test('matches characters of several bytes', () => {
    const peer = new Peer();
    const seen = peer.dialogue().expect('größe');
    peer.print('größe');
    expect(seen.done).toBe(true);
  });

  test('passes on what was printed, and can continue from there', () => {
    const peer = new Peer();
    const heard: string[] = [];
    const talk = peer.dialogue();
    talk.expect('\n').do((said) => {
      heard.push(said);
      talk.type('thanks\n');
    });
    peer.print('42\n');
    expect([heard, peer.typed.map(([, text]) => text), talk.done]).toEqual([['42\n'], ['thanks\n'], true]);
  });

  test('pauses in virtual time, and keeps what is printed meanwhile', () => {
    const peer = new Peer();
    const slow = peer.dialogue().expect(': ').pause(1000).type('x').expect('!');
    peer.print(': !');
    peer.clock.advance(999);
    const early = peer.typed.length;
    peer.clock.advance(1);
    expect([early, peer.typed, slow.done]).toEqual([0, [[1000, 'x']], true]);
  });

  test('looks back on 4096 characters', () => {
    const peer = new Peer();
    const far = peer.dialogue().expect(/A.*B/s);
    peer.print(`A${'x'.repeat(4095)}B`);
    const tooFar = far.done;
    peer.print(`A${'x'.repeat(4094)}B`);
    expect([tooFar, far.done]).toEqual([false, true]);
  });
});

describe('an expectation that is not met', () => {
  test('fails the dialogue at its timeout, and shows what came instead', () => {
    const peer = new Peer();
    const login = peer.dialogue(2 * SECOND).expect(/login: /);
    peer.print('Kernel panic - not syncing\nRebooting');
    peer.clock.advance(2 * SECOND - 1);
    const before = login.done;
    peer.clock.advance(1);

    expect([before, login.done]).toEqual([false, true]);
    expect(() => login.finish()).toThrow(
      new DialogueError(
        'ttyS0',
        '/login: / did not come within 2 s',
        'Kernel panic - not syncing\nRebooting',
      ),
    );
    expect(() => login.finish()).toThrow(/Last printed:\n {2}Kernel panic - not syncing\n {2}Rebooting$/);
  });

  test('sets the reason at that time, not only when the dialogue is finished', () => {
    const peer = new Peer();
    const login = peer.dialogue(2 * SECOND).expect('login: ');
    peer.clock.advance(2 * SECOND - 1);
    const before = login.failed;
    peer.clock.advance(1);

    expect(before).toBeNull();
    expect(login.failed?.complaint).toBe('"login: " did not come within 2 s');
  });

  test('has its own timeout, from when it begins', () => {
    const peer = new Peer();
    const two = peer.dialogue().expect('a').expect('b', SECOND);
    peer.clock.advance(5 * SECOND);
    peer.print('a');
    peer.clock.advance(SECOND - 1);
    const before = two.done;
    peer.clock.advance(1);
    expect(before).toBe(false);
    expect(() => two.finish()).toThrow('ttyS0: "b" did not come within 1 s. Nothing was printed.');
  });

  test('ends it: nothing is matched, typed or timed any more', () => {
    const peer = new Peer();
    const failed = peer.dialogue(SECOND).expect('a').type('x');
    peer.clock.advance(SECOND);
    peer.print('a');
    expect([failed.done, peer.listener, peer.typed, peer.clock.next]).toEqual([true, null, [], Infinity]);
  });

  test('has no running timer once it is met, or the dialogue is ended', () => {
    const peer = new Peer();
    const met = peer.dialogue(SECOND).expect('a');
    peer.print('a');
    peer.clock.advance(2 * SECOND);
    expect(() => met.finish()).not.toThrow();
    const ended = peer.dialogue(SECOND).expect('b');
    expect(() => ended.finish()).toThrow('still waiting');
    peer.clock.advance(2 * SECOND);
    expect(() => ended.finish()).toThrow('still waiting');
  });

  test('is reported by finish() also before its timeout', () => {
    const peer = new Peer();
    expect(() => peer.dialogue().expect('$').finish()).toThrow('ttyS0: still waiting for "$"');
    expect(() => peer.dialogue().pause(5).finish()).toThrow('ttyS0: still in a pause');
  });

  test('shows the last ten lines', () => {
    const peer = new Peer();
    const waits = peer.dialogue().expect('z');
    peer.print(Array.from({ length: 12 }, (_, i) => `line ${i + 1}`).join('\n'));
    expect(() => waits.finish()).toThrow(/Last printed:\n {2}line 3\n/);
  });
});

test('an invalid time is refused', () => {
  expect(() => new Peer().dialogue(-1)).toThrow('dialogue.patience must be 0 ns or more; got -1');
  expect(() => new Peer().dialogue().pause(Number.NaN)).toThrow(
    'dialogue.pause must be 0 ns or more; got NaN',
  );
  expect(() => new Peer().dialogue().expect('a', -1)).toThrow('dialogue.expect must be 0 ns or more; got -1');
});
