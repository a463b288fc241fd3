import { describe, expect, test } from 'vitest';
import { textAt, wordAt } from '../src/acpi/rig.ts';
import { sizeBars } from '../src/guest/index.ts';
import { gceN1, type MachineOptions, qemuPc } from '../src/index.ts';

/** With one processor. */
const RSDP_AT = 0xf_2a70;
const RAM = 8 << 20;
const PAGE = 4096;
/** A seed by which the first gap before an allocation has three pages at most. */
const SHORT_GAP = 8;

describe('a machine at hand-over', () => {
  test('leads from the RSDP to every table', () => {
    const machine = gceN1({ memory: { below4G: RAM } });
    const rsdt = wordAt(machine, RSDP_AT + 16);
    const tables = Array.from({ length: 5 }, (_, i) => wordAt(machine, rsdt + 36 + 4 * i));
    expect(textAt(machine, RSDP_AT, 8)).toBe('RSD PTR ');
    expect(tables.map((at) => textAt(machine, at, 4))).toEqual(['FACP', 'SSDT', 'APIC', 'WAET', 'SRAT']);
    expect(textAt(machine, wordAt(machine, tables[0]! + 36), 4)).toBe('FACS');
    expect(textAt(machine, wordAt(machine, tables[0]! + 40), 4)).toBe('DSDT');
  });

  test('has as many processors in its MADT as it has', () => {
    const madt = gceN1({ vcpus: 6 }).chassis.tables.find(({ name }) => name === 'APIC')!;
    expect(madt.bytes.length).toBe(102 + 8 * 6);
  });

  test('has the blocks of its FADT where its chipset answers', () => {
    const machine = gceN1({ memory: { below4G: RAM } });
    const fadt = machine.chassis.tables.find(({ name }) => name === 'FACP')!.address;
    const [timer, gpe0, smi] = [76, 80, 48].map((offset) => wordAt(machine, fadt + offset));
    expect([timer, gpe0, smi]).toEqual([0xb008, 0xafe0, 0xb2]);
    machine.port.out(gpe0! + 2, 0x0001, 2);
    machine.port.out(smi!, machine.port.memory.load(fadt + 52, 1), 1);
    expect(machine.port.in(timer!, 4)).toBeLessThan(2 ** 24);
    expect(machine.port.in(gpe0! + 2, 2)).toBe(0x0001);
    expect(machine.port.in(wordAt(machine, fadt + 64), 2) & 1).toBe(1);
  });

  test('gives drivers no RAM that its memory map reserves', () => {
    const machine = gceN1({ memory: { below4G: RAM } });
    const reserved = machine.e820.find(({ base, type }) => type === 2 && base >= 0x10_0000)!;
    const given: number[] = [];
    // A gap of one page at least lies before each, so half as many would be too many already.
    expect(() => {
      for (let i = 0; i < RAM / PAGE; i++) given.push(machine.port.allocate(PAGE, PAGE));
    }).toThrow('large enough for 4096 more bytes');
    expect(Math.max(...given) + PAGE).toBeLessThanOrEqual(reserved.base);
    expect(Math.max(...given)).toBeGreaterThan(reserved.base - 10 * PAGE);
  });

  test('refuses a size that would fit if no RAM were reserved', () => {
    // As large as the rest behind the three pages of the tables, and a gap lies before it.
    const bytes = RAM - (1 << 20) - 3 * PAGE;
    const options = { seed: SHORT_GAP, memory: { below4G: RAM } };
    expect(gceN1({ ...options, firmware: false }).port.allocate(bytes, PAGE)).toBeGreaterThan(1 << 20);
    expect(() => gceN1(options).port.allocate(bytes, PAGE)).toThrow('large enough for');
  });

  test('has its tables again after a reset, whatever the guest wrote there', () => {
    const machine = gceN1();
    machine.port.memory.fill(RSDP_AT, 0xff, 20);
    machine.reset('hard');
    expect(textAt(machine, RSDP_AT, 8)).toBe('RSD PTR ');
  });

  test('says in its memory map what RAM it has', () => {
    const machine = gceN1({ memory: { below4G: RAM, above4G: RAM } });
    const ends = machine.e820.map(({ base, size, type }) => [base + size, type]);
    expect(ends).toContainEqual([RAM, 2]);
    expect(ends).toContainEqual([2 ** 32 + RAM, 1]);
  });
});

describe('SMBIOS of machines that differ in one thing', () => {
  const structures = (options: MachineOptions) =>
    Buffer.from(gceN1(options).chassis.tables.find(({ name }) => name === 'DMI')!.bytes).toString('latin1');

  test('has the serial number of the machine, from its seed', () => {
    expect(structures({ seed: 1 })).toContain('GoogleCloud-00000000000000000000000000000001\0');
    expect(structures({ seed: 2 })).toContain('GoogleCloud-00000000000000000000000000000002\0');
  });

  test('has the requested date of the firmware', () => {
    expect(structures({})).toContain('01/01/2011\0');
    expect(structures({ firmwareDate: '02/29/2024' })).toContain('02/29/2024\0');
  });

  test('has the requested CPUID, least significant byte first', () => {
    expect(structures({})).toContain('\x10\x0f\x83\x00\xff\xfb\x8b\x17');
    expect(structures({ cpuid: { eax: 0x306f0, edx: 0x1f8b_fbff } })).toContain(
      '\xf0\x06\x03\x00\xff\xfb\x8b\x1f',
    );
  });
});

describe('no tables', () => {
  test('lie in RAM at power-on, and all RAM at its end is free', () => {
    const machine = gceN1({ firmware: false, memory: { below4G: RAM } });
    expect(textAt(machine, RSDP_AT, 8)).toBe('\0'.repeat(8));
    expect(machine.e820).toContainEqual({ base: 0x10_0000, size: RAM - 0x10_0000, type: 1 });
  });

  test("are Compute Engine's on a QEMU machine", () => {
    expect(qemuPc().chassis.tables.map(({ name }) => name)).toEqual(['BDA', 'EBDA']);
  });
});

describe('the build of 2024', () => {
  const placesOf = (options: MachineOptions) =>
    Object.fromEntries(gceN1(options).chassis.tables.map(({ name, address }) => [name, address]));

  test('has the tables of its guests', () => {
    const below4G = 256 << 20;

    const { FACS, RSDT } = placesOf({ vcpus: 2, memory: { below4G }, firmware: { build: 2024 } });

    expect([below4G - FACS!, below4G - RSDT!]).toEqual([0x2780, 0x60]);
  });

  test('gives the root bridge a window that ends a page before the IOAPIC', () => {
    const { port } = gceN1({ firmware: { build: 2024 } });

    expect(sizeBars(port, 4 << 3).find(({ kind }) => kind === 'mem32')).toMatchObject({
      address: 0xfebf_e000,
    });
  });

  test('is not available on qemuPc()', () => {
    expect(() => qemuPc({ firmware: { build: 2024 } })).toThrow(
      /^firmware\.build must be 2018 on this machine; got 2024/,
    );
  });

  test.each([[{ kind: 'uefi', build: 2024 }], [{ build: 2020 }]])('is not %j', (firmware) => {
    expect(() => gceN1({ firmware } as MachineOptions)).toThrow(/^firmware/);
  });
});
