import { describe, expect, test } from 'vitest';
import { BridgeRig } from './bridge-rig.ts';

const PM = 0xb000;
const [PMSTS, PMEN, PMCNTRL, PMTMR] = [PM, PM + 2, PM + 4, PM + 8];
/** Bit 23 of the timer first toggles after 2^23 ticks of 3.579545 MHz. */
const HALF_ROUND = Math.ceil((2 ** 23 / 3_579_545) * 1e9);

/** With the ports at b000, as GCE's firmware leaves them. */
function atHandOff(): BridgeRig {
  const rig = new BridgeRig();
  rig.acpi.writeConfig(0x40, PM | 1, 4);
  rig.acpi.writeConfig(0x80, 1, 1);
  return rig;
}

/** At b100, as other firmware of the family leaves it. */
function openSmbus(rig: BridgeRig): void {
  rig.acpi.writeConfig(0x90, 0xb101, 4);
  rig.acpi.writeConfig(0xd2, 0x09, 1);
  rig.acpi.writeConfig(0x04, 1, 2);
}

describe('configuration space', () => {
  test('the function has the identity that GCE shows', () => {
    const { acpi } = new BridgeRig();
    const read = [0x00, 0x04, 0x08, 0x0c, 0x2c, 0x3c].map((offset) => acpi.readConfig(offset, 4));
    expect(read).toEqual([0x7113_8086, 0, 0x0680_0003, 0, 0, 0x0100]);
  });

  // Reset values and masks as in the data sheet's section 2; BUS_MASTER was observed set.
  test.each([
    ['Command', 0x04, 0x0000_0000, 0x0000_0005],
    ['PMBA', 0x40, 0x0000_0001, 0x0000_ffc1],
    ['CNTA', 0x44, 0, 0xffff_ffff],
    ['CNTB', 0x48, 0, 0x0173_ffff],
    ['GPICTL', 0x4c, 0, 0x0fff_ffff],
    ['DEVRESD', 0x50, 0, 0x007f_583f],
    ['DEVACTB', 0x58, 0, 0x03ff_ff77],
    ['DEVRESA', 0x5c, 0, 0xffff_ffff],
    ['DEVRESB', 0x60, 0, 0xf7ff_ffff],
    ['DEVRESC', 0x64, 0, 0xffff_ffff],
    ['DEVRESE', 0x68, 0, 0x001f_ffff],
    ['DEVRESF', 0x6c, 0, 0xffff_00bf],
    ['DEVRESJ', 0x7c, 0, 0x001f_ffff],
    ['PMREGMISC', 0x80, 0, 0x0000_000f],
    ['SMBBA', 0x90, 0x0000_0001, 0x0000_fff1],
    ['SMBHSTCFG', 0xd0, 0, 0xff0f_0000],
    ['SMBSHDW and SMBREV', 0xd4, 0, 0x0000_ffff],
  ])('%s', (_name, offset, reset, kept) => {
    const { acpi } = new BridgeRig();
    const before = acpi.readConfig(offset, 4);
    acpi.writeConfig(offset, 0xffff_ffff, 4);
    expect([before, acpi.readConfig(offset, 4)]).toEqual([reset, kept]);
  });
});

describe('the ports at PMBA', () => {
  test('answer while PMIOSE is set, independent of Command, and follow PMBA', () => {
    const rig = new BridgeRig();
    rig.acpi.writeConfig(0x40, PM | 1, 4);
    rig.acpi.writeConfig(0x04, 1, 2);
    const closed = rig.in(PMEN, 2);
    rig.acpi.writeConfig(0x04, 0, 2);
    rig.acpi.writeConfig(0x80, 1, 1);
    const open = [rig.in(PMEN, 2), rig.in(PM + 0x3f), rig.in(PM + 0x40)];
    rig.acpi.writeConfig(0x41, 0x06, 1);
    const moved = [rig.in(PMEN, 2), rig.in(0x602, 2)];
    rig.acpi.writeConfig(0x80, 0, 1);
    expect([closed, open, moved, rig.in(0x602, 2)]).toEqual([0xffff, [0, 0, 0xff], [0xffff, 0], 0xffff]);
  });

  test('disappear with a hard reset, and with the function', () => {
    const rig = atHandOff();
    rig.acpi.reset('soft');
    const soft = rig.in(PMEN, 2);
    rig.acpi.reset('hard');
    const hard = rig.in(PMEN, 2);
    const other = atHandOff();
    other.bus.remove(other.acpi);
    expect([soft, hard, other.in(PMEN, 2)]).toEqual([0, 0xffff, 0xffff]);
  });

  test('do not move when other registers are written: of overlapping regions the first one answers', () => {
    const rig = atHandOff();
    rig.ports.map(PM, { name: 'late', size: 4, read: () => 0x55, write: () => undefined }, 'positive');
    rig.acpi.writeConfig(0x44, 1, 4);
    expect(rig.in(PM)).toBe(0);
  });

  // Masks as in the data sheet's section 2.1, without bits of unknown meaning that only one source has.
  test.each([
    ['PMSTS and PMEN', 0x00, 0x0721_0000],
    ['PMCNTRL', 0x04, 0x0000_1c03],
    ['GPSTS and GPEN', 0x0c, 0x0f01_0000],
    ['PCNTRL', 0x10, 0x0002_3e1e],
    ['LVL2 and LVL3', 0x14, 0],
    ['DEVSTS', 0x1c, 0],
    ['GLBEN', 0x20, 0x0000_8d1f],
    ['GLBCTL', 0x28, 0x0701_ff05],
    ['DEVCTL', 0x2c, 0x0fff_ffff],
    ['GPIREG', 0x30, 0],
    ['GPOREG', 0x34, 0xffff_ffff],
  ])('%s keeps its implemented bits of all ones', (_name, offset, kept) => {
    const rig = atHandOff();
    rig.out(PM + offset, 0xffff_ffff, 4);
    expect(rig.in(PM + offset, 4)).toBe(kept);
  });
});

