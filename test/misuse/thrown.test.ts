import { describe, expect, test } from 'vitest';
import {
  type ScsiHost,
  SECOND,
  UartDriver,
  virtioNet,
  virtioNetDriver,
  virtioScsi,
  virtioScsiDriver,
} from '../../src/guest/index.ts';
import { gceN1, type Machine, MemoryMedium, type NetBackend, QueueCounters } from '../../src/index.ts';
import { FRAME } from '../nics.ts';

const COM1 = 0x3f8;

/** Throws when it is called for the first time, and counts. */
function throwsOnce(): { calls: number; readonly call: () => void } {
  const once = {
    calls: 0,
    call: () => {
      once.calls++;
      if (once.calls === 1) throw new Error('out of paper');
    },
  };
  return once;
}

describe('a backend that throws', () => {
  test('on sending: the driver gets the error, its buffer comes back, and the next frame is sent', () => {
    const { call } = throwsOnce();
    const backend: NetBackend = { attach: () => {}, send: call };
    const machine = gceN1({ nics: [{ backend }] });
    const nic = machine.attach(virtioNetDriver);

    expect(() => nic.send(FRAME)).toThrow('out of paper');
    nic.send(FRAME);

    expect([machine.nics[0]!.sent.length, machine.findings]).toEqual([2, []]);
  });

  test('on attaching: no machine is built, and its disks are closed', () => {
    const { call } = throwsOnce();
    const backend: NetBackend = { attach: call, send: () => {} };
    const medium = new MemoryMedium(512);
    let closed = 0;
    medium.close = () => closed++;

    expect(() => gceN1({ nics: [{ backend }], disks: [{ medium }] })).toThrow('out of paper');

    expect(closed).toBe(1);
  });
});

/** A disk that fails in its own way while `broken` is true. */
class Failing extends MemoryMedium {
  broken = true;

  override read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    if (this.broken) throw new Error('out of paper');
    return super.read(offset, into, at, length);
  }

  override write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    if (this.broken) throw new Error('out of paper');
    return super.write(offset, from, at, length);
  }
}

function withDisk(medium: MemoryMedium, latency = 0): { readonly machine: Machine; readonly host: ScsiHost } {
  const machine = gceN1({ disks: [{ medium }], scsi: { latency } });
  const host = machine.attach(virtioScsi({ interrupts: 'polled' }));
  host.testUnitReady(1);
  return { machine, host };
}

describe('a medium that throws', () => {
  test('is a medium error to the guest, and its error reaches the driver', () => {
    const disk = new Failing(1 << 20);
    const { machine, host } = withDisk(disk);

    expect(() => host.read(1, 0, 1)).toThrow('out of paper');
    disk.broken = false;

    expect(host.read(1, 0, 1)).toEqual(new Uint8Array(512));
    expect(machine.findings).toEqual([]);
  });

  test('has not written: nor is the write repeated', () => {
    const disk = new Failing(1 << 20);
    const { host } = withDisk(disk);

    expect(() => host.write(1, 0, new Uint8Array(512).fill(0xee))).toThrow('out of paper');
    disk.broken = false;

    expect(host.read(1, 0, 1)).toEqual(new Uint8Array(512));
  });

  test('when a timer completes the request: the error reaches the caller that advances time', () => {
    const disk = new Failing(1 << 20);
    const { machine, host } = withDisk(disk, 1_000_000);

    expect(() => host.read(1, 0, 1)).toThrow('out of paper');
    disk.broken = false;

    expect(host.read(1, 0, 1)).toEqual(new Uint8Array(512));
    expect(machine.findings).toEqual([]);
  });

  test('or returns a promise gets an error: promises are not awaited', () => {
    const disk = new MemoryMedium(1 << 20);
    disk.flush = (async () => true) as unknown as () => boolean;
    const { host } = withDisk(disk);

    expect(() => host.flush(1)).toThrow('disks[0].medium.flush must be true or false; got {}');
  });

  test('on closing keeps no other disk open', () => {
    const { call } = throwsOnce();
    const [first, second] = [new MemoryMedium(512), new MemoryMedium(512)];
    const closed: string[] = [];
    first.close = call;
    second.close = () => closed.push('second');
    const machine = gceN1({ disks: [{ medium: first }, { medium: second }] });

    expect(() => machine.close()).toThrow('out of paper');

    expect(closed).toEqual(['second']);
  });
});

