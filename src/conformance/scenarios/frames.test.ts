import { describe, expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { DataError } from './differences.ts';
import { demandSent, receiveAll } from './frames.ts';

const FRAME = new Uint8Array(60);
const [FIRST, SECOND] = [Uint8Array.of(1), Uint8Array.of(2)];

describe('all received frames', () => {
  test('are taken one by one from a driver that returns one at a time, without waiting between them', () => {
    const machine = gceN1();
    const before = machine.port.now();

    const frames = receiveAll({ machine, receive: () => [FRAME] }, 1000);

    expect([frames.length, machine.port.now() - before]).toEqual([1000, 0]);
  });

  test('are waited for while none arrives', () => {
    const machine = gceN1();
    const given = [[FRAME], [], [FRAME, FRAME]];
    const before = machine.port.now();

    const frames = receiveAll({ machine, receive: () => given.shift() ?? [] }, 4, 5);

    expect([frames.length, machine.port.now() - before]).toEqual([3, 5_000_000]);
  });
});

test("a gVNIC's frames may leave in any order, since each transmit queue is served by itself", () => {
  expect(() => demandSent({ type: 'gvnic' }, [SECOND, FIRST], [FIRST, SECOND])).not.toThrow();
});

test('a frame of a gVNIC that did not leave is missed', () => {
  expect(() => demandSent({ type: 'gvnic' }, [SECOND], [FIRST, SECOND])).toThrow(DataError);
});

test("a virtio NIC's frames leave in their order", () => {
  expect(() => demandSent({ type: 'virtio' }, [SECOND, FIRST], [FIRST, SECOND])).toThrow(DataError);
});