describe('the timer', () => {
  test('counts 24 bits at 3.579545 MHz, readable by the byte', () => {
    const rig = atHandOff();
    rig.clock.advance(10_000_000_000);
    const count = 35_795_450 % 2 ** 24;
    expect(rig.in(PMTMR, 4)).toBe(count);
    expect([0, 1, 2, 3].map((byte) => rig.in(PMTMR + byte))).toEqual([
      count & 0xff,
      (count >> 8) & 0xff,
      count >> 16,
      0,
    ]);
  });

  test('is read-only', () => {
    const rig = atHandOff();
    rig.out(PMTMR, 0x1234, 4);
    expect(rig.in(PMTMR, 4)).toBe(0);
  });

  test('sets TMROF at each toggle of bit 23, down as well as up, and takes a 1 to clear it', () => {
    const rig = atHandOff();
    const seen: number[] = [];
    for (const time of [HALF_ROUND - 1, 1, HALF_ROUND]) {
      rig.clock.advance(time);
      seen.push(rig.in(PMSTS, 2));
      rig.out(PMSTS, 1, 2);
    }
    expect([seen, rig.in(PMSTS, 2)]).toEqual([[0, 1, 1], 0]);
  });

  test('raises SCI at each toggle while it is enabled, in time', () => {
    const rig = atHandOff();
    const times: number[] = [];
    rig.irqs[9]!.onChange = (level) => {
      if (level) times.push(rig.clock.now);
    };
    rig.out(PMCNTRL, 1, 2);
    rig.out(PMEN, 1, 2);
    rig.clock.advance(HALF_ROUND);
    rig.out(PMSTS, 1, 2);
    rig.clock.advance(HALF_ROUND);
    // 2^24 ticks take 4,686,968,874.8 ns.
    expect(times).toEqual([HALF_ROUND, 4_686_968_875]);
  });

  test('uses no timer of the clock while the overflow is not needed', () => {
    const rig = atHandOff();
    rig.out(PMEN, 1, 2);
    const wanted = rig.clock.next;
    rig.clock.advance(HALF_ROUND);
    const standing = rig.clock.next;
    rig.out(PMSTS, 1, 2);
    const again = rig.clock.next;
    rig.out(PMEN, 0, 2);
    rig.clock.advance(HALF_ROUND);
    const never = Number.POSITIVE_INFINITY;
    expect([wanted, standing, again, rig.clock.next]).toEqual([HALF_ROUND, never, 4_686_968_875, never]);
  });

  test('a write that clears TMROF clears one that was not read yet', () => {
    const rig = atHandOff();
    rig.clock.advance(HALF_ROUND);
    rig.out(PMSTS, 1, 2);
    expect(rig.in(PMSTS, 2)).toBe(0);
  });

  test('is reset, as are the events', () => {
    const rig = atHandOff();
    rig.out(PMEN, 0x101, 2);
    rig.clock.advance(HALF_ROUND + 1000);
    rig.acpi.reset('hard');
    const armed = rig.clock.next;
    rig.acpi.writeConfig(0x40, PM | 1, 4);
    rig.acpi.writeConfig(0x80, 1, 1);
    const fresh = [rig.in(PMSTS, 2), rig.in(PMEN, 2), rig.in(PMTMR, 4)];
    rig.out(PMEN, 1, 2);
    expect([armed, fresh, rig.clock.next]).toEqual([
      Number.POSITIVE_INFINITY,
      [0, 0, 0],
      HALF_ROUND + 1000 + HALF_ROUND,
    ]);
  });
});

