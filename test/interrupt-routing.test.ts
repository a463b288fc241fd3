import { describe, expect, test } from 'vitest';
import { gceN1, type Machine, type MachineOptions } from '../src/index.ts';

const ISA_BRIDGE = 0x08;
const POWER_MANAGEMENT = 0x0b;
const PIN = 0x3d;
const LINE = 0x3c;
const BUS_MASTER = 4;

function segment(machine: Machine): Buffer {
  const bytes = new Uint8Array(0x1_0000);
  machine.port.memory.read(0xf_0000, bytes);
  return Buffer.from(bytes);
}

const fn = (machine: Machine, bdf: number) => machine.functions.find((one) => one.bdf === bdf)!;

/** $PIR as Plan 9 finds it. */
function routing(machine: Machine): Buffer {
  const f = segment(machine);
  const at = f.indexOf('$PIR');
  return f.subarray(at, at + f.readUInt16LE(at + 6));
}

/** Source and pin of each I/O interrupt from PCI that the MP table names. */
function pciInterrupts(machine: Machine): number[][] {
  const f = segment(machine);
  const table = f.indexOf('PCMP');
  const entries = f.subarray(table + 44 + 20, table + f.readUInt16LE(table + 4));
  const all = Array.from({ length: entries.length / 8 }, (_, i) => [...entries.subarray(8 * i, 8 * i + 8)]);
  return all
    .filter(([type, , , , bus]) => type === 3 && bus === 0)
    .map((entry) => [entry[5]! >> 2, entry[7]!]);
}

describe('the power management function', () => {
  test('has pin A, and IRQ 9', () => {
    const acpi = fn(gceN1(), POWER_MANAGEMENT);

    expect([acpi.readConfig(PIN, 1), acpi.readConfig(LINE, 1)]).toEqual([1, 9]);
  });

  // "PCI.0.1.3 at pin 1 link 96 irq 10 -> 9": the link's PIRQRC has 10, the function's Interrupt Line 9.
  test('is what Plan 9 found by $PIR', () => {
    const machine = gceN1();
    const pir = routing(machine);
    const slot = [...Array((pir.length - 32) / 16).keys()].find((i) => pir[32 + 16 * i + 1] === 1 << 3)!;

    const link = pir[32 + 16 * slot + 2]!;

    expect(link).toBe(96);
    expect(fn(machine, ISA_BRIDGE).readConfig(link, 1)).toBe(10);
  });
});

// "ELCR: 0C00": the links' IRQs 10 and 11 are levels.
test('ELCR is as Plan 9 printed it', () => {
  expect(gceN1().port.in(0x4d0, 2)).toBe(0x0c00);
});

test('$PIR sums to zero, and lies on 16 bytes', () => {
  const machine = gceN1();

  expect(routing(machine).reduce((sum, byte) => sum + byte, 0) % 256).toBe(0);
  expect(segment(machine).indexOf('$PIR') % 16).toBe(0);
});

test('$PIR is not there with a UEFI', () => {
  expect(segment(gceN1({ firmware: 'uefi' })).indexOf('$PIR')).toBe(-1);
});

describe('the MP table', () => {
  test('names the present functions', () => {
    expect(pciInterrupts(gceN1())).toEqual([
      [1, 9],
      [3, 11],
      [4, 11],
    ]);
  });

  test('names added functions, from the next reset on', () => {
    const machine = gceN1();
    machine.addNic();
    const before = pciInterrupts(machine);

    machine.reset('hard');

    expect(before).toHaveLength(3);
    expect(pciInterrupts(machine)).toContainEqual([5, 10]);
  });
});

// lspci on two machines that UEFI had started, of 2021 and 2025; and on one of 2017 that a BIOS had.
describe('bus mastering of the bridges', () => {
  const masters = (options: MachineOptions) =>
    [ISA_BRIDGE, POWER_MANAGEMENT].map((bdf) => fn(gceN1(options), bdf).readConfig(4, 2) & BUS_MASTER);

  test('is on after a UEFI', () => {
    expect(masters({ firmware: 'uefi' })).toEqual([BUS_MASTER, BUS_MASTER]);
  });

  test('is off after a BIOS', () => {
    expect(masters({})).toEqual([0, 0]);
  });
});

describe('a PCI interrupt is kept from the processor', () => {
  const IRQ = 11;
  const openAtPic = (machine: Machine) => {
    machine.port.out(0xa1, 0xf7, 1);
    machine.port.out(0x21, 0xfb, 1);
  };

  /** Its line goes up. */
  function held(what: (machine: Machine) => void, irq: number | null = IRQ): string | null {
    const machine = gceN1();
    const { interrupts } = machine.chassis;
    machine.port.out(0xa1, 0xff, 1);
    machine.port.out(0x21, 0xff, 1);
    what(machine);
    interrupts.isa[IRQ]!.source('a device').set(true);
    return interrupts.heldBack(irq);
  }

  test.each<[string, (machine: Machine) => void, string]>([
    ['the slave, which masks it', () => {}, 'pic slave'],
    [
      'the master, which masks the slave',
      ({ port }) => port.out(0xa1, 0xf7, 1),
      'IR2 of pic master, the cascade,',
    ],
    [
      'LINT0, which is masked',
      (machine) => {
        openAtPic(machine);
        machine.port.write(0xfee0_0350, 0x1_0700, 4);
      },
      'LINT0 of the local APIC',
    ],
  ])('at %s, where the IOAPIC masks it, too', (_where, what, where) => {
    expect(held(what)).toBe(`IRQ 11 is up, and masked at ${where} and at pin 11 of the IOAPIC`);
  });

  test('where PIRQRC leads it to no IRQ', () => {
    expect(held(() => {}, null)).toBe('PIRQRC leads its interrupt pin to no IRQ');
  });

  test.each<[string, (machine: Machine) => void]>([
    ['the 8259 pair', openAtPic],
    [
      'the IOAPIC',
      ({ port }) => {
        port.write(0xfec0_0000, 0x26, 4);
        port.write(0xfec0_0010, 0x802b, 4);
      },
    ],
  ])('by nothing, if %s passes it on', (_by, what) => {
    expect(held(what)).toBeNull();
  });

  test('by nothing that we know of on a host with a CPU and controllers of its own', () => {
    const host = { setInput: () => {}, message: () => {} };

    expect(held(({ chassis }) => chassis.interrupts.handTo(host), null)).toBeNull();
  });
});

describe('a logical ID is that of', () => {
  const [LDR, ID] = [0xfee0_00d0, 2];
  const ALONE = false;
  const OTHERS = true;
  const given = (ldr: number | null) => {
    const { chassis, port } = gceN1();
    if (ldr !== null) port.write(LDR, ldr << 24, 4);
    return chassis.interrupts;
  };

  test.each<[string, number | null, boolean, boolean]>([
    ['no local APIC before LDR is set', null, ALONE, false],
    ['no local APIC before LDR is set, were there others', null, OTHERS, false],
    ['the one that has its bit in LDR', ID, ALONE, true],
    ['no other than the one, whose LDR has another bit', 1, ALONE, false],
    ['another, perhaps, where others do not run here', 1, OTHERS, true],
  ])('%s', (_whose, ldr, others, expected) => {
    expect(given(ldr).hasLogical(ID, others)).toBe(expected);
  });

  test('one that we do not know, on a host with controllers of its own', () => {
    const interrupts = given(null);
    interrupts.handTo({ setInput: () => {}, message: () => {} });

    expect(interrupts.hasLogical(ID, ALONE)).toBe(true);
  });
});
