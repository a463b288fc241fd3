import { describe, expect, test } from 'vitest';
import { answerOf, CompletionRig, RINGS } from './rig.ts';

const SPOIL = { spoil: true, latency: [10_000, 10_000] } as const;
const SPOILED = 0xdb;
/** Of the rig's two MiB. */
const THREE_QUARTERS = 0x18_0000;
/** The rig driver's bytes in an offered buffer, and in a request. */
const LEFT = 0x11;
const REQUEST = [0x77, 0x77, 0x77, 0x77];

describe.each(RINGS)('lent memory of a %s ring', (ring) => {
  test('reads db from the moment that the device takes it until it comes back', () => {
    const rig = new CompletionRig(ring, SPOIL);
    const [id] = rig.offer(40);
    const seen = [rig.room(id!)];

    rig.pop();
    seen.push(rig.room(id!));
    rig.finish(id!);
    seen.push(rig.room(id!));
    rig.clock.advance(9_999);
    seen.push(rig.room(id!));
    rig.clock.advance(1);
    seen.push(rig.room(id!));

    expect(seen).toEqual([[LEFT], [SPOILED], [SPOILED], [SPOILED], [answerOf(id!)]]);
  });

  test('keeps the device-readable part', () => {
    const rig = new CompletionRig(ring, SPOIL);
    const [id] = rig.offer(40);

    rig.pop();
    rig.finish(id!);

    expect(rig.request(id!)).toEqual(REQUEST);
  });

  test('stays spoiled beyond the used length', () => {
    const rig = new CompletionRig(ring, SPOIL);
    const [id] = rig.offer(40);
    rig.pop();
    rig.write(id!, 40);
    rig.device.push(id!, 3);
    rig.device.flush();

    rig.clock.advance(10_000);

    expect(rig.room(id!)).toEqual([answerOf(id!), SPOILED]);
  });

  test('reads db also when the device puts it back with data in it', () => {
    const rig = new CompletionRig(ring, SPOIL);
    const [id] = rig.offer(40);
    rig.pop();
    rig.write(id!);

    rig.device.rewind(1);

    expect(rig.room(id!)).toEqual([SPOILED]);
  });

  test('stays spoiled when the device is reset', () => {
    const rig = new CompletionRig(ring, SPOIL);
    const [id] = rig.offer(40);
    rig.pop();
    rig.finish(id!);

    rig.device.reset();
    rig.clock.advance(10_000);

    expect(rig.room(id!)).toEqual([SPOILED]);
  });

  test('is left alone where the device reads the same bytes', () => {
    const rig = new CompletionRig(ring, SPOIL);
    const both = { address: rig.port.allocate(16, 16), length: 16 };
    rig.port.memory.fill(both.address, LEFT, 16);
    rig.driver.add([{ address: both.address + 8, length: 4 }], [both]);
    rig.driver.publish();

    rig.pop();

    expect(rig.port.memory.load(both.address, 1)).toBe(LEFT);
  });

  test('returns to its address when RAM has moved to another buffer meanwhile', () => {
    const rig = new CompletionRig(ring, SPOIL);
    const [id] = rig.offer(40);
    rig.pop();
    rig.finish(id!);
    const { memory } = rig.board;
    memory.replace(0, memory.ranges[0]!.bytes.slice());

    rig.clock.advance(10_000);

    expect([rig.came(), rig.room(id!)]).toEqual([[id], [answerOf(id!)]]);
  });

  test('is forgotten when it is no longer RAM', () => {
    const rig = new CompletionRig(ring, SPOIL);
    const [id] = rig.offer(40);
    rig.pop();
    rig.finish(id!);
    rig.board.memory.unmap(0);

    expect(() => rig.clock.advance(10_000)).not.toThrow();
  });

  test('is spoiled only while its total fits in RAM without overlap', () => {
    const rig = new CompletionRig(ring, SPOIL);
    // Two MiB of RAM hold half a MiB four times: a guest that lends the same five times could make work without end.
    const same = { address: rig.port.allocate(0x8_0000, 4096), length: 0x8_0000 };
    for (let i = 0; i < 5; i++) rig.driver.add([], [same]);
    rig.driver.publish();
    const spoiled: boolean[] = [];

    while (rig.device.pop()) {
      spoiled.push(rig.port.memory.load(same.address, 1) === SPOILED);
      rig.port.memory.store(same.address, LEFT, 1);
    }

    expect(spoiled).toEqual([true, true, true, true, false]);
  });

  test('counts no more once it is published or put back into the ring', () => {
    const rig = new CompletionRig(ring, SPOIL);
    // Three quarters of RAM, so that a second loan is spoiled only when the first is forgotten.
    const [first] = rig.offer(THREE_QUARTERS);
    rig.pop();
    const at = rig.roomAt(first!);
    const spoiled = [rig.port.memory.load(at, 1)];
    rig.device.rewind(1);
    rig.port.memory.store(at, LEFT, 1);
    rig.finish(...rig.pop());
    rig.clock.advance(10_000);
    rig.driver.drain(() => {});
    rig.driver.add([], [{ address: at, length: THREE_QUARTERS }]);
    rig.driver.publish();
    rig.pop();
    spoiled.push(rig.port.memory.load(at, 1));

    expect(spoiled).toEqual([SPOILED, SPOILED]);
  });

  test('counts no more after a reset of the device', () => {
    const rig = new CompletionRig(ring, SPOIL);
    const [first] = rig.offer(THREE_QUARTERS);
    rig.pop();
    const at = rig.roomAt(first!);
    rig.port.memory.store(at, LEFT, 1);

    rig.device.reset();
    rig.configure();
    rig.pop();

    expect(rig.port.memory.load(at, 1)).toBe(SPOILED);
  });
});
