import { describe, expect, test } from 'vitest';
import { sum, textAt, wordAt } from '../src/acpi/rig.ts';
import { gceN1, type Machine, qemuPc } from '../src/index.ts';

/** The machine with 614 MiB and a virtio-rng on which a kernel printed the expected values, in November 2023. */
const RAM = 0x2660_0000;
const seen = () => gceN1({ firmware: 'uefi', rng: true, memory: { below4G: RAM } });

const place = (machine: Machine) => (name: string) =>
  machine.chassis.tables.find((table) => table.name === name)!;

describe('a machine that a UEFI hands over', () => {
  test('has its base addresses where a kernel printed them', () => {
    const places = seen().functions.flatMap((fn) => fn.bars.map(({ mapped }) => [fn.name, mapped]));

    expect(places).toEqual([
      ['scsi0', 0xc040],
      ['scsi0', 0x8000_0000],
      ['net0', 0xc000],
      ['net0', 0x8000_2000],
      ['rng0', 0xc080],
      ['rng0', 0x8000_1000],
    ]);
  });

  // 129 vectors with their pending bits fill a page of 4096 bytes, which leaves no rest; the disk's fill 128 bytes.
  test('has a base address that fills its page before one that does not, as EDK2 orders them', () => {
    const { functions } = gceN1({ firmware: 'uefi', nics: [{ queues: 64 }] });

    const memory = functions.flatMap((fn) => fn.bars.slice(1).map(({ mapped }) => [fn.name, mapped]));

    expect(memory).toEqual([
      ['scsi0', 0x8000_1000],
      ['net0', 0x8000_0000],
    ]);
  });

  test('decodes ports and memory everywhere, for the kernel enabled nothing', () => {
    const commands = seen().functions.flatMap((fn) => (fn.bars.length > 0 ? [fn.readConfig(4, 2) & 3] : []));

    expect(commands).toEqual([3, 3, 3]);
  });

  // Powers of two that fit between RAM and 4 GiB: 2 GiB, 1 GiB, 1 GiB.
  test.each([
    [0x8000_0000, 0x8000_0000],
    [0x8000_1000, 0xc000_0000],
    [0xc000_0000, 0xc000_0000],
  ])('with RAM up to %i has memory for devices from %i', (below4G, start) => {
    const { chassis } = gceN1({ firmware: 'uefi', nics: [], memory: { below4G } });

    expect(chassis.firmware.memoryStart).toBe(start);
  });

  test('has the tables where a kernel printed them, as long as it printed them', () => {
    const found = seen().chassis.tables.map(({ name, address, bytes }) => [name, address, bytes.length]);

    expect(found).toEqual(
      expect.arrayContaining([
        ['RSDP', 0x2617_e014, 0x24],
        ['XSDT', 0x2617_d0e8, 0x5c],
        ['FACP', 0x2617_8000, 0xf4],
        ['DSDT', 0x2617_9000, 0x1a64],
        ['FACS', 0x261f_2000, 0x40],
        ['Tpm2Tabl', 0x2617_c000, 0x316],
        ['TPM2', 0x2617_b000, 0x34],
        ['SRAT', 0x2617_7000, 0xb8],
        ['APIC', 0x2617_6000, 0x6e],
        ['SSDT', 0x2617_5000, 0x91f],
        ['WAET', 0x2617_4000, 0x28],
        ['_SM_', 0x25fc_a000, 0x1f],
      ]),
    );
  });

  test('leads from the RSDP to every table, by XSDT and by RSDT', () => {
    const machine = seen();
    const rsdp = place(machine)('RSDP').address;
    const [rsdt, xsdt] = [wordAt(machine, rsdp + 16), wordAt(machine, rsdp + 24)];

    const wide = Array.from({ length: 7 }, (_, i) => wordAt(machine, xsdt + 36 + 8 * i));
    const narrow = Array.from({ length: 7 }, (_, i) => wordAt(machine, rsdt + 36 + 4 * i));

    expect(wide.map((at) => textAt(machine, at, 4)).join(' ')).toBe('FACP SSDT TPM2 SRAT APIC SSDT WAET');
    expect(narrow).toEqual(wide);
    expect(textAt(machine, wordAt(machine, wide[0]! + 36), 4)).toBe('FACS');
    expect(textAt(machine, wordAt(machine, wide[0]! + 40), 4)).toBe('DSDT');
  });

  test('names its FACS once, in 32 bits', () => {
    const machine = seen();
    const fadt = place(machine)('FACP').address;

    expect(wordAt(machine, fadt + 36)).toBe(0x261f_2000);
    expect([wordAt(machine, fadt + 132), wordAt(machine, fadt + 136)]).toEqual([0, 0]);
  });

  test('has an RSDP of revision 2 that sums to zero, whole and in its first 20 bytes', () => {
    const { bytes } = place(seen())('RSDP');

    expect([bytes[15], sum(bytes.subarray(0, 20)), sum(bytes)]).toEqual([2, 0, 0]);
  });

  test('has another RSDP of revision 0 before it, for ACPI 1.0', () => {
    const machine = seen();
    const { address, bytes } = place(machine)('RSDP 1.0');

    expect([address, bytes[15], sum(bytes)]).toEqual([0x2617_e000, 0, 0]);
    expect(textAt(machine, wordAt(machine, address + 16), 4)).toBe('RSDT');
  });

  test('has no tables below 1 MiB: no RSDP, no MP table, no BIOS data area', () => {
    const machine = seen();

    expect(machine.chassis.tables.filter(({ address }) => address < 0x10_0000)).toEqual([]);
    expect(textAt(machine, 0x40e, 2)).toBe('\0\0');
  });

  test('has tables whose bytes sum to zero, each within memory of its kind', () => {
    const machine = seen();
    const acpi = machine.chassis.tables.filter(({ name }) => !/^(FACS|_SM_|DMI)$/.test(name));
    const data = machine.e820.find(({ type }) => type === 3)!;

    const outside = acpi.filter(
      ({ address, bytes }) => address < data.base || address + bytes.length > data.base + data.size,
    );

    expect(acpi.map(({ bytes }) => sum(bytes))).toEqual(acpi.map(() => 0));
    expect(outside).toEqual([]);
  });

  test('has the memory map that a kernel printed', () => {
    const map = seen().e820.map(({ base, size, type }) => [base, base + size - 1, type]);

    expect(map).toEqual([
      [0x0, 0xfff, 2],
      [0x1000, 0x5_4fff, 1],
      [0x5_5000, 0x5_ffff, 2],
      [0x6_0000, 0x9_7fff, 1],
      [0x9_8000, 0x9_ffff, 2],
      [0x10_0000, 0x25ee_cfff, 1],
      [0x25ee_d000, 0x25fe_cfff, 2],
      [0x25fe_d000, 0x260e_cfff, 20],
      [0x260e_d000, 0x2616_cfff, 2],
      [0x2616_d000, 0x2617_efff, 3],
      [0x2617_f000, 0x261f_efff, 4],
      [0x261f_f000, 0x265d_ffff, 1],
      [0x265e_0000, 0x265f_ffff, 2],
    ]);
  });

  test('with 64 processors and RAM above 4 GiB keeps its tables in their pages, and maps that RAM', () => {
    const above4G = 16 << 20;
    const machine = gceN1({ firmware: 'uefi', vcpus: 64, memory: { below4G: 64 << 20, above4G } });

    const data = machine.e820.find(({ type }) => type === 3)!;

    expect(place(machine)('WAET').address).toBeGreaterThanOrEqual(data.base);
    expect(machine.e820.at(-1)).toEqual({ base: 2 ** 32, size: above4G, type: 1 });
  });

  test('gives drivers no RAM that the firmware keeps', () => {
    const machine = gceN1({ firmware: 'uefi', memory: { below4G: 16 << 20 } });
    const ram = machine.e820.find(({ base }) => base === 0x10_0000)!;

    expect(() => machine.port.allocate(ram.size, 4096)).toThrow('large enough');
    expect(machine.port.allocate(4096, 4096)).toBeLessThan(ram.base + ram.size);
  });

  test('is left the same after a reset', () => {
    const machine = seen();
    const before = textAt(machine, 0x2617_4000, 0xb000);
    machine.port.memory.fill(0x2617_4000, 0xb000, 0);

    machine.reset('hard');

    expect(textAt(machine, 0x2617_4000, 0xb000)).toBe(before);
    expect(machine.functions.find(({ name }) => name === 'scsi0')!.bars[0]!.mapped).toBe(0xc040);
  });
});

describe('a UEFI', () => {
  test('needs 16 MiB', () => {
    expect(() => gceN1({ firmware: 'uefi', memory: { below4G: 15 << 20 } })).toThrow(
      'memory.below4G must be at least 16 MiB, as firmware "uefi" needs; got 15728640',
    );
  });

  test('is not available on qemuPc()', () => {
    expect(() => qemuPc({ firmware: 'uefi' })).toThrow(
      'firmware must be true or false on this machine; got "uefi"',
    );
  });

  test('is one of the known ones', () => {
    expect(() => gceN1({ firmware: 'efi' as 'uefi' })).toThrow(
      'firmware must be true, false, "uefi" or an object (example {"used": false}); got "efi"',
    );
  });
});
