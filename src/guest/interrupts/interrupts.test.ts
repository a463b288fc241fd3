import { describe, expect, test } from 'vitest';
import { behind } from '../../conformance/broken/behind.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { SECOND } from '../driver-error.ts';
import { virtioNet } from '../drivers/virtio-net.ts';
import { virtioScsi } from '../drivers/virtio-scsi.ts';
import { GuestInterrupts } from './interrupts.ts';
import { PicDriver } from './pic.ts';

const FRAME = new Uint8Array(60);

describe('a line', () => {
  test('is shared by two drivers, each of which asks its own device', () => {
    // Slots 3 and 4 are both on IRQ 11 here.
    const machine = gceN1({ nics: [{ backend: 'loopback' }], scsi: { latency: 10_000 } });
    const host = machine.attach(virtioScsi({ interrupts: 'intx' }));
    const nic = machine.attach(virtioNet({ interrupts: 'intx' }));

    nic.send(FRAME);

    expect(nic.receiveWithin(SECOND)).toEqual(FRAME);
    expect(host.scan()).toHaveLength(1);
    expect(machine.findings).toEqual([]);
  });

  test('comes in through the I/O APIC as well', () => {
    const machine = gceN1({ nics: [{ backend: 'loopback' }] });
    GuestInterrupts.of(machine.port).useIoApic();
    const nic = machine.attach(virtioNet({ interrupts: 'intx' }));

    nic.send(FRAME);

    expect(nic.receiveWithin(SECOND)).toEqual(FRAME);
    expect(machine.findings).toEqual([]);
  });

  test('is heard no more when nobody listens', () => {
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

/** A port that says `inService` wherever an in-service register is read, and keeps the end-of-interrupt commands. */
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
  return { pic, ended };
}

describe('an interrupt of the 8259A pair', () => {
  test('on IRQ 7 with nothing in service is spurious, and wants no end', () => {
    const { pic, ended } = chips(0x00);

    expect([pic.begin(7), ended]).toEqual([false, []]);
  });

  test('on IRQ 15 with nothing in service is spurious, and only the master wants an end', () => {
    const { pic, ended } = chips(0x00);

    expect([pic.begin(15), ended]).toEqual([false, [0x20]]);
  });

  test.each([7, 15])('on IRQ %d in service is real', (irq) => {
    const { pic, ended } = chips(0x80);

    expect([pic.begin(irq), ended]).toEqual([true, []]);
  });

  test('of the slave is ended there first', () => {
    const { pic, ended } = chips(0x80);

    pic.end(11);

    expect(ended).toEqual([0xa0, 0x20]);
  });
});
