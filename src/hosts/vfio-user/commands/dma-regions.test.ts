import { expect, test } from 'vitest';
import { ClientRig, mapOf } from '../rig.ts';
import { ERRNO } from './errno.ts';
import { dma_unmap, UNMAP_ALL } from './registers.ts';

const PAGE = 4096;
const FOUR_GIB = 0x1_0000_0000;
const FILE = 3;

function rigWithFile(...kinds: readonly ('rng' | 'balloon')[]): ClientRig {
  const rig = new ClientRig({ rng: true, balloon: true }, ...kinds);
  rig.files.set(
    FILE,
    Uint8Array.from({ length: 4 * PAGE }, (_, at) => at / PAGE),
  );
  return rig;
}

const unmapOf = (address: number, size: number, flags = 0) =>
  dma_unmap.encode({ argsz: dma_unmap.size, flags, address: BigInt(address), size: BigInt(size) });
const firstByte = ({ machine }: ClientRig, address: number) =>
  machine.chassis.board.memory.slice(address, 1)?.[0] ?? null;

test('memory lies where the client says, below 4 GiB and above, and nothing lies between', () => {
  const rig = rigWithFile('rng');

  rig.call('DMA_MAP', mapOf(0, PAGE, PAGE), [FILE]);
  rig.call('DMA_MAP', mapOf(FOUR_GIB, PAGE, 3 * PAGE), [FILE]);

  expect([0, PAGE, FOUR_GIB - 1, FOUR_GIB, FOUR_GIB + PAGE].map((at) => firstByte(rig, at))).toEqual([
    1,
    null,
    null,
    3,
    null,
  ]);
});

test("memory is shared with running CPUs: they must see the devices' stores in order", () => {
  expect(rigWithFile('rng').machine.chassis.board.memory.hasCpusBeside).toBe(true);
});

test('a buffer that begins in one region and ends outside is not RAM', () => {
  const rig = rigWithFile('rng');
  rig.call('DMA_MAP', mapOf(0, PAGE), [FILE]);

  expect(rig.machine.chassis.board.memory.find(PAGE - 1, 2)).toBeNull();
});

test('what is written to RAM is in the file', () => {
  const rig = rigWithFile('rng');
  rig.call('DMA_MAP', mapOf(0, PAGE, PAGE), [FILE]);

  rig.machine.chassis.board.memory.write(5, Uint8Array.of(0xaa));

  expect(rig.files.get(FILE)![PAGE + 5]).toBe(0xaa);
});

test('memory that only the guest may write is mapped separately', () => {
  const rig = rigWithFile('rng');

  rig.call('DMA_MAP', mapOf(0, PAGE, 0, 1), [FILE]);

  expect(rig.log).toEqual(['map 3 private']);
});

test('memory without a file is not RAM', () => {
  const rig = rigWithFile('rng');

  expect(rig.call('DMA_MAP', mapOf(0, PAGE)).errno).toBe(0);
  expect(firstByte(rig, 0)).toBeNull();
});

test.each([
  ['over another', mapOf(0, 2 * PAGE), ERRNO.EEXIST],
  ['of no bytes', mapOf(8 * PAGE, 0), ERRNO.EINVAL],
  ['of half a page', mapOf(8 * PAGE, PAGE / 2), ERRNO.EINVAL],
  ['in the middle of a page', mapOf(8 * PAGE + 1, PAGE), ERRNO.EINVAL],
  ['of 4 GiB in one piece', mapOf(8 * PAGE, FOUR_GIB), ERRNO.ENOMEM],
  ['past the end of all addresses', mapOf(2 ** 53 - PAGE, PAGE), ERRNO.EINVAL],
])('a region %s is refused', (_what, payload, errno) => {
  const rig = rigWithFile('rng');
  rig.call('DMA_MAP', mapOf(PAGE, PAGE), [FILE]);

  expect(rig.call('DMA_MAP', payload, [FILE]).errno).toBe(errno);
});

test('there are 1024 regions at once, and room again where one is unmapped', () => {
  const rig = rigWithFile('rng');
  const map = (index: number) => rig.call('DMA_MAP', mapOf(index * PAGE, PAGE), [FILE]).errno;
  const first = Array.from({ length: 1024 }, (_, index) => map(index));

  const more = map(1024);
  rig.call('DMA_UNMAP', unmapOf(0, PAGE));

  expect([Math.max(...first), more, map(1024), map(1025)]).toEqual([0, ERRNO.ENOSPC, 0, ERRNO.ENOSPC]);
  expect(rig.machine.chassis.board.memory.ranges).toHaveLength(1024);
});

test('unmapped memory is no longer RAM, and the client gets its address and size', () => {
  const rig = rigWithFile('rng');
  rig.call('DMA_MAP', mapOf(PAGE, PAGE), [FILE]);

  const { errno, payload } = rig.call('DMA_UNMAP', unmapOf(PAGE, PAGE));

  expect([errno, payload]).toEqual([0, unmapOf(PAGE, PAGE)]);
  expect([firstByte(rig, PAGE), rig.log.at(-1)]).toEqual([null, 'release 3']);
});

test.each([
  ['that is not there', unmapOf(0, PAGE), ERRNO.ENOENT],
  ['of another size', unmapOf(PAGE, 2 * PAGE), ERRNO.EINVAL],
])('a region %s cannot be unmapped', (_what, payload, errno) => {
  const rig = rigWithFile('rng');
  rig.call('DMA_MAP', mapOf(PAGE, PAGE), [FILE]);

  expect(rig.call('DMA_UNMAP', payload).errno).toBe(errno);
  expect(firstByte(rig, PAGE)).toBe(0);
});

test('all can be unmapped at once', () => {
  const rig = rigWithFile('rng');
  rig.call('DMA_MAP', mapOf(0, PAGE), [FILE]);
  rig.call('DMA_MAP', mapOf(PAGE, PAGE), [FILE]);

  rig.call('DMA_UNMAP', unmapOf(0, 0, UNMAP_ALL));

  expect(rig.machine.chassis.board.memory.ranges).toEqual([]);
});

test('two devices with the same memory share it; it stays until the last of them is gone', () => {
  const rig = rigWithFile('rng', 'balloon');
  rig.call('DMA_MAP', mapOf(0, PAGE, PAGE), [FILE], 0);
  rig.call('DMA_MAP', mapOf(0, PAGE, PAGE), [FILE], 1);

  rig.close(0);
  const left = firstByte(rig, 0);
  rig.close(1);

  expect([left, firstByte(rig, 0)]).toEqual([1, null]);
});
