import { describe, expect, test } from 'vitest';
import { BridgeRig } from './bridge-rig.ts';

describe('configuration space', () => {
  test('the ISA bridge has the identity that GCE shows: revision 03, several functions, no subsystem', () => {
    const { isa } = new BridgeRig();
    const read = [0x00, 0x04, 0x08, 0x0c, 0x2c, 0x3c].map((offset) => isa.readConfig(offset, 4));
    expect(read).toEqual([0x7110_8086, 0, 0x0601_0003, 0x0080_0000, 0, 0]);
  });

  // Reset values and masks as in the data sheet's section 1; bytes between the registers stay 0.
  test.each([
    ['Command', 0x04, 0x0000_0000, 0x0000_010f],
    ['IORT and XBCS', 0x4c, 0x0003_004d, 0x07ff_00ff],
    ['PIRQRC', 0x60, 0x8080_8080, 0x8f8f_8f8f],
    ['SERIRQC', 0x64, 0x0000_0010, 0x0000_00ff],
    ['TOM and MSTAT', 0x68, 0x0000_0200, 0x0080_fe00],
    ['no MBIRQ', 0x70, 0, 0],
    ['MBDMA', 0x74, 0x0404_0000, 0x8787_0000],
    ['APICBASE and DLC', 0x80, 0, 0x000f_007f],
    ['PDMACFG and DDMABP0', 0x90, 0, 0xffc0_fcff],
    ['DDMABP1', 0x94, 0, 0x0000_ffc0],
    ['GENCFG', 0xb0, 0, 0xfbff_df73],
    ['RTCCFG', 0xc8, 0x2100_0000, 0x3d00_0000],
  ])('%s', (_name, offset, reset, kept) => {
    const { isa } = new BridgeRig();
    const before = isa.readConfig(offset, 4);
    isa.writeConfig(offset, 0xffff_ffff, 4);
    expect([before, isa.readConfig(offset, 4)]).toEqual([reset, kept]);
  });
});

describe('PIRQ routing', () => {
  test('a PIRQ reaches no IRQ after reset, and then the one in its register once enabled', () => {
    const rig = new BridgeRig();
    rig.isa.pirqs[2]!.source('dev').set(true);
    const atReset = rig.high;
    rig.isa.writeConfig(0x62, 11, 1);
    expect([atReset, rig.high]).toEqual([[], [11]]);
  });

  test('INTA of slot 3 is PIRQC, of slot 4 PIRQD', () => {
    const rig = new BridgeRig();
    rig.isa.writeConfig(0x60, 0x0b0a_0706, 4);
    rig.isa.pirqs[0]!.source('dev').set(true);
    rig.isa.pirqs[3]!.source('dev').set(true);
    expect(rig.high).toEqual([6, 11]);
  });

  test('moving a PIRQ that is high lowers the old IRQ and raises the new one', () => {
    const rig = new BridgeRig();
    rig.isa.writeConfig(0x60, 10, 1);
    rig.isa.pirqs[0]!.source('dev').set(true);
    rig.isa.writeConfig(0x60, 11, 1);
    const moved = rig.high;
    rig.isa.writeConfig(0x60, 0x8b, 1);
    expect([moved, rig.high]).toEqual([[11], []]);
  });

  test('two PIRQs on one IRQ are OR-ed', () => {
    const rig = new BridgeRig();
    rig.isa.writeConfig(0x60, 0x8080_0a0a, 4);
    const [a, b] = [0, 1].map((n) => rig.isa.pirqs[n]!.source('dev'));
    a!.set(true);
    b!.set(true);
    a!.set(false);
    const one = rig.high;
    b!.set(false);
    expect([one, rig.high]).toEqual([[10], []]);
  });

  test('writing the same route again causes no pulse', () => {
    const rig = new BridgeRig();
    rig.isa.writeConfig(0x60, 10, 1);
    rig.isa.pirqs[0]!.source('dev').set(true);
    const levels: boolean[] = [];
    rig.irqs[10]!.onChange = (level) => levels.push(level);
    rig.isa.writeConfig(0x60, 0x8080_800a, 4);
    expect(levels).toEqual([]);
  });

  test('the IRQs of the timer, keyboard, cascade, clock and coprocessor are not valid targets', () => {
    const rig = new BridgeRig();
    rig.isa.pirqs[0]!.source('dev').set(true);
    const reached = Array.from({ length: 16 }, (_, irq) => {
      rig.isa.writeConfig(0x60, irq, 1);
      return rig.high;
    });
    expect(reached).toEqual([[], [], [], [3], [4], [5], [6], [7], [], [9], [10], [11], [12], [], [14], [15]]);
  });

  test('a hard reset removes the routes, a soft one affects only the CPU', () => {
    const rig = new BridgeRig();
    rig.isa.writeConfig(0x60, 10, 1);
    rig.isa.pirqs[0]!.source('dev').set(true);
    rig.isa.reset('soft');
    const soft = rig.high;
    rig.isa.reset('hard');
    expect([soft, rig.high, rig.isa.readConfig(0x60, 1)]).toEqual([[10], [], 0x80]);
  });
});

describe('ports', () => {
  test('CF9 keeps SRST, resets on each write of RCPU, which reads 0', () => {
    const rig = new BridgeRig();
    for (const value of [0x02, 0x06, 0x06, 0x04]) rig.out(0xcf9, value);
    const soft = rig.in(0xcf9);
    rig.out(0xcf9, 0xfb);
    expect([rig.asked, soft, rig.in(0xcf9)]).toEqual([['hard', 'hard', 'soft'], 0x00, 0x02]);
  });

  test('port 92 resets the CPU when bit 0 goes up, and keeps A20', () => {
    const rig = new BridgeRig();
    for (const value of [0x02, 0x03, 0x03, 0x02]) rig.out(0x92, value);
    expect([rig.asked, rig.in(0x92)]).toEqual([['soft'], 0x02]);
  });

  test('B2 and B3 read back', () => {
    const rig = new BridgeRig();
    rig.out(0xb2, 0x5a_a5, 2);
    expect([rig.in(0xb2), rig.in(0xb3)]).toEqual([0xa5, 0x5a]);
  });

  test('a hard reset clears them', () => {
    const rig = new BridgeRig();
    rig.out(0xcf9, 0x02);
    rig.out(0x92, 0x02);
    rig.out(0xb2, 0x11_11, 2);
    rig.isa.reset('hard');
    expect([0xcf9, 0x92, 0xb2, 0xb3].map((port) => rig.in(port))).toEqual([0, 0, 0, 0]);
  });
});
