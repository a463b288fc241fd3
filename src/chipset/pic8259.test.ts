import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PicRig } from './pic-rig.ts';

describe('initialisation', () => {
  test('ICW1 unmasks all lines, clears edges and in-service bits, and selects IRR', () => {
    const rig = new PicRig().init();
    rig.raise(3);
    rig.pic.acknowledge();
    rig.raise(5);
    rig.play('21=fb 20=0b 20=11 21=30 21=04 21=01');
    const cleared = rig.play('20? 21?');
    rig.raise(6);
    expect([cleared, rig.play('20?')]).toEqual([[0x00, 0x00], [0x40]]);
    expect(rig.pic.inService()).toBe(0);
  });

  test('ICW1 resets rotation and special mask mode', () => {
    const rig = new PicRig().init();
    rig.play('20=c3 20=80 20=68');
    rig.init('03').raise(3, 4);
    const first = rig.pic.acknowledge();
    rig.lower(3);
    rig.raise(3);
    const afterAeoi = rig.serve('20=00');
    rig.init().lower(3, 4);
    rig.raise(3);
    rig.pic.acknowledge();
    rig.play('21=08');
    rig.raise(5);
    expect([first, afterAeoi, rig.intr]).toEqual([0x33, [0x33, 0x34], false]);
  });

  test('a line in level mode stays requested over ICW1, one in edge mode needs a new edge', () => {
    const rig = new PicRig();
    rig.play('4d0=20');
    rig.raise(5, 6);
    rig.init();
    expect(rig.play('20?')).toEqual([0x20]);
  });

  test('no request is delivered before the sequence is complete', () => {
    const rig = new PicRig();
    rig.play('20=11 21=30 21=04');
    rig.raise(4);
    const during = rig.intr;
    rig.play('21=01');
    expect([during, rig.intr]).toEqual([false, true]);
  });

  test('SNGL leaves out ICW3, and IC4 = 0 leaves out ICW4', () => {
    const rig = new PicRig();
    rig.play('20=13 21=40 21=01 21=aa');
    rig.play('a0=10 a1=48 a1=02 a1=55');
    expect(rig.play('21? a1?')).toEqual([0xaa, 0x55]);
  });

  test('LTIM has no effect: the ELCR decides', () => {
    const rig = new PicRig();
    rig.play('20=19 21=30 21=04 21=01');
    rig.raise(5);
    expect(rig.serve('20=20')).toEqual([0x35]);
  });

  test('ICW2 gives the upper five bits of the vector only', () => {
    const rig = new PicRig();
    rig.play('20=11 21=37 21=04 21=01');
    rig.raise(1);
    expect(rig.pic.acknowledge()).toBe(0x31);
  });

  test('a soft reset does not affect the chips; a hard one returns both to before ICW1', () => {
    const rig = new PicRig().init();
    rig.play('21=fa 4d1=0c');
    rig.pic.reset('soft');
    const soft = rig.play('21? 4d1?');
    rig.pic.reset('hard');
    rig.raise(1);
    expect([soft, rig.play('4d1?'), rig.intr]).toEqual([[0xfa, 0x0c], [0x00], false]);
  });
});

describe('requests', () => {
  test('an edge that falls before INTA is lost', () => {
    const rig = new PicRig().init();
    rig.raise(4);
    rig.lower(4);
    expect(rig.levels).toEqual([true, false]);
    expect(rig.play('20?')).toEqual([0x00]);
  });

  test('a masked edge waits in IRR and is delivered when unmasked', () => {
    const rig = new PicRig().init();
    rig.play('21=10');
    rig.raise(4);
    const masked = [...rig.play('20?'), rig.intr];
    rig.play('21=00');
    expect([masked, rig.serve('20=20')]).toEqual([[0x10, false], [0x34]]);
  });

  test('an edge is served once, a level repeatedly until it falls', () => {
    const rig = new PicRig().init();
    rig.play('4d0=20');
    rig.raise(4, 5);
    const served: number[] = [];
    for (let i = 0; i < 4; i++) {
      served.push(rig.pic.acknowledge());
      rig.play('20=20');
    }
    rig.lower(5);
    expect([served, rig.intr]).toEqual([[0x34, 0x35, 0x35, 0x35], false]);
  });

  test('masking does not end an interrupt in service', () => {
    const rig = new PicRig().init();
    rig.raise(4);
    rig.pic.acknowledge();
    rig.play('21=ff');
    expect(rig.pic.inService()).toBe(0x10);
  });

  test('ELCR keeps the five lines that are edge at 0', () => {
    const rig = new PicRig();
    expect(rig.play('4d0=ff 4d1=ff 4d0? 4d1?')).toEqual([0xf8, 0xde]);
  });
});

