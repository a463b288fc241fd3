import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../core/clock.ts';
import { QtestRig } from './rig.ts';
import { WireTime } from './time.ts';

/** COM1: its OUT2, and the interrupt of an empty transmitter. */
const RAISES = ['outb 0x3fc 0x08', 'outb 0x3f9 0x02'];
/** Reading IIR clears it. */
const LOWERS = ['inb 0x3fa'];

describe('an interrupt', () => {
  test('is reported before the answer to its cause, and so is its end', () => {
    const rig = new QtestRig();
    rig.ask('irq_intercept_in ioapic');

    expect(rig.ask(...RAISES, ...LOWERS)).toEqual(['OK', 'IRQ raise 4', 'OK', 'IRQ lower 4', 'OK 0x0002']);
  });

  test('is not reported before it is intercepted', () => {
    expect(new QtestRig().ask(...RAISES)).toEqual(['OK', 'OK']);
  });

  test('still reaches the interrupt controllers', () => {
    const rig = new QtestRig();
    rig.ask('irq_intercept_in ioapic', ...RAISES);

    expect(rig.ask('outb 0x20 0x0a', 'inb 0x20')).toEqual(['OK', 'OK 0x0010']);
  });

  test('that comes between commands is reported at once', () => {
    const rig = new QtestRig();
    rig.ask('irq_intercept_in ioapic');
    rig.feed(Buffer.alloc(0));
    rig.server.machine.chassis.interrupts.isa[11]!.source('test').set(true);

    expect(rig.heard()).toEqual(['IRQ raise 11']);
  });

  test('of the clock comes when it is due', () => {
    const rig = new QtestRig();
    // UIE, in 24 hours.
    rig.ask('irq_intercept_out rtc', 'outb 0x70 0x0b', 'outb 0x71 0x12');

    expect(rig.ask('clock_step 999999999', 'clock_step', 'clock_step')).toEqual([
      'OK 999999999',
      'IRQ raise 0',
      'OK 1000000000',
      'FAIL cannot advance clock to the next deadline because there is no pending deadline',
    ]);
  });
});

test('one part is intercepted at a time', () => {
  expect(
    new QtestRig().ask('irq_intercept_in ioapic', 'irq_intercept_in ioapic', 'irq_intercept_in pic'),
  ).toEqual(['OK', 'OK', 'FAIL IRQ intercept already enabled']);
});

test('a client drives an input, and releases it', () => {
  const rig = new QtestRig();
  rig.ask('irq_intercept_in ioapic');

  expect(rig.ask('set_irq_in ioapic unnamed-gpio-in 10 1', 'set_irq_in ioapic unnamed-gpio-in 10 0')).toEqual(
    ['IRQ raise 10', 'OK', 'IRQ lower 10', 'OK'],
  );
});

test('a device with an id is known, and has no output', () => {
  expect(new QtestRig('-device virtio-rng-pci,id=dice').ask('irq_intercept_out dice')).toEqual([
    'FAIL No intercepts installed',
  ]);
});

test('time stops, with an answer, where timers would fire without end', () => {
  const clock = new Clock();
  const timer = clock.timer('fast', () => timer.arm(10));
  timer.arm(10);

  expect(() => new WireTime(clock, 100).set(1_000_000)).toThrow(
    '100 timers fired on the way to 1000000: time stands at 1010',
  );
});
