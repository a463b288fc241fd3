import { describe, expect, test } from 'vitest';
import { PicRig } from './pic-rig.ts';

describe('the cascade', () => {
  test('an interrupt of the slave is in service in both chips, and needs an EOI in both', () => {
    const rig = new PicRig().init();
    rig.raise(12);
    const vector = rig.pic.acknowledge();
    const taken = rig.pic.inService();
    rig.play('a0=64');
    const half = rig.pic.inService();
    rig.play('20=62');
    expect([vector, taken, half, rig.pic.inService()]).toEqual([0x3c, 0x1004, 0x0004, 0]);
  });

  test('a second request of the slave is taken after both EOIs, in either order', () => {
    const orders = ['a0=20 20=20', '20=20 a0=20'].map((eoi) => {
      const rig = new PicRig().init();
      rig.raise(9, 12);
      return rig.serve(eoi);
    });
    expect(orders).toEqual([
      [0x39, 0x3c],
      [0x39, 0x3c],
    ]);
  });

  test('with AEOI in both chips all pending requests of the slave are taken', () => {
    const rig = new PicRig().init('03');
    rig.raise(8, 9, 15);
    expect(rig.serve('')).toEqual([0x38, 0x39, 0x3f]);
  });

  test('masking the cascade blocks the slave', () => {
    const rig = new PicRig().init();
    rig.play('21=04');
    rig.raise(9);
    const masked = rig.intr;
    rig.play('21=00');
    expect([masked, rig.intr]).toEqual([false, true]);
  });

  test('line 2 does not exist on the bus', () => {
    const rig = new PicRig().init();
    rig.raise(2);
    expect([rig.intr, rig.play('20?')]).toEqual([false, [0x00]]);
  });

  test('a slave whose ICW3 holds the mask instead of its number does not respond', () => {
    const rig = new PicRig().init();
    rig.play('a0=11 a1=38 a1=04 a1=01');
    rig.raise(9);
    expect(rig.pic.acknowledge()).toBe(0xff);
  });
});

describe('spurious interrupts', () => {
  test('a pulse too short on the master is IR7, in service nowhere', () => {
    const rig = new PicRig().init();
    rig.pic.pulse(5);
    const raised = rig.intr;
    const vector = rig.pic.acknowledge();
    expect([raised, vector, rig.pic.inService(), rig.intr]).toEqual([true, 0x37, 0, false]);
  });

  test('on the slave it is IRQ 15, and the cascade is in service: only the master needs an EOI', () => {
    const rig = new PicRig().init();
    rig.pic.pulse(9);
    const vector = rig.pic.acknowledge();
    expect([vector, rig.pic.inService(), rig.intr]).toEqual([0x3f, 0x0004, false]);
  });

  test('a short pulse on a masked line has no effect', () => {
    const rig = new PicRig().init();
    rig.play('21=20');
    rig.pic.pulse(5);
    expect([rig.levels, rig.play('20?')]).toEqual([[], [0x00]]);
  });

  test('a short pulse while INTR is high for another line has no effect', () => {
    const rig = new PicRig().init();
    rig.raise(6);
    rig.pic.pulse(5);
    rig.lower(6);
    expect(rig.levels).toEqual([true, false]);
  });

  test('a mask written after the pulse lowers INTR', () => {
    const rig = new PicRig().init();
    rig.pic.pulse(5);
    rig.play('21=20');
    expect(rig.levels).toEqual([true, false]);
  });

  test('a line masked between INTR and INTA causes a spurious interrupt', () => {
    const rig = new PicRig().init();
    rig.raise(5);
    rig.play('21=20');
    expect([rig.pic.acknowledge(), rig.pic.inService(), rig.play('20?')]).toEqual([0x37, 0, [0x20]]);
  });
});

