import { expect, test } from 'vitest';
import { gceN1 } from './gce-n1.ts';

test.each([
  [{}, 'lenient'],
  [{ strictness: 'strict' }, 'strict'],
] as const)('%o makes every virtio device %s, one plugged in later too', (options, strictness) => {
  const machine = gceN1({ ...options, rng: true });
  machine.addNic();

  const devices = machine.functions.flatMap((fn) => ('device' in fn ? [fn.device] : []));

  expect(devices.map((device) => (device as { strictness: string }).strictness)).toEqual(
    Array(4).fill(strictness),
  );
});

test('another word is misuse, and the error lists the valid ones', () => {
  expect(() => gceN1({ strictness: 'lax' as 'strict' })).toThrow(
    'strictness must be "lenient" or "strict"; got "lax"',
  );
});
