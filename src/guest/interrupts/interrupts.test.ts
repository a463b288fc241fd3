import { describe, expect, test } from 'vitest';
import { behind, behindMemory } from '../../conformance/broken/behind.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { PORT } from '../../core/places.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { SECOND } from '../driver-error.ts';
import { virtioNet } from '../drivers/virtio-net.ts';
import { virtioScsi } from '../drivers/virtio-scsi.ts';
import { GuestInterrupts } from './interrupts.ts';
import { PicDriver } from './pic.ts';

/** Edge-triggered, cascaded, ICW4 follows. */
const ICW1 = 0x11;
const FRAME = new Uint8Array(60);

/** Wrappers of a port that forward everything. */
const WRAPPERS = [
  [
    'in a Proxy',
    (port: GuestPort) =>
      new Proxy(port, {
        get: (own, name) => {
          const member: unknown = Reflect.get(own, name, own);
          return typeof member === 'function' ? member.bind(own) : member;
        },
      }),
  ],
  ['in an object with the same methods', (port: GuestPort) => behind(port, {})],
  [
    'with its memory, and shared',
    (port: GuestPort) => {
      const { memory } = port;
      const wrapper = behind(port, { memory: behindMemory(memory) });
      GuestInterrupts.share(port, wrapper);
      return wrapper;
    },
  ],
] as const;

describe.each(WRAPPERS)('a port wrapped %s', (_how, wrap) => {
  test('shares the port’s interrupts: the controllers are set up once, and a line is shared', () => {
    const machine = gceN1({ nics: [{ backend: 'loopback' }], scsi: { latency: 10_000 } });
    const accesses: string[] = [];
    machine.observe({ begin: ({ address, value }) => accesses.push(`${address} ${value}`), end: () => {} });
    const nic = machine.attach(virtioNet({ interrupts: 'intx' }));
    const scsi = virtioScsi({ interrupts: 'intx' });
    const host = machine.attach({ ...scsi, attach: (port, bdf) => scsi.attach(wrap(port), bdf) });

    nic.send(FRAME);

    expect(nic.receiveWithin(SECOND)).toEqual(FRAME);
    expect(host.scan()).toHaveLength(1);
    expect(accesses.filter((access) => access === `${PORT.PIC_MASTER} ${ICW1}`)).toHaveLength(1);
    expect(machine.findings).toEqual([]);
  });
});

describe('a line', () => {
  test('is shared by two drivers, each of which checks its own device', () => {
    // Slots 3 and 4 are both on IRQ 11 here.
    const machine = gceN1({ nics: [{ backend: 'loopback' }], scsi: { latency: 10_000 } });
    const host = machine.attach(virtioScsi({ interrupts: 'intx' }));
    const nic = machine.attach(virtioNet({ interrupts: 'intx' }));

    nic.send(FRAME);

    expect(nic.receiveWithin(SECOND)).toEqual(FRAME);
    expect(host.scan()).toHaveLength(1);
    expect(machine.findings).toEqual([]);
  });

  test('also works through the I/O APIC', () => {
    const machine = gceN1({ nics: [{ backend: 'loopback' }] });
    GuestInterrupts.of(machine.port).useIoApic();
    const nic = machine.attach(virtioNet({ interrupts: 'intx' }));

    nic.send(FRAME);

    expect(nic.receiveWithin(SECOND)).toEqual(FRAME);
    expect(machine.findings).toEqual([]);
  });

  test.each([16, 0xff])('that no controller has is refused: %d', (irq) => {
    const interrupts = GuestInterrupts.of(gceN1().port);

    expect(() => interrupts.listen(irq, 'level', () => {})).toThrow(
      `interrupts: no controller has line ${irq}`,
    );
  });

  test('is masked without a listener', () => {
    const machine = gceN1();
    const heard: number[] = [];
    const stop = GuestInterrupts.of(machine.port).listen(4, 'edge', () => heard.push(4));

    stop();
    machine.port.out(0x3fc, 0x08, 1);
    machine.port.out(0x3f9, 0x02, 1);
    machine.port.wait(() => false, 1000);

    expect(heard).toEqual([]);
  });
});

/** A port that reads `inService` from every in-service register, and records the end-of-interrupt commands. */
function chips(inService: number) {
  const ended: number[] = [];
  const port = behind(gceN1().port, {
    in: () => inService,
    out: (at, value) => {
      if (value === 0x20 && (at === 0x20 || at === 0xa0)) ended.push(at);
    },
  });
  const pic = new PicDriver(port);
  ended.length = 0;
  return { pic, port, ended };
}

describe('an interrupt of the 8259A pair', () => {
  test('on IRQ 7 with nothing in service is spurious, and needs no EOI', () => {
    const { pic, port, ended } = chips(0x00);

    expect([pic.begin(port, 7), ended]).toEqual([false, []]);
  });

  test('on IRQ 15 with nothing in service is spurious, and only the master needs an EOI', () => {
    const { pic, port, ended } = chips(0x00);

    expect([pic.begin(port, 15), ended]).toEqual([false, [0x20]]);
  });

  test.each([7, 15])('on IRQ %d in service is real', (irq) => {
    const { pic, port, ended } = chips(0x80);

    expect([pic.begin(port, irq), ended]).toEqual([true, []]);
  });

  test('of the slave is ended there first', () => {
    const { pic, port, ended } = chips(0x80);

    pic.end(port, 11);

    expect(ended).toEqual([0xa0, 0x20]);
  });
});
