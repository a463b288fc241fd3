import { describe, expect, test } from 'vitest';
import { virtioNet, virtioScsi } from '../../src/guest/index.ts';
import {
  Clock,
  gceN1,
  Hub,
  type Machine,
  type MachineOptions,
  MemoryMedium,
  MisuseError,
} from '../../src/index.ts';
import { FRAME } from '../nics.ts';

const MIB = 1 << 20;
const SMALL: MachineOptions = {
  firmware: { used: false },
  memory: { below4G: 16 * MIB },
  nics: [{ queues: 1 }],
};
const drive = (machine: Machine) => machine.attach(virtioScsi({ interrupts: 'polled' }));

/** A disk on whose first read `act` is done. */
function actingDisk(act: () => void): MemoryMedium {
  const medium = new MemoryMedium(MIB);
  const read = medium.read.bind(medium);
  let first = true;
  medium.read = (...given) => {
    if (first) act();
    first = false;
    return read(...given);
  };
  return medium;
}

describe("a medium's call of its machine", () => {
  test('is done when the request is answered', () => {
    const medium = actingDisk(() => machine.removeDisk(machine.disks[0]!));
    const machine = gceN1({ ...SMALL, disks: [{ medium, target: 1 }] });
    const host = drive(machine);
    host.testUnitReady(1);

    expect(host.read(1, 0, 1)).toEqual(new Uint8Array(512));

    expect([machine.disks, host.inquiry(1)]).toEqual([[], null]);
  });

  test('is checked at once: an invalid call throws', () => {
    const heard: unknown[] = [];
    const medium = actingDisk(() => {
      try {
        machine.resizeDisk(machine.disks[0]!, 5);
      } catch (error) {
        heard.push(error);
      }
    });
    const machine = gceN1({ ...SMALL, disks: [{ medium, target: 1 }] });
    const host = drive(machine);
    host.testUnitReady(1);

    host.read(1, 0, 1);

    expect(heard).toEqual([expect.any(MisuseError)]);
  });

  test('shows in the lists at once, and disks that are added together have places of their own', () => {
    const shown: unknown[] = [];
    const medium = actingDisk(() => {
      const added = [machine.addDisk({ bytes: 512 }), machine.addDisk({ bytes: 1024 })];
      machine.removeDisk(added[0]!);
      shown.push(...machine.disks.map(({ target }) => target));
    });
    const machine = gceN1({ ...SMALL, disks: [{ medium, target: 1 }] });
    const host = drive(machine);
    host.testUnitReady(1);

    host.read(1, 0, 1);
    host.testUnitReady(3);

    expect([shown, host.readCapacity(3).blocks]).toEqual([[1, 3], 2]);
  });

  test('is done in order if a reset comes first', () => {
    const told: string[] = [];
    const medium = actingDisk(() => {
      machine.reset('hard');
      machine.removeDisk(machine.disks[0]!);
      told.push('asked');
    });
    const machine = gceN1({ ...SMALL, disks: [{ medium, target: 1 }] });
    machine.events.on('reset', () => told.push(`reset with ${machine.chassis.bus.all().length > 0}`));
    const host = drive(machine);
    host.testUnitReady(1);

    host.read(1, 0, 1);

    expect(told).toEqual(['asked', 'reset with true']);
    expect(drive(machine).inquiry(1)).toBeNull();
  });

  test('may close it: the medium is not called any more, and the access is done', () => {
    const medium = actingDisk(() => {
      machine.close();
      expect(() => machine.reset('hard')).toThrow('the machine is closed');
    });
    const machine = gceN1({ ...SMALL, disks: [{ medium, target: 1 }] });
    const host = drive(machine);
    host.testUnitReady(1);

    expect(() => host.read(1, 0, 1)).toThrow('the machine is closed');
  });
});

