import { describe, expect, test } from 'vitest';
import {
  acceptable,
  DriverError,
  enumerate,
  isVirtio,
  TRANSPORT_FEATURES,
  VirtioDriver,
  virtioNet,
  virtioRng,
  virtioScsi,
} from '../../src/guest/index.ts';
import { Clock, gceN1, type Machine, type MachineOptions, MisuseError } from '../../src/index.ts';

const SECOND = 1_000_000_000;
const LATENCY = 100_000;
const MIB = 1 << 20;
const SMALL = { memory: { below4G: 16 * MIB }, disks: [] } satisfies MachineOptions;
const FRAME = new Uint8Array(60).fill(0x5a);

function ramOf(machine: Machine): Buffer {
  return Buffer.from(machine.chassis.board.memory.ranges[0]!.bytes);
}

describe('completions without a waiting driver', () => {
  const machineWithFrameOut = (options: MachineOptions = {}) => {
    const completion = { latency: LATENCY, interrupts: { spurious: 1 } };
    const machine = gceN1({ ...SMALL, completion, ...options });
    const nic = machine.attach(virtioNet());
    nic.post(FRAME);
    return { machine, nic };
  };

  const rngWithRequestOut = () => {
    const machine = gceN1({
      ...SMALL,
      rng: true,
      virtio: 'modern',
      ringFeatures: ['RING_RESET'],
      completion: { latency: LATENCY, spoil: true },
    });
    const { port } = machine;
    const { bdf } = enumerate(port).find(({ id }) => isVirtio(id, 'rng'))!;
    const device = new VirtioDriver(port, bdf, 'rng');
    device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
    const used: number[] = [];
    const queue = device.addQueue(0, () => queue.drain((_id, length) => used.push(length)));
    device.ready();
    const address = port.allocate(64, 8);
    queue.add([], [{ address, length: 64 }]);
    device.kick(queue);
    return { machine, device, queue, address, used };
  };

  test('are not written when the driver has reset the device', () => {
    const { machine, nic } = machineWithFrameOut();
    nic.close();
    const then = ramOf(machine);

    machine.chassis.board.clock.advance(SECOND);

    expect(Buffer.compare(then, ramOf(machine))).toBe(0);
  });

  test('are not written when the driver has taken the queue back', () => {
    const { machine, device, queue, used } = rngWithRequestOut();
    device.resetQueue(queue);
    const then = ramOf(machine);

    machine.chassis.board.clock.advance(SECOND);

    expect(Buffer.compare(then, ramOf(machine))).toBe(0);
    expect(used).toEqual([]);
  });

  test('are written when it has not, with db until then', () => {
    const { machine, address, used } = rngWithRequestOut();
    const then = machine.port.memory.load(address, 4);

    machine.port.wait(() => used.length > 0, SECOND);

    expect([then, used]).toEqual([0xdbdb_dbdb, [64]]);
    expect(machine.port.memory.load(address, 4)).not.toBe(then);
  });

  test('are not written when the NIC is pulled', () => {
    const { machine } = machineWithFrameOut();
    const then = ramOf(machine);

    machine.removeNic(machine.nics[0]!);
    machine.chassis.board.clock.advance(SECOND);

    expect(Buffer.compare(then, ramOf(machine))).toBe(0);
  });

  test('are not written when the machine is reset', () => {
    const { machine } = machineWithFrameOut({ firmware: true });
    machine.reset('hard');
    const then = ramOf(machine);

    machine.chassis.board.clock.advance(SECOND);

    expect(Buffer.compare(then, ramOf(machine))).toBe(0);
  });

  test('leave no timer on a clock that others share', () => {
    const clock = new Clock();
    const { machine } = machineWithFrameOut({ clock });
    const then = ramOf(machine);

    machine.close();
    clock.advance(SECOND);

    expect(Buffer.compare(then, ramOf(machine))).toBe(0);
  });
});

describe('interrupts that are lost', () => {
  const machineFor = () => gceN1({ ...SMALL, rng: true, completion: { interrupts: { lost: 1 } } });

  test('are no loss to a driver that polls', () => {
    expect(
      machineFor()
        .attach(virtioRng({ interrupts: 'polled' }))
        .read(64),
    ).toHaveLength(64);
  });

  test.each(['intx', 'msix'] as const)('end in an error of a driver that waits for %s', (interrupts) => {
    const rng = machineFor().attach(virtioRng({ interrupts }));

    expect(() => rng.read(64)).toThrow(DriverError);
  });
});

