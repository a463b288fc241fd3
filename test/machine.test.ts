import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Timer } from '../src/core/clock.ts';
import {
  enumerate,
  type NicDriver,
  SECOND,
  virtioNet,
  virtioNetDriver,
  virtioScsiDriver,
} from '../src/guest/index.ts';
import { Clock, gceN1, Hub, qemuPc } from '../src/index.ts';
import { FRAME } from './nics.ts';

describe('the machine at hand-off', () => {
  test('has its addresses where Compute Engine firmware put them', () => {
    const machine = gceN1();

    const places = machine.functions.flatMap((fn) =>
      fn.bars.map(({ mapped, region }) => [fn.name, mapped, region.size]),
    );

    expect(places).toEqual([
      ['scsi0', 0xc000, 64],
      ['scsi0', 0xfebf_e000, 128],
      ['net0', 0xc040, 64],
      ['net0', 0xfebf_f000, 64],
    ]);
  });

  test('routes the links to 10 10 11 11, and has power management at b000 and no SMBus', () => {
    const { functions } = gceN1();
    const byName = (name: string) => functions.find((fn) => fn.name === name)!;

    const links = [0x60, 0x61, 0x62, 0x63].map((offset) => byName('isa0').readConfig(offset, 1));
    const acpi = [0x40, 0x80, 0x90, 0xd2].map((offset) => byName('acpi0').readConfig(offset, 1));

    expect(links).toEqual([10, 10, 11, 11]);
    expect(byName('acpi0').readConfig(0x40, 4)).toBe(0xb001);
    expect(acpi.slice(1)).toEqual([1, 1, 0]);
  });

  test('sets the level trigger of IRQ 10 and 11 and the interrupt lines', () => {
    const machine = gceN1();

    const lines = machine.functions.map((fn) => fn.readConfig(0x3c, 1));

    expect([machine.port.in(0x4d0, 1), machine.port.in(0x4d1, 1)]).toEqual([0x00, 0x0c]);
    expect(lines).toEqual([0, 0, 9, 11, 11]);
  });

  test('has no findings: the firmware is not judged', () => {
    const machine = gceN1();

    expect(machine.findings).toEqual([]);
    expect(machine.journal.reached('pci/BAR-RESTORE')).toBe(false);
  });

  test('starts at power-on when asked to: no addresses, links off, no power management ports', () => {
    const machine = gceN1({ firmware: false });

    const mapped = machine.functions.flatMap((fn) => fn.bars.map((bar) => bar.mapped));

    expect(mapped).toEqual([null, null, null, null]);
    expect(machine.functions[1]!.readConfig(0x60, 4)).toBe(0x8080_8080);
    expect(machine.port.in(0xb008, 4)).toBe(0xffff_ffff);
  });
});

describe('a driver on the machine', () => {
  test('gets its function from attach, which infers the handle', () => {
    const machine = gceN1();

    const nic = machine.attach(virtioNetDriver);
    nic.send(FRAME);

    expectTypeOf(nic).toEqualTypeOf<NicDriver>();
    expect(machine.nics[0]!.sent).toEqual([FRAME]);
    expect(machine.findings).toEqual([]);
  });

  test('is refused when the machine has no such function', () => {
    const machine = gceN1({ nics: [] });

    expect(() => machine.attach(virtioNetDriver)).toThrow(
      'attach: driver "virtio-net" matches no PCI function of this machine',
    );
  });

  test.each(['polled', 'intx', 'msix'] as const)('receives by %s', (interrupts) => {
    const machine = gceN1();
    const nic = machine.attach(virtioNet({ interrupts }));

    machine.nics[0]!.receive(FRAME);

    expect(nic.receiveWithin(SECOND)).toEqual(FRAME);
    expect(machine.findings).toEqual([]);
  });

  test('reaches a driver on another machine over a hub, on one clock', () => {
    const hub = new Hub();
    const clock = new Clock();
    const one = gceN1({ clock, nics: [{ backend: hub.port('one') }] });
    const other = gceN1({ clock, nics: [{ backend: hub.port('other'), mac: '42:01:0a:80:00:03' }] });
    const sender = one.attach(virtioNetDriver);
    const receiver = other.attach(virtioNetDriver);

    sender.send(FRAME);

    expect(receiver.receiveWithin(SECOND)).toEqual(FRAME);
  });

  test('uses queues, one pair a vCPU, after VQ_PAIRS_SET', () => {
    const machine = gceN1({ vcpus: 4, nics: [{ ringSize: 64 }] });
    const nic = machine.attach(virtioNetDriver);

    const accepted = nic.setPairs(4);
    nic.send(FRAME, 3);

    expect([accepted, machine.nics[0]!.fn.bars[1]!.region.size, machine.nics[0]!.sent.length]).toEqual([
      true,
      256,
      1,
    ]);
    expect(machine.findings).toEqual([]);
  });
});

/** Has a count of its timers. */
class CountingClock extends Clock {
  alive = 0;

  override timer(name: string, fire: () => void): Timer {
    this.alive++;
    return super.timer(name, fire);
  }

  override remove(timer: Timer): void {
    this.alive--;
    super.remove(timer);
  }
}

test('a closed machine leaves no timer on a shared clock', () => {
  const clock = new CountingClock();
  const machine = gceN1({ clock, rng: true });
  const open = clock.alive;

  machine.close();

  expect(open).toBeGreaterThan(0);
  expect(clock.alive).toBe(0);
});

