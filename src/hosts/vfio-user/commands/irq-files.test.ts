import { describe, expect, test } from 'vitest';
import { ClientRig, irqsOf, ON, TRIGGER } from '../rig.ts';
import { ERRNO } from './errno.ts';
import { IrqFiles } from './irq-files.ts';
import { IRQ_ACTION, IRQ_DATA, IRQS, irq_info, REGIONS } from './registers.ts';

const UNMASK = IRQ_DATA.none | IRQ_ACTION.unmask;
const MASK = IRQ_DATA.none | IRQ_ACTION.mask;
const OFF = IRQ_DATA.none | IRQ_ACTION.trigger;
/** A rng that fills a buffer at once interrupts at once; a level is all that is needed here. */
function levels() {
  const rig = new ClientRig({ rng: true }, 'rng');
  rig.call('DEVICE_SET_IRQS', irqsOf(TRIGGER, IRQS.intx, 1), [5]);
  const fn = rig.machine.chassis.bus.at(rig.machine.virtio.find(({ name }) => name === 'rng0')!.fn.bdf)!;
  return { rig, fn };
}
const signals = ({ log }: ClientRig) => log.filter((line) => line.startsWith('signal'));

describe('INTx', () => {
  test('is signalled once while it is up, and again when unmasked', () => {
    const { rig, fn } = levels();

    fn.setInterrupt(true);
    fn.setInterrupt(false);
    fn.setInterrupt(true);
    const before = signals(rig);
    rig.call('DEVICE_SET_IRQS', irqsOf(UNMASK, IRQS.intx, 1));

    expect([before, signals(rig)]).toEqual([['signal 5'], ['signal 5', 'signal 5']]);
  });

  test('that is down when unmasked is signalled the next time', () => {
    const { rig, fn } = levels();
    fn.setInterrupt(true);
    fn.setInterrupt(false);

    rig.call('DEVICE_SET_IRQS', irqsOf(UNMASK, IRQS.intx, 1));
    const before = signals(rig);
    fn.setInterrupt(true);

    expect([before, signals(rig)]).toEqual([['signal 5'], ['signal 5', 'signal 5']]);
  });

  test('that is masked waits', () => {
    const { rig, fn } = levels();

    rig.call('DEVICE_SET_IRQS', irqsOf(MASK, IRQS.intx, 1));
    fn.setInterrupt(true);

    expect(signals(rig)).toEqual([]);
  });

  test('is not signalled while Command has Interrupt Disable', () => {
    const { rig, fn } = levels();
    rig.write(REGIONS.config, 0x04, ON, 4);

    fn.setInterrupt(true);

    expect(signals(rig)).toEqual([]);
  });

  test('is acted upon if a boolean says so', () => {
    const { rig, fn } = levels();
    const byBoolean = (value: number) => [...irqsOf(IRQ_DATA.bool | IRQ_ACTION.mask, IRQS.intx, 1), value];

    rig.call('DEVICE_SET_IRQS', new Uint8Array(byBoolean(0)));
    fn.setInterrupt(true);

    expect(signals(rig)).toEqual(['signal 5']);
  });

  test('can be raised by the client', () => {
    const { rig } = levels();

    rig.call('DEVICE_SET_IRQS', irqsOf(OFF, IRQS.intx, 1));

    expect(signals(rig)).toEqual(['signal 5']);
  });
});

describe('MSI-X', () => {
  const irqs = (vectors: string[]) => {
    const log: string[] = [];
    const files = {
      signal: (fd: number) => void log.push(`signal ${fd}`),
      close: (fd: number) => void log.push(`close ${fd}`),
    };
    const assigned = (vector: number, on: boolean) => void vectors.push(`${vector} ${on ? 'open' : 'shut'}`);
    return { log, files: new IrqFiles(3, files, { assigned }) };
  };

  test('has a file for each vector: from one on, as many as come', () => {
    const rig = new ClientRig({ rng: true }, 'rng');

    expect(rig.call('DEVICE_SET_IRQS', irqsOf(TRIGGER, IRQS.msix, 2), [5, 6]).errno).toBe(0);
    expect(rig.call('DEVICE_SET_IRQS', irqsOf(TRIGGER, IRQS.msix, 2, 1), [7, 8]).errno).toBe(ERRNO.EINVAL);
    expect(rig.call('DEVICE_SET_IRQS', irqsOf(TRIGGER, IRQS.msix, 2), [9]).errno).toBe(ERRNO.EINVAL);
  });

  test('a vector without a file is disabled; so are all, when the client disables them', () => {
    const rig = new ClientRig({ rng: true }, 'rng');
    rig.call('DEVICE_SET_IRQS', irqsOf(TRIGGER, IRQS.msix, 2), [5, 6]);

    rig.call('DEVICE_SET_IRQS', irqsOf(TRIGGER, IRQS.msix, 1));
    const one = [...rig.log];
    rig.call('DEVICE_SET_IRQS', irqsOf(OFF, IRQS.msix, 0));

    expect([one, rig.log]).toEqual([['close 5'], ['close 5', 'close 6']]);
  });

  test('signals the file of the vector, if there is one', () => {
    const vectors: string[] = [];
    const { files, log } = irqs(vectors);

    files.message(2);
    files.announce();

    expect([log, vectors]).toEqual([[], ['0 shut', '1 shut', '2 shut']]);
  });
});

test.each([
  [IRQS.intx, 7, 1],
  [IRQS.msi, 0, 0],
  [IRQS.msix, 1, 2],
])('of the kind %i the flags are %i, and there are %i', (index, flags, count) => {
  const rig = new ClientRig({ rng: true }, 'rng');

  const { payload } = rig.call('DEVICE_GET_IRQ_INFO', irq_info.encode({ argsz: 16, index }));

  expect(irq_info.decode(payload)).toEqual({ argsz: 16, flags, index, count });
});

test.each([
  ['of a kind that there is not', irqsOf(TRIGGER, 5, 0)],
  ['past the last', irqsOf(TRIGGER, IRQS.intx, 2)],
  ['by a file at unmasking', irqsOf(IRQ_DATA.eventfd | IRQ_ACTION.unmask, IRQS.intx, 1)],
  ['of MSI-X that is masked by the client', irqsOf(MASK, IRQS.msix, 1)],
])('an interrupt %s is refused', (_what, payload) => {
  expect(new ClientRig({ rng: true }, 'rng').call('DEVICE_SET_IRQS', payload).errno).toBe(ERRNO.EINVAL);
});
