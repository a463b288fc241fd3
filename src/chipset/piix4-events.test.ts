import { describe, expect, test } from 'vitest';
import { BridgeRig } from './bridge-rig.ts';

const PM = 0xb000;
const [PMSTS, PMEN, PMCNTRL] = [PM, PM + 2, PM + 4];

/** With the ports at b000, as GCE's firmware leaves them. */
function atHandOff(): BridgeRig {
  const rig = new BridgeRig();
  rig.acpi.writeConfig(0x40, PM | 1, 4);
  rig.acpi.writeConfig(0x80, 1, 1);
  return rig;
}

describe('events from outside', () => {
  const ENABLE = 0xf1;

  test.each([
    ['the power button', 8, (rig: BridgeRig) => rig.acpi.pressPowerButton()],
    ['the sleep button', 9, (rig: BridgeRig) => rig.acpi.pressSleepButton()],
    ['the clock', 10, (rig: BridgeRig) => rig.acpi.clockInterrupted()],
  ])('%s sets its bit, and SCI follows if it is enabled', (_who, bit, happens) => {
    const rig = atHandOff();
    rig.out(0xb2, ENABLE);
    happens(rig);
    const quiet = rig.high;
    rig.out(PMEN, 1 << bit, 2);
    const raised = rig.high;
    rig.out(PMSTS, 1 << bit, 2);
    expect([quiet, raised, rig.high]).toEqual([[], [9], []]);
  });

  test.each([
    ['THRM', 0x001],
    ['USB', 0x100],
    ['GPI', 0x200],
    ['RI', 0x400],
    ['LID', 0x800],
  ] as const)(
    '%s is a general purpose event: SCI follows its enable, and falls when its bit is cleared',
    (event, bit) => {
      const rig = atHandOff();
      rig.out(0xb2, ENABLE);
      rig.out(PM + 0x0e, bit, 2);
      rig.acpi.raiseGeneralEvent(event);
      const seen = [rig.in(PM + 0x0c, 2), rig.in(PM + 0x18) & 0x80, rig.high];
      rig.out(PM + 0x0c, bit, 2);
      expect([seen, rig.in(PM + 0x18) & 0x80, rig.high]).toEqual([[bit, 0x80, [9]], 0, []]);
    },
  );

  test('wake a sleeping machine, once, if they are enabled', () => {
    const rig = atHandOff();
    rig.out(PMEN, 0x100, 2);
    rig.out(PMCNTRL, 0x2401, 2);
    rig.acpi.pressSleepButton();
    const asleep = [...rig.asked];
    rig.acpi.pressPowerButton();
    rig.acpi.pressPowerButton();
    expect([asleep, rig.asked, rig.in(PMSTS, 2)]).toEqual([['sleep 1'], ['sleep 1', 'wake'], 0x8300]);
  });

  test('a general purpose event wakes too; none wakes a machine that is off or running', () => {
    const rig = atHandOff();
    rig.out(PM + 0x0e, 0x400, 2);
    rig.out(PMCNTRL, 0x2801, 2);
    rig.acpi.raiseGeneralEvent('RI');
    rig.out(PMCNTRL, 0x2001, 2);
    rig.acpi.raiseGeneralEvent('RI');
    rig.out(PMCNTRL, 0x3401, 2);
    rig.acpi.raiseGeneralEvent('RI');
    expect(rig.asked).toEqual(['sleep 2', 'wake', 'sleep 0', 'sleep 5']);
  });
});

test('a machine that was reset does not sleep any more', () => {
  const rig = atHandOff();
  rig.out(PMCNTRL, 0x2401, 2);
  rig.acpi.reset('hard');
  rig.acpi.writeConfig(0x40, PM | 1, 4);
  rig.acpi.writeConfig(0x80, 1, 1);
  rig.out(PMEN, 0x100, 2);
  rig.acpi.pressPowerButton();
  expect([rig.asked, rig.in(PMSTS, 2)]).toEqual([['sleep 1'], 0x0100]);
});

describe('SMI', () => {
  test('is raised by a command at B2 while APMC_EN and SMI_EN', () => {
    const rig = atHandOff();
    rig.out(0xb2, 0x11);
    rig.acpi.writeConfig(0x5b, 0x02, 1);
    rig.out(0xb2, 0x22);
    rig.out(PM + 0x28, 0x01);
    rig.out(0xb2, 0x33);
    rig.acpi.writeConfig(0x5b, 0x00, 1);
    rig.out(0xb2, 0x44);
    expect(rig.asked).toEqual(['smi 33']);
  });
});