describe('resets', () => {
  test('by port CF9 take the machine back to hand-off', () => {
    const machine = gceN1();
    const nic = machine.attach(virtioNetDriver);
    nic.send(FRAME);

    machine.port.out(0xcf9, 0x02, 1);
    machine.port.out(0xcf9, 0x06, 1);
    machine.attach(virtioNetDriver).send(FRAME);

    expect(machine.nics[0]!.sent).toHaveLength(2);
    expect(machine.functions.flatMap((fn) => fn.bars.map(({ mapped }) => mapped))[0]).toBe(0xc000);
  });

  test('in a handler leave the CPU with interrupts off', () => {
    const { port, chassis } = gceN1();
    const { apic } = chassis.interrupts;
    const raise = (vector: number) => {
      port.write(0xfee0_00f0, 0x1ff, 4); // software enable, which a reset takes back
      apic.message(0xfee0_0000, vector);
      port.wait(() => false, 10_000);
    };
    let resets = 0;
    let taken = 0;
    port.handle(0x40, () => {
      resets++;
      port.out(0xcf9, 0x06, 1);
    });
    port.unmask();
    raise(0x40);
    port.handle(0x41, () => taken++);

    raise(0x41);

    expect([resets, taken]).toEqual([1, 0]);
  });

  test('and sleep are reported to listeners', () => {
    const machine = gceN1();
    const heard: unknown[] = [];
    machine.events.on('reset', (kind) => heard.push(kind)).on('sleep', (type) => heard.push(type));

    machine.port.out(0xb004, 0x2000, 2);
    machine.port.out(0xcf9, 0x06, 1);

    expect(heard).toEqual([0, 'hard']);
  });
});

describe('options', () => {
  test.each([
    [
      { nics: [{ mac: '42:01' }] },
      'nics[0].mac must be six hex bytes (example 42:01:0a:80:00:02); got "42:01"',
    ],
    [{ disks: [{ bytes: 100 }] }, 'disks[0].bytes must be a multiple of 512 bytes, above 0'],
    [{ scsi: { ringSize: 100 } }, 'scsi.ringSize must be a power of two from 2 to 32768; got 100'],
    [{ memory: { below4G: 1000 } }, 'memory.below4G must be a multiple of 4096 bytes; got 1000'],
    [{ seed: -1 }, 'seed must be a whole number from 0 to 4294967295; got -1'],
    [{ nics: [{ colour: 'red' }] }, 'nics[0]: "colour" is not an option'],
    [{ nics: [{ offer: ['TSO'] }] }, 'nics[0].offer[0] must be one of CSUM, GUEST_CSUM, '],
    [{ colour: 'red' }, 'options: "colour" is not an option'],
    [{ nic: [] }, 'options: "nic" is not an option; did you mean nics?'],
    [{ disks: [{ byte: 512 }] }, 'disks[0]: "byte" is not an option; did you mean bytes?'],
    [{ disks: [{ bytes: new Uint8Array(512) }] }, '(example { medium: MemoryMedium.from(bytes) })'],
    [{ disks: [{}] }, 'disks[0]: needs one of file, bytes and medium'],
    [[], 'options must be an object; got []'],
    [null, 'options must be an object; got null'],
    [{ memory: [] }, 'memory must be an object; got []'],
    [{ disks: [{ bytes: 2 ** 60 }] }, 'disks[0].bytes must be a multiple of 512 bytes'],
    [{ disks: [{ bytes: 512, target: 254 }] }, 'disks[0].target must be a target from 0 to 253; got 254'],
    [{ disks: [{ bytes: 512, lun: 2 }] }, 'disks[0].lun must be a LUN from 0 to 1; got 2'],
    [
      {
        disks: [
          { bytes: 512, target: 3 },
          { bytes: 512, target: 3 },
        ],
      },
      'disks[1] must be at a target and LUN that no other disk has; got {"target":3,"lun":0}',
    ],
    [
      { memory: { above4G: 2 ** 50 } },
      'memory must be an amount of RAM that this process can allocate; got 1125900041060352',
    ],
  ])('%j are refused with path, value and expectation', (options, message) => {
    expect(() => gceN1(options as object)).toThrow(message);
  });
});

test.each([
  [0x1_0000, 1, 'port must be from 0 to 65535'],
  [0x3f8, 3, 'width must be 1, 2 or 4 bytes; got 3'],
  [Number.NaN, 1, 'port must be from 0 to 65535'],
])("an access of port %s with %s bytes is the caller's mistake", (port, width, message) => {
  const machine = gceN1();

  expect(() => machine.port.in(port, width as 1)).toThrow(message);
});

test('the same seed gives the same run, byte for byte', () => {
  const run = () => {
    const machine = gceN1({ seed: 7, rng: true });
    machine.attach(virtioScsiDriver).read(1, 0, 64);
    machine.attach(virtioNetDriver).send(FRAME);
    return [machine.now, machine.chassis.board.memory.ranges[0]!.bytes];
  };

  expect(run()).toEqual(run());
});

test('a guest finds what QEMU shows on qemuPc: class, MSI-X of 4 KiB', () => {
  const machine = qemuPc();

  const scsi = enumerate(machine.port).find(({ id }) => id.device === 0x1004)!;

  expect([scsi.id.class, scsi.bars.map(({ size }) => size), scsi.msixVectors]).toEqual([
    0x01_0000,
    [64, 4096],
    4,
  ]);
});

test('MSI-X vectors beyond the 128 that fit the 4 KiB of QEMU move the pending bits behind them', () => {
  const machine = qemuPc({ vcpus: 64 });

  const { fn } = machine.nics[0]!;

  // 129 vectors of 16 bytes end at 810; three words of pending bits follow.
  expect([fn.bars[1]!.region.size, fn.readConfig(0x48, 4)]).toEqual([4096, 0x811]);
});
