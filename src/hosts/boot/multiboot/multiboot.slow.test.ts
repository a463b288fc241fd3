import { afterEach, describe, expect, test } from 'vitest';
import type { Access } from '../../../core/access.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { V86Host } from '../../v86/host.ts';
import { elfOf, HALT } from '../kernel-rig.ts';

const MIB = 1 << 20;
const RAM = 16 * MIB;
const MAGIC = 0x1bad_b002;
const ADDRESSES = 0x1_0000;
/** Ports to which the guest writes what it finds; no device has them. */
const PORT = [0x66, 0xba, 0x34, 0x12]; // mov dx, 1234
/** EAX, EBX, then EFLAGS: `out dx, eax; mov eax, ebx; out dx, eax; pushfd` with a stack at 2 MiB. */
const TELLS = [
  ...[...PORT, 0xef, 0x89, 0xd8, 0xef],
  ...[0xbc, 0x00, 0x00, 0x20, 0x00, 0x9c, 0x58, 0xef, ...HALT],
];
let host: V86Host | null = null;

function words(...values: readonly number[]): number[] {
  return [...new Uint8Array(Uint32Array.from(values).buffer)];
}

const header = (flags: number, ...addresses: readonly number[]) =>
  words(MAGIC, flags, -(MAGIC + flags), ...addresses);

/** An ELF file that begins with a header, at 1 MiB, and behind it `TELLS`. */
const elf = (flags = 0, odd = {}) => elfOf([...header(flags), ...TELLS], { entry: MIB + 12, ...odd });

/** No ELF: 64 bytes of something else, the header, and behind it `TELLS`, all to be loaded at 2 MiB. */
function flat(odd: { readonly [field: string]: number } = {}): Uint8Array {
  const at = {
    header_addr: 2 * MIB + 64,
    load_addr: 2 * MIB,
    load_end_addr: 0,
    bss_end_addr: 0,
    entry_addr: 2 * MIB + 96,
    ...odd,
  };
  const addresses = [at.header_addr, at.load_addr, at.load_end_addr, at.bss_end_addr, at.entry_addr];
  return Uint8Array.from([...new Array<number>(64).fill(0xcc), ...header(ADDRESSES, ...addresses), ...TELLS]);
}

/** Runs a kernel. @returns what it wrote to the ports, and the contents of RAM. */
async function run(kernel: Uint8Array, more: { initrd?: Uint8Array; append?: string } = {}) {
  const machine = gceN1({ memory: { below4G: RAM }, disks: [], nics: [] });
  host = await V86Host.create(machine, { kernel, ...more });
  const told: number[] = [];
  const begin = ({ address, value }: Access) => {
    if (address === 0x1234) told.push(value);
  };
  machine.observe({ begin, end: () => {} });
  await host.run({ limit: MIB });
  const bytes = machine.chassis.board.memory.slice(0, RAM)!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const info = told[1]!;
  const word = (at: number) => view.getUint32(at, true);
  const text = (at: number) => new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
  return { told, info, word, text, bytes, machine };
}

afterEach(async () => {
  await host?.close();
  host?.machine.close();
  host = null;
});

describe('a Multiboot kernel', () => {
  test.each([
    ['in ELF', elf()],
    ['in ELF, which asks for memory, pages and a video mode', elf(7)],
    ['with addresses of its own', flat()],
  ])('%s begins in protected mode, with the magic of a loader and interrupts off', async (_how, kernel) => {
    const { told, machine } = await run(kernel);

    expect(told[0]).toBe(0x2bad_b002);
    expect(told[2]! & 0x2_0200).toBe(0);
    expect(host!.where).toMatchObject({ mode: 'protected', cs: 0x10, halted: true });
    expect(machine.findings).toEqual([]);
  });

  test("gets the size of memory, and the machine's memory map", async () => {
    const { info, word, machine } = await run(elf(2));

    expect([word(info) & 0x41, word(info + 4)]).toEqual([0x41, 639]);
    // The last 3000h of RAM are ACPI tables.
    expect(word(info + 8)).toBe((RAM - 0x3000 - MIB) / 1024);
    const [length, at] = [word(info + 44), word(info + 48)];
    const ranges = Array.from({ length: length / 24 }, (_, i) => at + i * 24).map((entry) => ({
      size: word(entry),
      base: word(entry + 4) + word(entry + 8) * 2 ** 32,
      length: word(entry + 12) + word(entry + 16) * 2 ** 32,
      type: word(entry + 20),
    }));
    expect(ranges).toEqual(
      machine.e820.map(({ base, size, type }) => ({ size: 20, base, length: size, type })),
    );
  });

  test("gets its command line, and its loader's name", async () => {
    const { info, word, text } = await run(elf(), { append: 'verbose a=1' });

    expect(word(info) & 0x204).toBe(0x204);
    expect([text(word(info + 16)), text(word(info + 64))]).toEqual(['verbose a=1', 'guestrig']);
  });

  test('has no command line if none is given', async () => {
    const { info, word, text } = await run(elf());

    expect(text(word(info + 16))).toBe('');
  });

  test('finds its initrd as a module, on a page', async () => {
    const initrd = Uint8Array.from({ length: 5000 }, (_, i) => i);

    const { info, word, text, bytes } = await run(elf(), { initrd });

    const modules = word(info + 24);
    const [start, end] = [word(modules), word(modules + 4)];
    expect([word(info) & 8, word(info + 20), start % 4096, end - start]).toEqual([8, 1, 0, 5000]);
    expect([text(word(modules + 8)), bytes.slice(start, end)]).toEqual(['initrd', initrd]);
  });

  test('has no module without an initrd', async () => {
    const { info, word } = await run(elf());

    expect([word(info) & 8, word(info + 20)]).toEqual([0, 0]);
  });

  test('gets a text screen', async () => {
    const { info, word } = await run(elf(4));

    expect([
      word(info) & 0x1000,
      word(info + 88),
      word(info + 96),
      word(info + 100),
      word(info + 104),
    ]).toEqual([0x1000, 0xb_8000, 160, 80, 25]);
  });

  test('with addresses is loaded whole, and its bss is zeros', async () => {
    const kernel = flat({ bss_end_addr: 3 * MIB });
    const { bytes } = await run(kernel);

    const loaded = bytes.slice(2 * MIB, 2 * MIB + kernel.length + 1);
    expect(loaded).toEqual(Uint8Array.from([...kernel, 0]));
  });

  test('with addresses is loaded up to where its data end', async () => {
    const kernel = Uint8Array.from([...flat({ load_end_addr: 2 * MIB + 96 + TELLS.length }), 0xaa]);
    const { bytes, told } = await run(kernel);

    expect([told[0], bytes[2 * MIB + kernel.length - 1]]).toEqual([0x2bad_b002, 0]);
  });
});