describe('events', () => {
  test('F1 at B2 turns ACPI on at once, F0 off, other commands do nothing', () => {
    const rig = atHandOff();
    const modes = [0xf1, 0x55, 0xf0].map((command) => {
      rig.out(0xb2, command);
      return rig.in(PMCNTRL, 2);
    });
    expect(modes).toEqual([1, 1, 0]);
  });

  test('the power button sets its bit; SCI follows if enabled and in ACPI mode, and falls with the bit', () => {
    const rig = atHandOff();
    rig.acpi.pressPowerButton();
    const status = rig.in(PMSTS, 2);
    rig.out(PMEN, 0x100, 2);
    const legacy = rig.high;
    rig.out(0xb2, 0xf1);
    const acpi = rig.high;
    rig.out(PMSTS + 1, 0x01);
    expect([status, legacy, acpi, rig.high, rig.in(PMSTS, 2)]).toEqual([0x100, [], [9], [], 0]);
  });

  test('SCI shares IRQ 9: it falls, and another source keeps the line high', () => {
    const rig = atHandOff();
    rig.irqs[9]!.source('dev').set(true);
    rig.out(0xb2, 0xf1);
    rig.out(PMEN, 0x100, 2);
    rig.acpi.pressPowerButton();
    rig.out(PMSTS, 0x100, 2);
    expect(rig.high).toEqual([9]);
  });

  test('SUS_EN sleeps by SUS_TYP, and reads 0', () => {
    const rig = atHandOff();
    rig.out(PMCNTRL, 0x0401, 2);
    const before = [...rig.asked];
    rig.out(PMCNTRL, 0x2401, 2);
    rig.out(PMCNTRL + 1, 0x20);
    expect([before, rig.asked, rig.in(PMCNTRL, 2)]).toEqual([[], ['sleep 1', 'sleep 0'], 1]);
  });

  test('the global lock is handed over both ways', () => {
    const rig = atHandOff();
    rig.out(PMCNTRL, 4, 2);
    const firmware = rig.in(PM + 0x18, 2);
    rig.out(PM + 0x28, 2, 4);
    // GLBSTS shows BIOS, and PM1 as soon as a bit of PMSTS is set.
    expect([firmware, rig.in(PMSTS, 2), rig.in(PM + 0x18, 2)]).toEqual([0x01, 0x20, 0x41]);
  });

  test('GPE0 has a second place in the port space', () => {
    const rig = atHandOff();
    rig.ports.map(0xafe0, rig.acpi.gpe0, 'positive');
    rig.out(0xafe2, 0x0801, 2);
    expect([rig.in(PM + 0x0e, 2), rig.in(0xafe0, 4)]).toEqual([0x0801, 0x0801_0000]);
    expect(rig.lastAccess).toBe('acpi PM GPSTS, GPEN → 08010000  0; THRM LID');
  });
});

describe('the SMBus host', () => {
  test('needs Command and HST_EN, sixteen ports at SMBBA', () => {
    const rig = atHandOff();
    rig.acpi.writeConfig(0x90, 0xb101, 4);
    rig.acpi.writeConfig(0xd2, 0x09, 1);
    const closed = rig.in(0xb100);
    rig.acpi.writeConfig(0x04, 1, 2);
    expect([closed, rig.in(0xb100), rig.in(0xb10f), rig.in(0xb110)]).toEqual([0xff, 0, 0, 0xff]);
  });

  test('is idle, and finds no device', () => {
    const rig = new BridgeRig();
    openSmbus(rig);
    rig.out(0xb104, 0xa0);
    rig.out(0xb102, 0x48);
    const failed = [rig.in(0xb100), rig.in(0xb102), rig.in(0xb104)];
    rig.out(0xb100, 0x04);
    expect([failed, rig.in(0xb100)]).toEqual([[0x04, 0x08, 0xa0], 0x00]);
  });

  test('is cleared by a hard reset, and disappears with the function', () => {
    const rig = new BridgeRig();
    openSmbus(rig);
    rig.out(0xb104, 0xa0);
    rig.acpi.reset('hard');
    const hard = rig.in(0xb104);
    openSmbus(rig);
    const again = rig.in(0xb104);
    rig.bus.remove(rig.acpi);
    expect([hard, again, rig.in(0xb104)]).toEqual([0xff, 0, 0xff]);
  });
});
