import { expect, test } from 'vitest';
import { DataError } from './differences.ts';
import { demandSent } from './frames.ts';

const [FIRST, SECOND] = [Uint8Array.of(1), Uint8Array.of(2)];

test("a gVNIC's frames may leave in any order, since each transmit queue is served by itself", () => {
  expect(() => demandSent({ type: 'gvnic' }, [SECOND, FIRST], [FIRST, SECOND])).not.toThrow();
});

test('a frame of a gVNIC that did not leave is missed', () => {
  expect(() => demandSent({ type: 'gvnic' }, [SECOND], [FIRST, SECOND])).toThrow(DataError);
});

test("a virtio NIC's frames leave in their order", () => {
  expect(() => demandSent({ type: 'virtio' }, [SECOND, FIRST], [FIRST, SECOND])).toThrow(DataError);
});