describe("a listener's call of", () => {
  test('another machine on the same clock, busy with the same frame, waits as well', () => {
    const hub = new Hub();
    const clock = new Clock();
    const [left, right] = ['left', 'right'].map((name) =>
      gceN1({ ...SMALL, clock, nics: [{ queues: 1, backend: hub.port(name) }] }),
    ) as [Machine, Machine];
    const there: number[] = [];
    right.nics[0]!.onFrame = () => {
      left.removeNic(left.nics[0]!);
      there.push(left.functions.filter(({ name }) => name === 'net0').length);
    };
    const nic = left.attach(virtioNet({ interrupts: 'polled' }));

    nic.send(FRAME);

    expect([there, left.functions.some(({ name }) => name === 'net0')]).toEqual([[1], false]);
  });

  test('its own machine ends, with an error that says so', () => {
    const machine = gceN1(SMALL);
    let resets = 0;
    machine.events.on('reset', () => {
      resets++;
      machine.reset('soft');
    });

    expect(() => machine.reset('soft')).toThrow('reset: follows from itself without end');

    machine.port.in(0x80, 1);
    // The first, the one that it requests, and 256 that follow.
    expect(resets).toBe(258);
  });

  test('attach needs answers, and throws', () => {
    const machine = gceN1(SMALL);
    machine.events.on('reset', () => machine.attach(virtioNet()));

    expect(() => machine.reset('soft')).toThrow('a driver needs answers');
  });
});

describe('a nested access', () => {
  test('that kicks the busy device is served when that is done, and each chain comes back once', () => {
    const medium = actingDisk(() => {
      machine.port.out(machine.functions.find(({ name }) => name === 'scsi0')!.bars[0]!.mapped! + 16, 2, 2);
      machine.port.wait(() => false, 1_000_000);
    });
    const machine = gceN1({ ...SMALL, disks: [{ medium, target: 1 }] });
    const host = drive(machine);
    host.testUnitReady(1);

    expect(host.read(1, 0, 1)).toEqual(new Uint8Array(512));

    expect(host.read(1, 0, 1)).toEqual(new Uint8Array(512));
  });

  test('that resets the busy device does so when the request is answered', () => {
    const medium = actingDisk(() =>
      machine.port.out(machine.functions.find(({ name }) => name === 'scsi0')!.bars[0]!.mapped! + 18, 0, 1),
    );
    const machine = gceN1({ ...SMALL, disks: [{ medium, target: 1 }] });
    const host = drive(machine);
    host.testUnitReady(1);

    expect(host.read(1, 0, 1)).toEqual(new Uint8Array(512));

    expect(machine.virtio.find(({ name }) => name === 'scsi0')!.status).toBe(0);
    expect(drive(machine).read(1, 0, 1)).toEqual(new Uint8Array(512));
  });

  test('that resets the machine does so when the request is answered', () => {
    const medium = actingDisk(() => {
      machine.port.out(0xcf9, 0x06, 1);
    });
    const machine = gceN1({ ...SMALL, disks: [{ medium, target: 1 }] });
    const resets: string[] = [];
    const host = drive(machine);
    host.testUnitReady(1);
    machine.events.on('command', () => resets.push('answered')).on('reset', (kind) => resets.push(kind));

    host.read(1, 0, 1);

    expect(resets.slice(-2)).toEqual(['answered', 'hard']);
  });
});

describe('a listener', () => {
  test('may be added and removed while others are called', () => {
    const { events, port } = gceN1(SMALL);
    const told: string[] = [];
    const last = () => told.push('last');
    events.on('sleep', () => {
      told.push('first');
      events.off('sleep', last).on('sleep', () => told.push('new'));
    });
    events.on('sleep', last);

    port.out(0xb004, 0x2001, 2);

    expect(told).toEqual(['first']);
  });

  test('is called although another throws', () => {
    const { events, port } = gceN1(SMALL);
    const told: number[] = [];
    events
      .on('sleep', () => {
        throw new Error('out of paper');
      })
      .on('sleep', (type) => told.push(type));

    expect(() => port.out(0xb004, 0x2001, 2)).toThrow('out of paper');

    expect(told).toEqual([0]);
  });

  test('of a serial port that is removed does not get even the present byte', () => {
    const machine = gceN1({ ...SMALL, serial: { pace: 'instant' } });
    const told: string[] = [];
    const com1 = machine.serial[0]!;
    com1.listen({ receive: () => end() });
    const end = com1.listen({ receive: () => told.push('second') });

    machine.port.out(0x3f8, 0x61, 1);
    machine.port.wait(() => false, 1_000_000);

    expect([com1.text, told]).toEqual(['a', []]);
  });

  test('of a dialogue that one of its own steps ends does nothing more', () => {
    const machine = gceN1({ ...SMALL, serial: { pace: 'instant' } });
    const done: string[] = [];
    const dialogue = machine.serial[0]!.dialogue();
    dialogue.expect('a').do(() => dialogue.finish());
    dialogue.do(() => done.push('more'));

    machine.port.out(0x3f8, 0x61, 1);
    expect(() => machine.port.wait(() => false, 1_000_000)).toThrow();

    expect(done).toEqual([]);
  });
});
