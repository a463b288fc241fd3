import { describe, expect, test } from 'vitest';
import { Clock } from '../../core/clock.ts';
import { CaptureWriter, readCapture } from '../../trace/index.ts';
import { Loopback } from './index.ts';
import { Recorder, Replay } from './record.ts';
import { KeepingNic, Sink } from './rig.ts';
import { Hub, join, Switch } from './switch.ts';

const ONE = Uint8Array.of(1, 1, 1);
const TWO = Uint8Array.of(2, 2);

describe('a loopback plug', () => {
  test('gives every frame back during the send', () => {
    const nic = new KeepingNic();
    const plug = new Loopback();
    plug.attach(nic);
    plug.send(ONE);
    expect(nic.got).toEqual([[1, 1, 1]]);
  });

  test('without a NIC loses frames', () => {
    const nic = new KeepingNic();
    const plug = new Loopback();
    plug.attach(nic);
    plug.attach(null);
    plug.send(ONE);
    expect(nic.got).toEqual([]);
  });
});

describe('a hub', () => {
  test('sends a frame to every port but the one it came from', () => {
    const hub = new Hub();
    const [a, b, c] = [new KeepingNic(), new KeepingNic(), new KeepingNic()];
    const left = hub.port('left');
    left.attach(a);
    hub.port('right').attach(b);
    hub.port('tap').attach(c);
    left.send(ONE);
    expect([a.got, b.got, c.got]).toEqual([[], [[1, 1, 1]], [[1, 1, 1]]]);
  });

  test('drops frames to a port without a NIC', () => {
    const hub = new Hub();
    hub.port('empty');
    expect(() => hub.port('left').send(ONE)).not.toThrow();
  });

  test('refuses a second port of one name', () => {
    const hub = new Hub();
    hub.port('left');
    expect(() => hub.port('left')).toThrow(
      'hub.port must be a name that no other port of this hub has; got "left"',
    );
  });
});

test('a sink keeps copies, since a frame is valid only during the call', () => {
  const sink = new Sink();
  const lent = ONE.slice();
  sink.send(lent);
  lent.fill(9);
  sink.send(TWO);
  expect(sink.frames).toEqual([ONE, TWO]);
});

describe('a replay', () => {
  test('hands its frames over one by one, on demand, in order', () => {
    const nic = new KeepingNic();
    const replay = new Replay([ONE, TWO]);
    replay.attach(nic);
    expect(nic.got).toEqual([]);
    expect(replay.next()).toBe(true);
    expect(nic.got).toEqual([[1, 1, 1]]);
    expect(replay.remaining).toBe(1);
    expect(replay.next()).toBe(true);
    expect(replay.next()).toBe(false);
    expect(nic.got).toEqual([
      [1, 1, 1],
      [2, 2],
    ]);
  });

  test('delivers a number of frames, or all that are left', () => {
    const nic = new KeepingNic();
    const replay = new Replay([ONE, TWO, ONE, TWO]);
    replay.attach(nic);
    expect(replay.deliver(1)).toBe(1);
    expect(replay.deliver()).toBe(3);
    expect(replay.deliver(5)).toBe(0);
    expect(nic.got).toHaveLength(4);
  });

  test('leaves out what the recorded guest itself sent', () => {
    const nic = new KeepingNic();
    const replay = new Replay([
      { at: 0, data: ONE, originalLength: 3, direction: 'out' },
      { at: 1, data: TWO, originalLength: 2, direction: 'in' },
    ]);
    replay.attach(nic);
    replay.deliver();
    expect(nic.got).toEqual([[2, 2]]);
  });

  test('keeps copies of what the guest sent', () => {
    const replay = new Replay([]);
    const lent = ONE.slice();
    replay.send(lent);
    lent.fill(9);
    expect(replay.sent).toEqual([ONE]);
  });

  test('refuses to deliver without a NIC', () => {
    expect(() => new Replay([ONE]).next()).toThrow('replay must be the backend of a NIC; got "detached"');
  });
});

describe('a recorder', () => {
  test('writes both directions with virtual time and passes them on', () => {
    const blocks: Uint8Array[] = [];
    const nic = new KeepingNic();
    let now = 5000;
    const writer = new CaptureWriter((block) => blocks.push(block), 'nic0');
    const recorder = new Recorder(new Loopback(), writer, () => (now += 250));
    recorder.attach(nic);
    recorder.send(ONE);
    expect(nic.got).toEqual([[1, 1, 1]]);
    expect(readCapture(new Uint8Array(Buffer.concat(blocks)))).toEqual([
      { at: 0, data: ONE, originalLength: 3, direction: 'out' },
      { at: 250, data: ONE, originalLength: 3, direction: 'in' },
    ]);
  });

  test('uses the machine’s time by default', () => {
    const blocks: Uint8Array[] = [];
    const nic = new KeepingNic();
    const recorder = new Recorder(new Loopback(), new CaptureWriter((block) => blocks.push(block), ''));
    recorder.attach(nic);
    recorder.send(ONE);
    nic.clock.advance(700);
    recorder.send(ONE);
    expect(readCapture(new Uint8Array(Buffer.concat(blocks))).map(({ at }) => at)).toEqual([0, 0, 700, 700]);
  });

  test('detaches the wrapped backend with itself', () => {
    const blocks: Uint8Array[] = [];
    const recorder = new Recorder(
      new Loopback(),
      new CaptureWriter((block) => blocks.push(block), ''),
      () => 0,
    );
    recorder.attach(new KeepingNic());
    recorder.attach(null);
    recorder.send(ONE);
    expect(blocks).toHaveLength(3); // two of header, the frame sent, none received
  });
});

test('two joined backends are each other’s NIC', () => {
  const [hub, lan, clock] = [new Hub(), new Switch(), new Clock()];
  const [near, far] = [new KeepingNic(clock), new KeepingNic(clock)];
  const nearPort = hub.port('near');
  const farPort = lan.port('far');
  nearPort.attach(near);
  farPort.attach(far);
  join(hub.port('up'), lan.port('down'), clock);
  const frame = Uint8Array.from({ length: 14 }, () => 0xff);
  nearPort.send(frame);
  farPort.send(frame);
  expect([near.got, far.got]).toEqual([[[...frame]], [[...frame]]]);
});