describe('a Multiboot kernel is refused in one line', () => {
  const NO = 'is no kernel for x86 (a vmlinux, a bzImage or a Multiboot kernel)';
  const cut = flat({ load_end_addr: 3 * MIB });
  const wrongSum = flat();
  wrongSum[72]! ^= 1;
  const late = new Uint8Array(9000);
  late.set(flat().subarray(64), 8192);
  const efi = Uint8Array.from([0x4d, 0x5a, 0, 0, ...header(0), ...new Array<number>(64).fill(0)]);
  // Four bytes more, for the segment begins at byte 84.
  const second = elfOf([...words(0, 0xe852_50d6, 0, 16, -(0xe852_50d6 + 16)), ...TELLS]);

  test.each([
    ['with an unknown requirement', elf(8), 'asks for what no Multiboot loader knows (flags 0008)'],
    [
      'that has no addresses and is no ELF file',
      Uint8Array.from([...header(0), ...TELLS]),
      'has a Multiboot header without addresses, and is no ELF file',
    ],
    ['for a CPU of 64 bits', elf(0, { class: 2 }), 'is an x86-64 ELF file, and v86 has a 32-bit CPU'],
    [
      'that begins below 1 MiB',
      flat({ load_addr: 0x8000, header_addr: 0x8040, entry_addr: 0x8060 }),
      'is to be loaded at 00008000, below 1 MiB',
    ],
    [
      'whose header lies before what it loads',
      flat({ header_addr: 2 * MIB - 4 }),
      'has its Multiboot header at 001ffffc, which is not what it loads',
    ],
    [
      'whose header lies further in than in its file',
      flat({ header_addr: 2 * MIB + 68 }),
      'has its Multiboot header at 00200044, which is not what it loads',
    ],
    ['that was cut', cut, `was cut off: it loads 1048576 bytes from 0, and has ${cut.length}`],
    [
      'that begins elsewhere',
      flat({ entry_addr: 4 * MIB }),
      'has an entry_addr of 00400000, which is not what it loads',
    ],
    ['that is a program for EFI as well', efi, `is a program for DOS, and ${NO.slice(3)}`],
    ['of Multiboot 2 alone', second, 'has a header of Multiboot 2 alone, and Multiboot 1 is what is started'],
    ['of Multiboot 2 with a wrong checksum', elfOf(words(0, 0xe852_50d6, 0, 16, 0)).fill(0, 0, 4), NO],
    ['with a wrong checksum', wrongSum, NO],
    ['with its header behind 8 KiB', late, NO],
  ])('%s', async (_what, kernel, said) => {
    await expect(run(kernel)).rejects.toThrow(`kernel: ${said}`);
  });

  test('with more words than there is room for', async () => {
    await expect(run(elf(), { append: 'a'.repeat(600_000) })).rejects.toThrow(
      /^append must be at most \d+ bytes; got 600000$/,
    );
  });

  test('beside an initrd for which there is no room', async () => {
    await expect(run(elf(), { initrd: new Uint8Array(RAM) })).rejects.toThrow(
      /^initrd must be at most \d+ bytes beside this kernel; got 16777216/,
    );
  });
});