describe('priority', () => {
  test('the slave’s lines come where the cascade is: 0, 1, 8 to 15, 3 to 7', () => {
    const rig = new PicRig().init();
    rig.raise(7, 6, 5, 4, 3, 15, 14, 13, 12, 11, 10, 9, 8, 1, 0);
    const order = rig.serve('a0=20 20=20').map((vector) => vector - 0x30);
    expect(order).toEqual([0, 1, 8, 9, 10, 11, 12, 13, 14, 15, 3, 4, 5, 6, 7]);
  });

  test('an equal or lower request waits for EOI, a higher one nests', () => {
    const rig = new PicRig().init();
    rig.raise(4);
    rig.pic.acknowledge();
    rig.raise(6);
    const lower = rig.intr;
    rig.raise(3);
    expect([lower, rig.intr, rig.pic.acknowledge(), rig.pic.inService()]).toEqual([false, true, 0x33, 0x18]);
  });

  test('set priority on the master puts 3 to 7 before 0 to 2, as in FreeBSD', () => {
    const rig = new PicRig().init();
    rig.play('20=c2');
    rig.raise(0, 1, 8, 3, 7);
    expect(rig.serve('a0=20 20=20').map((vector) => vector - 0x30)).toEqual([3, 7, 0, 1, 8]);
  });

  test('whichever level is lowest, the next request in the circle after it wins', () => {
    const bits = fc.integer({ min: 1, max: 0xff }).map((set) => set & ~0x04 || 0x80);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 7 }),
        bits,
        fc.integer({ min: 0, max: 0xff }),
        (low, up, mask) => {
          const rig = new PicRig().init();
          rig.play(`20=${(0xc0 | low).toString(16)} 21=${mask.toString(16)}`);
          const lines = [0, 1, 2, 3, 4, 5, 6, 7].filter((irq) => up & (1 << irq));
          rig.raise(...lines);
          const circle = [1, 2, 3, 4, 5, 6, 7, 8].map((step) => (low + step) % 8);
          const wanted = circle.filter((irq) => lines.includes(irq) && (mask & (1 << irq)) === 0);
          expect(rig.serve('20=20')).toEqual(wanted.map((irq) => 0x30 + irq));
        },
      ),
    );
  });

  test.each([
    ['rotate on non-specific EOI', 'a0', [0x36, 0x33]],
    ['rotate on specific EOI', 'e3', [0x36, 0x33]],
    ['plain EOI', '20', [0x33, 0x36]],
    ['specific EOI', '63', [0x33, 0x36]],
  ])('%s determines the next level', (_name, ocw2, next) => {
    const rig = new PicRig().init();
    rig.raise(3);
    rig.pic.acknowledge();
    rig.lower(3);
    rig.play(`20=${ocw2}`);
    rig.raise(3, 6);
    expect(rig.serve('20=20')).toEqual(next);
  });

  test('AEOI leaves nothing in service, and with rotation makes the served level the lowest', () => {
    const rig = new PicRig().init('03');
    rig.play('20=80');
    rig.raise(1);
    rig.pic.acknowledge();
    rig.lower(1);
    rig.raise(1, 3);
    expect([rig.pic.inService(), rig.serve('20=00')]).toEqual([0, [0x33, 0x31]]);
  });

  test('OCW2 = 40 does nothing', () => {
    const rig = new PicRig().init();
    rig.raise(3);
    rig.pic.acknowledge();
    rig.play('20=43');
    const kept = rig.pic.inService();
    rig.play('20=20');
    rig.raise(1, 6);
    expect([kept, rig.serve('20=20')]).toEqual([0x08, [0x31, 0x36]]);
  });
});

describe('special modes', () => {
  test('in special mask mode a masked level in service blocks no other and is not ended by EOI', () => {
    const rig = new PicRig().init();
    rig.raise(3);
    rig.pic.acknowledge();
    rig.play('21=08');
    rig.raise(5);
    const before = rig.intr;
    rig.play('20=68');
    const after = rig.intr;
    rig.pic.acknowledge();
    rig.play('20=20');
    expect([before, after, rig.pic.inService()]).toEqual([false, true, 0x08]);
  });

  test('special fully nested mode admits a higher line of the slave while the cascade is in service', () => {
    const [plain, nested] = ['01', '11'].map((icw4) => {
      const rig = new PicRig().init(icw4);
      rig.raise(12);
      rig.pic.acknowledge();
      rig.raise(9);
      return rig.intr;
    });
    expect([plain, nested]).toEqual([false, true]);
  });

  test('poll at either address replaces INTA once, whatever RR selects', () => {
    const rig = new PicRig().init();
    rig.raise(3);
    const polled = rig.play('20=0f 20? 20?');
    rig.lower(3);
    expect([polled, rig.pic.inService()]).toEqual([[0x83, 0x08], 0x08]);
    expect(rig.play('a0=0c a1? a1?')).toEqual([0x00, 0x00]);
  });
});
