import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { e820 } from '../../../acpi/tables.ts';
import { GuestMemory } from '../../../core/memory.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { bzImageOf, elf64Of, elfOf, HALT } from '../kernel-rig.ts';
import { readMultiboot } from '../multiboot/load-multiboot.ts';
import { loadLinux, readKernel } from './load-linux.ts';

const RAM = 16 << 20;
const AT = 0x10_0000;
const read = (bytes: Uint8Array) => readKernel(bytes, true);

function load(kernel: Uint8Array, { vga = false } = {}): GuestMemory {
  const memory = GuestMemory.of(RAM);
  const memoryMap = e820({ below4G: RAM, above4G: 0 }, []);
  loadLinux(memory, read(kernel), { append: 'quiet', memoryMap, vga });
  return memory;
}

/**
 * The physical address that page tables map an address to, as a processor finds it: by present entries, the last of them
 * of a large page.
 */
function translate(memory: GuestMemory, root: number, address: number): number {
  const entry = (table: number, shift: number) =>
    memory.find(table, 8)!.view.getBigUint64(table + (Math.floor(address / 2 ** shift) % 512) * 8, true);
  const table = (value: bigint) => Number(value & ~0xfffn);
  const directory = entry(table(entry(root, 39)), 30);
  const page = entry(table(directory), 21);
  const isThere = (directory & 3n) === 3n && (page & 0x83n) === 0x83n;
  return isThere ? table(page) + (address % 0x20_0000) : Number.NaN;
}

describe('for a processor of 64 bits', () => {
  test('an ELF file for x86-64 is loaded where its program headers say, and begins in long mode', () => {
    const { pieces, entry, wide, end } = read(elf64Of(HALT));

    expect([entry, wide, end]).toEqual([AT, true, AT + HALT.length + 4096]);
    expect(pieces.map(({ at, bytes }) => [at, [...bytes]])).toEqual([[AT, HALT]]);
  });

  test('it may give the virtual address of its entry, as high as addresses go', () => {
    const elf = elf64Of(HALT, { entry: 0xffff_ffff_8010_0000n, vaddr: 0xffff_ffff_8010_0000n });

    expect(read(elf).entry).toBe(AT);
  });

  test('a bzImage with 64-bit code begins with 32-bit code, and has room where it moves itself to', () => {
    const { entry, wide, end } = read(
      bzImageOf(HALT, { xloadflags: 1, init_size: 0x80_0000, pref_address: 0x100_0000 }),
    );

    expect([entry, wide, end]).toEqual([AT, false, 0x180_0000]);
  });

  test('a kernel of 32 bits is one of 32 bits', () => {
    expect([read(elfOf(HALT)).wide, read(bzImageOf(HALT)).wide]).toEqual([false, false]);
  });

  test.each([
    ['of 32 bits for x86-64', elfOf(HALT, { machine: 62 }), 'is an x86-64 ELF file, and no kernel for x86'],
    ['of 64 bits for the 386', elfOf(HALT, { class: 2, machine: 3 }), 'is an x86 ELF file, and no kernel'],
    ['that was cut', elf64Of(HALT).subarray(0, 57), 'is an x86-64 ELF file, and no kernel for x86'],
    ['with program headers of another length', elf64Of(HALT, { phentsize: 55 }), 'has an e_phentsize of 55'],
  ])('an ELF file %s is refused in one line', (_what, bytes, said) => {
    expect(() => read(bytes)).toThrow(`kernel: ${said}`);
  });

  test('any bytes of the headers may change: it is refused in one line, or loaded', () => {
    const headers = 64 + 56;
    const change = fc.tuple(fc.nat(headers - 1), fc.nat(255));

    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        const elf = elf64Of(HALT);
        for (const [at, value] of changes) elf[at] = value;
        expect(outcome(() => load(elf))).not.toContain('\n');
      }),
    );
  });

  test('a Multiboot kernel of 64 bits begins with 32-bit code', () => {
    const magic = 0x1bad_b002;
    const header = new Uint8Array(new Uint32Array([magic, 0, -magic]).buffer);

    expect(readMultiboot(elf64Of([...header, ...HALT]), true)).toMatchObject({ entry: AT, wide: false });
  });
});

describe('what is executed from reset until a kernel of 64 bits begins', () => {
  const memory = load(elf64Of(HALT));
  const code = memory.slice(0x7c00, 0x80)!;
  const word = (at: number) => memory.find(at, 4)!.view.getUint32(at, true);

  test('maps the first 4 GiB to themselves', () => {
    const addresses = [0, 0x1_0000, 0x7fff_fff0, 0xfee0_0000, 0xffff_ffff];
    // mov eax, …; mov cr3, eax
    const cr3 = code.findIndex((_, i) => code[i] === 0x0f && code[i + 1] === 0x22 && code[i + 2] === 0xd8);
    const root = word(0x7c00 + cr3 - 4);

    expect(addresses.map((address) => translate(memory, root, address))).toEqual(addresses);
  });

  test('has code of 64 bits at 10h and data at 18h', () => {
    expect([...memory.slice(0x7c80, 32)!].slice(16)).toEqual([
      ...[0xff, 0xff, 0, 0, 0, 0x9a, 0xaf, 0],
      ...[0xff, 0xff, 0, 0, 0, 0x92, 0xcf, 0],
    ]);
  });

  test('jumps over to long mode where the code of 64 bits lies, and from there to the kernel', () => {
    const jump = code.indexOf(0xea);
    const target = word(0x7c00 + jump + 1) & 0xffff;

    expect(target).toBe(0x7c00 + jump + 5);
    expect([...code.subarray(jump + 3, jump + 5)]).toEqual([0x10, 0]);
    // mov ecx, entry; mov eax, 0; jmp rcx
    expect([...code].join()).toContain([0xb9, 0, 0, 0x10, 0, 0xb8, 0, 0, 0, 0, 0xff, 0xe1].join());
  });
});

test('without a VGA, a kernel gets no text screen', () => {
  const modeOf = (memory: GuestMemory) => memory.slice(0x1_0006, 1)![0];

  expect([modeOf(load(elf64Of(HALT))), modeOf(load(elf64Of(HALT), { vga: true }))]).toEqual([0, 3]);
});

/** Other errors than MisuseError pass through. */
function outcome(act: () => void): string {
  try {
    act();
    return 'loaded';
  } catch (error) {
    if (error instanceof MisuseError) return error.message;
    throw error;
  }
}