describe('traces and findings', () => {
  test('a trace names the register that an access reaches', () => {
    const rig = new PicRig();
    const said = [
      '20=11',
      '21=30',
      '21=04',
      '21=01',
      '21=fb',
      '20=0b',
      '20?',
      'a0=0c',
      'a1?',
      '20=65',
      '4d1=0c',
    ].map((access) => [rig.play(access), rig.lastAccess][1]);
    expect(said).toEqual([
      'pic master ICW1 ← 11  IC4 ICW1',
      'pic master ICW2 ← 30',
      'pic master ICW3 ← 04  ID=4',
      'pic master ICW4 ← 01  uPM',
      'pic master OCW1 ← fb',
      'pic master OCW3 ← 0b  RIS RR OCW3',
      'pic master ISR → 00',
      'pic slave OCW3 ← 0c  P OCW3',
      'pic slave POLL → 00  0',
      'pic master OCW2 ← 65  L=5 EOI SL',
      'pic ELCR2 ← 0c  IRQ10 IRQ11',
    ]);
  });

  test('unmasking an initialised chip keeps pic/INIT', () => {
    const rig = new PicRig().init();
    rig.play('21=fe a1=00');
    expect([rig.journal.reached('pic/INIT'), rig.findings]).toEqual([true, []]);
  });

  test('a master that denies the cascade and masks its input, as if alone, keeps pic/INIT', () => {
    const rig = new PicRig();
    rig.play('a1=ff 20=13 21=30 21=01 21=ee');
    expect([rig.journal.reached('pic/INIT'), rig.findings]).toEqual([true, []]);
  });

  test('a probe that masks all but the cascade unmasks nothing', () => {
    const rig = new PicRig();
    rig.play('a1=ff 21=fb');
    expect(rig.journal.reached('pic/INIT')).toBe(false);
  });

  test.each([
    ['21=fe', 'pic master: OCW1 = fe unmasks a line before ICW1'],
    ['20=10 21=30 21=04 21=fe', 'pic master: OCW1 = fe unmasks a line though ICW4 did not select 8086 mode'],
    ['20=13 21=30 21=01 21=fa', 'pic master: OCW1 = fa unmasks a line though ICW1 denied the cascade'],
    [
      'a0=11 a1=38 a1=02 a1=01 20=13 21=30 21=01 21=fb a1=fe',
      'pic master: OCW1 = fb unmasks a line though ICW1 denied the cascade',
    ],
    [
      'a0=11 a1=38 a1=02 a1=01 a1=fe 20=13 21=30 21=01 21=fb',
      'pic master: OCW1 = fb unmasks a line though ICW1 denied the cascade',
    ],
    ['a0=13 a1=38 a1=01 a1=fe', 'pic slave: OCW1 = fe unmasks a line though ICW1 denied the cascade'],
  ])('%s breaks pic/INIT', (script, said) => {
    const rig = new PicRig();
    rig.play(script);
    expect(rig.findings).toEqual([`pic/INIT ${said}`]);
  });

  test.each([
    ['a0=11 a1=38 a1=04 a1=01 a1=ff', 'pic/CASCADE pic slave: ICW3 = 04, but the board is wired as 02'],
    ['20=11 21=30 21=04 21=ff', 'pic/ICW4 pic master: ff was written where ICW1 announced ICW4'],
    [
      '20=11 21=08 21=04 21=01',
      'pic/BASE pic master: ICW2 = 08: vector 08 is an exception of protected mode',
    ],
  ])('%s breaks what it is named for', (script, said) => {
    const rig = new PicRig();
    rig.play(script);
    expect(rig.findings).toEqual([said]);
  });

  test('lines that no mask closes after ICW4 are judged at the first interrupt, or at the end', () => {
    const rigs = [new PicRig(), new PicRig()];
    for (const rig of rigs) rig.play('20=11 21=30 21=04 21=00');
    rigs[0]!.raise(4);
    rigs[0]!.pic.acknowledge();
    rigs[1]!.journal.end();
    const said = 'pic/INIT pic master: OCW1 = 00 unmasks a line though ICW4 did not select 8086 mode';
    expect(rigs.map(({ findings }) => findings)).toEqual([[said], [said]]);
  });
});
