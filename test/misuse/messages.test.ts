import { expect, test } from 'vitest';
import { DriverSplitQueue } from '../../src/guest/index.ts';
import { gceN1, Hub, judge, type Machine, MemoryMedium, MisuseError, Recorder } from '../../src/index.ts';
import type { Any } from './entries.ts';

/** 65,550 bytes: one more than a buffer for large packets holds. */
const TOO_LONG = new Uint8Array(14 + 65_536);
const halfMedium = { blocks: 1, readOnly: false, write: () => true, flush: () => true, close: () => {} };
const emptyMedium = { ...halfMedium, blocks: 0, read: () => true, unmap: () => true };
const cycle: Any = { mac: {} };
cycle.mac.self = cycle;

const MEDIUM = 'must be a medium (blocks above 0, readOnly, read, write, unmap, flush, close); got';
const DISK = 'must be a multiple of 512 bytes, above 0 and up to 64 TiB; got';

test.each<[said: string, use: (machine: Machine) => unknown]>([
  ['width must be 1, 2 or 4 bytes; got 8', ({ port }) => port.read(0x1000, 8 as Any)],
  ['address must be a guest physical address; got 1.5', ({ port }) => port.memory.load(1.5, 1)],
  [
    'address must be a guest physical address; got 4096n',
    ({ port }) => port.memory.store(4096n as Any, 0, 4),
  ],
  ['value must be a whole number; got "A"', ({ port }) => port.out(0x3f8, 'A' as Any, 1)],
  ['from must be a Uint8Array; got "hello"', ({ port }) => port.memory.write(0, 'hello' as Any)],
  ['wait.until must be a function; got true', ({ port }) => port.wait(true as Any, 1)],
  ['allocate.align must be a power of two; got 0.5', ({ port }) => port.allocate(16, 0.5)],
  [
    `disks[0].medium ${MEDIUM} {"blocks":1,"readOnly":false}`,
    () => gceN1({ disks: [{ medium: halfMedium as Any }] }),
  ],
  [
    `disks[0].medium ${MEDIUM} {"blocks":0,"readOnly":false}`,
    () => gceN1({ disks: [{ medium: emptyMedium }] }),
  ],
  [
    'nics[0].backend must be "none", "loopback" or a backend (send, attach); got {}',
    () => gceN1({ nics: [{ backend: { send: () => {} } as Any }] }),
  ],
  [
    `nics[0].backend must be a backend, but its ports are: use hub.port('a'); got {"ports":{"all":[],"kind":"hub"}}`,
    () => gceN1({ nics: [{ backend: new Hub() as Any }] }),
  ],
  [
    `recorder.backend must be a backend, but its ports are: use hub.port('a'); got {"ports":{"all":[],"kind":"hub"}}`,
    () => new Recorder(new Hub() as Any, { add: () => {} } as Any, () => 0),
  ],
  [
    'completion.batch.within is required: a whole number from 1 to 10000000000',
    () => gceN1({ completion: { batch: { chains: 2 } as Any } }),
  ],
  [
    'completion.interrupts.coalesce.interrupts is required: a whole number from 2 to 32768',
    () => gceN1({ completion: { interrupts: { coalesce: {} as Any } } }),
  ],
  ['disks[0]: needs one of file, bytes and medium', () => gceN1({ disks: [{}] })],
  [
    'queue.features must be a set of bits (example BitSet.of([29, 32])); got 0',
    ({ port }) => new DriverSplitQueue(port, { index: 0, size: 4, features: 0 as Any }),
  ],
  ['seed must be a whole number from 0 to 4294967295; got 5n', () => gceN1({ seed: 5n as Any })],
  [
    'nics[0] must be an object; got an array',
    () => gceN1({ nics: [Object.assign([], { 0: cycle }) as Any] }),
  ],
  [`disks[0].bytes ${DISK} 9007199254740992`, () => gceN1({ disks: [{ bytes: 2 ** 53 }] })],
  [`disk.size ${DISK} 9007199254740480`, () => new MemoryMedium(2 ** 53 - 512)],
  [
    'net0.receive.length must be a number from 14 to 65549; got 65550',
    ({ nics }) => nics[0]!.receive(TOO_LONG),
  ],
  ['net0.receive must be a Uint8Array; got [1,2,3]', ({ nics }) => nics[0]!.receive([1, 2, 3] as Any)],
  ['ttyS0.type must be a string or Uint8Array; got 65', ({ serial }) => serial[0]!.type(65 as Any)],
  [
    'ttyS0.listen must be an endpoint (receive); got a function',
    ({ serial }) => serial[0]!.listen((() => {}) as Any),
  ],
  [
    'events.on must be one of frame, serial, command, interrupt, finding, reset, sleep, wake, smi; got "byte"',
    ({ events }) => events.on('byte' as Any, () => {}),
  ],
  ['reset must be one of power, hard, soft; got "cold"', (machine) => machine.reset('cold' as Any)],
  [
    "waive['virtio/STATUS-D2'] must be a reason in words; got 1",
    () => judge({ name: 'mine' }, { waive: { 'virtio/STATUS-D2': 1 } as Any }),
  ],
])('%s', (said, use) => {
  const machine = gceN1();

  expect(() => use(machine)).toThrow(
    expect.objectContaining({ name: 'MisuseError', message: expect.stringContaining(said) }),
  );
});

test('a refused access takes no time, and reaches no device', () => {
  const machine = gceN1();
  const seen: unknown[] = [];
  machine.observe({ begin: (access) => seen.push(access), end: () => {} });
  const { now } = machine;

  expect(() => machine.port.out(0x3f8, Number.NaN, 1)).toThrow(MisuseError);

  expect([machine.now, seen]).toEqual([now, []]);
});
