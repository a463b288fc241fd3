import { expect, test } from 'vitest';
import { GuestMemory } from '../../core/memory.ts';
import { MisuseError } from '../../core/misuse.ts';
import { shareRam } from './virtual-machine.ts';

const MIB = 1 << 20;
const AT = 0x7f00_0000_0000n;
const mappings = { fresh: (length: number) => ({ at: AT, bytes: new Uint8Array(length) }) };

test('RAM keeps its contents, and lies where KVM has it', () => {
  const memory = GuestMemory.of(2 * MIB);
  memory.write(0x7c00, Uint8Array.of(1, 2, 3));
  memory.write(2 * MIB - 1, Uint8Array.of(9));

  const [slot] = shareRam(memory, mappings);

  expect(slot!.mapped.bytes).toBe(memory.ranges[0]!.bytes);
  expect([...memory.slice(0x7c00, 3)!, ...memory.slice(2 * MIB - 1, 1)!]).toEqual([1, 2, 3, 9]);
});

test('the VGA window is not RAM for a processor', () => {
  const slots = shareRam(GuestMemory.of(2 * MIB), mappings);

  expect(slots.map(({ base, size, offset }) => [base, size, offset])).toEqual([
    [0, 0xa_0000, 0],
    [0xc_0000, 2 * MIB - 0xc_0000, 0xc_0000],
  ]);
});

test('RAM above 4 GiB is a piece of its own', () => {
  const slots = shareRam(GuestMemory.of(2 * MIB, undefined, MIB), mappings);

  expect(slots.at(-1)).toMatchObject({ base: 2 ** 32, size: MIB, offset: 0 });
});

test("RAM beyond the system's is a misuse", () => {
  expect(() => shareRam(GuestMemory.of(2 * MIB), { fresh: () => null })).toThrow(MisuseError);
});
