import { describe, expect, test } from 'vitest';
import { e820 } from '../../../acpi/tables.ts';
import { uefiMemoryMap } from '../../../acpi/uefi-tables.ts';
import { GuestMemory } from '../../../core/memory.ts';
import { bzImageOf, elfOf, HALT } from '../kernel-rig.ts';
import { loadLinux, readKernel } from './load-linux.ts';

const MIB = 1 << 20;
const RAM = 16 * MIB;
const ZERO_PAGE = 0x1_0000;

function load(kernel: Uint8Array, initrd?: Uint8Array, append = 'quiet'): GuestMemory {
  const memory = GuestMemory.of(RAM);
  const memoryMap = e820({ below4G: RAM, above4G: 0 }, []);
  loadLinux(memory, readKernel(kernel), { initrd, append, memoryMap, vga: true });
  return memory;
}

/** Two numbers that are easy to tell apart. */
const UEFI = { rsdp: 0x00fe_e014, smbios: Uint8Array.of(0x5f, 0x53, 0x4d, 0x5f) };

function loadByUefi(kernel = elfOf(HALT)): GuestMemory {
  const memory = GuestMemory.of(RAM);
  const memoryMap = uefiMemoryMap({ below4G: RAM, above4G: 0 });
  loadLinux(memory, readKernel(kernel), { append: 'quiet', memoryMap, vga: true, uefi: UEFI });
  return memory;
}

const zeroPage = (memory: GuestMemory) => new DataView(memory.slice(ZERO_PAGE, 4096)!.slice().buffer);

describe('a kernel in RAM', () => {
  test('gets its command line, which ends with a zero', () => {
    const memory = load(elfOf(HALT));

    const at = zeroPage(memory).getUint32(0x228, true);

    expect(new TextDecoder().decode(memory.slice(at, 6)!)).toBe('quiet\0');
  });

  test('gets the address of its initrd: below the end of RAM, page-aligned', () => {
    const initrd = Uint8Array.from({ length: 5000 }, (_, i) => i);

    const memory = load(elfOf(HALT), initrd);

    const page = zeroPage(memory);
    const [at, size] = [page.getUint32(0x218, true), page.getUint32(0x21c, true)];
    expect([at, size]).toEqual([RAM - 8192, 5000]);
    expect(memory.slice(at, size)).toEqual(initrd);
  });

  test('gets the header that its bzImage has, and in it what a loader fills in', () => {
    const page = zeroPage(load(bzImageOf(HALT)));

    expect([page.getUint16(0x206, true), page.getUint8(0x210), page.getUint8(0x211)]).toEqual([
      0x020c, 0xff, 1,
    ]);
  });

  test('gets every range of memory', () => {
    const page = zeroPage(load(elfOf(HALT)));

    const entries = Array.from({ length: page.getUint8(0x1e8) }, (_, i) => 0x2d0 + i * 20);
    const ranges = entries.map((at) => [
      Number(page.getBigUint64(at, true)),
      Number(page.getBigUint64(at + 8, true)),
      page.getUint32(at + 16, true),
    ]);

    expect(ranges).toEqual(
      e820({ below4G: RAM, above4G: 0 }, []).map(({ base, size, type }) => [base, size, type]),
    );
  });

  test('gets a text screen from a BIOS, and searches for RSDP and SMBIOS itself', () => {
    const memory = load(elfOf(HALT));

    const page = zeroPage(memory);
    expect([page.getUint8(6), page.getUint8(7), page.getUint8(14)]).toEqual([3, 80, 25]);
    expect(page.getUint32(0x70, true)).toBe(0);
    expect([...memory.slice(0xf_0000, 4)!]).toEqual([0, 0, 0, 0]);
  });

  test('gets the RSDP from a UEFI, finds SMBIOS at F0000, and has no text screen', () => {
    const memory = loadByUefi();

    const page = zeroPage(memory);
    expect([page.getUint8(6), page.getUint8(7), page.getUint8(14)]).toEqual([0, 0, 0]);
    expect([page.getUint32(0x70, true), page.getUint32(0x74, true)]).toEqual([UEFI.rsdp, 0]);
    expect(memory.slice(0xf_0000, 4)).toEqual(UEFI.smbios);
  });

  test.each([
    ['a kernel larger than RAM', elfOf(HALT, { room: 16 * MIB }), 0, 5, 'memory.below4G'],
    ['an initrd that overlaps the kernel', elfOf(HALT), 15 * MIB, 5, 'initrd'],
    ['a command line of 2048 bytes', elfOf(HALT), 0, 2048, 'append'],
  ])('%s is refused', (_what, kernel, initrd, length, path) => {
    expect(() => load(kernel, new Uint8Array(initrd), 'x'.repeat(length))).toThrow(
      expect.objectContaining({ path }),
    );
  });

  // Of 16 MiB the firmware keeps those from 8ED000h on, the byte 9,359,360.
  test('larger than what a UEFI leaves of RAM is refused', () => {
    expect(() => loadByUefi(elfOf(HALT, { room: 12 * MIB }))).toThrow(
      /^memory\.below4G: RAM is free up to 9359360, this kernel takes \d+$/,
    );
  });
});