describe('the option `completion`', () => {
  test('makes a run that is the same again with the same seed', () => {
    const play = (seed: number) => {
      const completion = { latency: [1000, 500_000], order: 'random' } as const;
      const machine = gceN1({ memory: { below4G: 8 * MIB }, seed, completion, disks: [{ bytes: MIB }] });
      const host = machine.attach(virtioScsi());
      host.write(1, 0, new Uint8Array(32 * 1024).fill(seed));
      return [machine.now, ramOf(machine).toString('base64')];
    };

    expect(play(7)).toEqual(play(7));
    expect(play(7)[0]).not.toBe(play(8)[0]);
  });

  test('does not change other random choices of the seed', () => {
    const bytes = (completion?: MachineOptions['completion']) =>
      gceN1({ ...SMALL, rng: true, ...(completion && { completion }) })
        .attach(virtioRng())
        .read(64);

    expect(bytes({ latency: [1, 9000], order: 'random' })).toEqual(bytes());
  });

  test("adds to a disk's own time", () => {
    const machine = gceN1({ ...SMALL, scsi: { latency: 300_000 }, completion: { latency: 200_000 } });
    const host = machine.attach(virtioScsi());
    const start = machine.now;

    host.inquiry(1);

    // Half a millisecond, and the microseconds of a few accesses.
    expect(Math.floor((machine.now - start) / 100_000)).toBe(5);
  });

  test('keeps the time of each queue, however many a device has', () => {
    const machine = gceN1({ ...SMALL, nics: [{ queues: 2 }], completion: { latency: LATENCY } });
    const nic = machine.attach(virtioNet());
    nic.setPairs(2);
    const start = machine.now;

    nic.post(FRAME, 0);
    machine.chassis.board.clock.advance(LATENCY / 2);
    nic.post(FRAME, 1);
    nic.flush(0);

    // The other queue's frame is done half a latency later.
    expect(machine.now - start).toBeLessThan(1.25 * LATENCY);
  });

  test('of a NIC or of the SCSI adapter overrides the machine’s', () => {
    const machine = gceN1({
      ...SMALL,
      completion: { latency: 7_000_000 },
      nics: [{ completion: {} }, {}],
      scsi: { completion: {} },
    });
    const nic = machine.attach(virtioNet());
    const host = machine.attach(virtioScsi());
    const start = machine.now;

    nic.send(FRAME);
    host.inquiry(1);

    expect(machine.now - start).toBeLessThan(7_000_000);
  });

  test.each([
    [{ latency: -1 }, 'completion.latency'],
    [{ latency: [9, 1] as const }, 'completion.latency'],
    [{ latency: [1, 2, 3] as never }, 'completion.latency'],
    [{ latency: 1.5 }, 'completion.latency'],
    [{ order: 'lifo' as never }, 'completion.order'],
    [{ batch: { chains: 1, within: 1 } }, 'completion.batch.chains'],
    [{ batch: { chains: 2 } as never }, 'completion.batch.within'],
    [{ interrupts: { coalesce: { interrupts: 2, within: 0 } } }, 'completion.interrupts.coalesce.within'],
    [{ interrupts: { lost: -1 } }, 'completion.interrupts.lost'],
    [{ spoiled: true } as never, 'completion'],
  ])('is refused as %j', (completion, path) => {
    expect(() => gceN1({ completion })).toThrow(MisuseError);
    expect(() => gceN1({ completion })).toThrow(path);
  });
});

describe('a ring of which the device holds every entry', () => {
  // More than twice as many as it has: with EVENT_IDX, a driver stops unless it is asked to kick again.
  const FRAMES = 100;

  test.each(['split', 'packed'] as const)('is kicked again as soon as the driver has room: %s', (format) => {
    const machine = gceN1({
      virtio: 'modern',
      ringFeatures: format === 'packed' ? ['RING_PACKED', 'EVENT_IDX'] : ['EVENT_IDX'],
      nics: [{ ringSize: 16 }],
      completion: { latency: LATENCY },
    });
    const nic = machine.attach(virtioNet());

    for (let i = 0; i < FRAMES; i++) nic.post(FRAME);
    nic.flush();

    expect(machine.nics[0]!.sentTotal).toBe(FRAMES);
  });
});