describe('a listener that throws', () => {
  test('to sent frames: they are sent', () => {
    const machine = gceN1();
    const nic = machine.attach(virtioNetDriver);
    machine.nics[0]!.onFrame = throwsOnce().call;

    expect(() => nic.send(FRAME)).toThrow('out of paper');
    nic.send(FRAME);

    expect(machine.nics[0]!.sent.length).toBe(2);
  });

  test('to received frames: they arrive', () => {
    const machine = gceN1();
    const nic = machine.attach(virtioNetDriver);
    machine.events.on('frame', throwsOnce().call);

    expect(() => machine.nics[0]!.receive(FRAME)).toThrow('out of paper');

    expect(nic.receiveWithin(SECOND)).toEqual(FRAME);
  });

  test('to a byte of a serial port: the next byte reaches all listeners', () => {
    const machine = gceN1();
    const [com1] = machine.serial;
    const heard: number[] = [];
    com1!.endpoint = { receive: throwsOnce().call };
    com1!.listen({ receive: (byte) => heard.push(byte) });
    const uart = new UartDriver(machine.port, COM1);
    uart.open();

    expect(() => uart.write(Uint8Array.of(0x61, 0x62))).toThrow('out of paper');
    machine.port.wait(() => false, 1_000_000);

    expect([com1!.text, heard]).toEqual(['ab', [0x61, 0x62]]);
  });

  test('to interrupts: the handler runs, and the next interrupt is taken', () => {
    const machine = gceN1();
    const nic = machine.attach(virtioNet({ interrupts: 'msix' }));
    machine.events.on('interrupt', throwsOnce().call);
    machine.nics[0]!.receive(FRAME);

    expect(() => nic.receiveWithin(SECOND)).toThrow('out of paper');
    machine.nics[0]!.receive(FRAME);

    expect([nic.receiveWithin(SECOND), nic.receiveWithin(SECOND)]).toEqual([FRAME, FRAME]);
    expect(machine.findings).toEqual([]);
  });

  test('to findings: the access that broke the rule is done', () => {
    const machine = gceN1();
    machine.events.on('finding', throwsOnce().call);
    machine.port.out(COM1 + 3, 0x83, 1); // LCR: the latch
    machine.port.out(COM1, 0x01, 1);
    machine.port.out(COM1 + 3, 0x03, 1);
    machine.port.out(COM1, 0x61, 1);

    expect(() => machine.port.out(COM1, 0x62, 1)).toThrow('out of paper');

    expect(machine.findings.map(({ clause }) => clause)).toEqual(['uart/THR-FULL']);
  });

  test('to a reset: the machine is reset', () => {
    const machine = gceN1();
    machine.events.on('reset', throwsOnce().call);
    machine.port.out(0xcf9, 0x02, 1);

    expect(() => machine.port.out(0xcf9, 0x06, 1)).toThrow('out of paper');

    expect(() => machine.attach(virtioScsiDriver).testUnitReady(1)).not.toThrow();
  });
});

describe('an observer that throws', () => {
  test('of accesses: they are made', () => {
    const machine = gceN1();
    const { call } = throwsOnce();
    machine.observe({ begin: call, end: () => {} });

    expect(() => machine.port.out(COM1 + 7, 0x5a, 1)).toThrow('out of paper');

    expect(machine.port.in(COM1 + 7, 1)).toBe(0x5a);
  });

  test('of queues: they go on', () => {
    const machine = gceN1();
    const counters = new QueueCounters();
    counters.taken = throwsOnce().call;
    machine.nics[0]!.watch(counters);
    const nic = machine.attach(virtioNetDriver);

    expect(() => nic.send(FRAME)).toThrow('out of paper');
    nic.send(FRAME);

    expect([machine.nics[0]!.sent.length, machine.findings]).toEqual([2, []]);
  });
});

describe("a guest's handler that throws", () => {
  test('returns from its interrupt: the next one is taken', () => {
    const { port, chassis } = gceN1();
    const once = throwsOnce();
    port.write(0xfee0_00f0, 0x1ff, 4); // software enable
    port.handle(0x40, () => {
      port.write(0xfee0_00b0, 0, 4); // EOI
      once.call();
    });
    port.unmask();
    chassis.interrupts.apic.message(0xfee0_0000, 0x40);

    expect(() => port.wait(() => false, 10_000)).toThrow('out of paper');
    chassis.interrupts.apic.message(0xfee0_0000, 0x40);
    port.wait(() => false, 10_000);

    expect(once.calls).toBe(2);
  });
});
