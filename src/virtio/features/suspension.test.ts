import { expect, test } from 'vitest';
import {
  acceptable,
  disable,
  isVirtio,
  TRANSPORT_FEATURES,
  VirtioDriver,
  virtioNet,
} from '../../guest/index.ts';
import { gceN1, type MachineOptions } from '../../index.ts';

const TIME = 100_000;
/** In the Command register. */
const BUS_MASTER = 4;
const ROOM = 32;
const [DRIVER_OK, SUSPEND] = [0x04, 0x10];
const [WORKS, SUSPENDING, SUSPENDED] = [0x0f, 0x1f, 0x1b];
const NEEDS_RESET = 0x40;
const MILLISECOND = 1_000_000;
/** Longer than a device waits for pending work. */
const LONG = 1_000 * MILLISECOND;
/** The feature for the link status of a card. */
const STATUS = 16;
/** ISR: the configuration changed. */
const CONFIG = 2;

/** A machine with a driver that has set up a device of that type and may suspend it. */
function driven(type: 'rng' | 'net' | 'scsi', options: MachineOptions = {}) {
  const machine = gceN1({ virtio: 'modern', rng: true, ringFeatures: ['SUSPEND'], ...options });
  const { bdf } = machine.functions.find((fn) => isVirtio(machine.idOf(fn.bdf)!, type))!;
  const device = new VirtioDriver(machine.port, bdf, type, { interrupts: 'polled' });
  device.negotiate((offered) => acceptable(offered, [...TRANSPORT_FEATURES, STATUS]));
  const queue = device.addQueue(0, () => {});
  return { machine, device, queue, transport: device.transport };
}

test('SUSPEND is ignored until the device is set up', () => {
  const { transport } = driven('rng');

  transport.raise(SUSPEND);

  expect(transport.status & SUSPEND).toBe(0);
});

test('a device takes time to be suspended, and to resume', () => {
  const { machine, device, transport } = driven('rng', { suspendTime: TIME });
  device.ready();
  const states = [transport.status];
  const look = () => states.push(transport.status);

  transport.raise(SUSPEND);
  look();
  machine.port.wait(() => false, TIME);
  look();
  transport.raise(DRIVER_OK);
  look();
  machine.port.wait(() => false, TIME);
  look();

  expect(states).toEqual([WORKS, SUSPENDING, SUSPENDED, SUSPENDED, WORKS]);
});

test('a suspended device takes no buffer until it resumes', () => {
  const { machine, device, queue } = driven('rng');
  device.ready();
  device.suspend();
  queue.add([], [{ address: machine.port.allocate(ROOM, 1), length: ROOM }]);
  device.kick(queue);
  const before = queue.take();
  device.resume();

  expect([before, queue.take()?.length]).toEqual([null, ROOM]);
});

test('a suspended device reports a change of its configuration only when it resumes', () => {
  const { machine, device, transport } = driven('net');
  device.ready();
  device.suspend();
  machine.nics[0]!.setLink(false);
  const asleep = transport.takeInterruptStatus();
  device.resume();

  expect([asleep, transport.takeInterruptStatus() & CONFIG]).toEqual([0, CONFIG]);
});

test('a suspended device shows its old configuration, and the changed one when it resumes', () => {
  const [LINK, DOWN, UP] = [6, 0, 1];
  const { machine, device, transport } = driven('net');
  device.ready();
  device.suspend();
  machine.nics[0]!.setLink(false);
  const asleep = transport.readConfig(LINK, 2);
  device.resume();

  expect([asleep, transport.readConfig(LINK, 2)]).toEqual([UP, DOWN]);
});

test('a suspended device ignores writes to its configuration', () => {
  const SENSE_SIZE = 20;
  const { device, transport } = driven('scsi');
  device.ready();
  device.suspend();
  transport.writeConfig(SENSE_SIZE, 48, 4);
  device.resume();

  expect(transport.readConfig(SENSE_SIZE, 4)).toBe(96);
});

test('a reset ends it', () => {
  const { device, transport } = driven('rng', { suspendTime: TIME });
  device.ready();
  transport.raise(SUSPEND);
  transport.reset();

  expect(transport.status).toBe(0);
});

test('a card continues after suspension without a new setup', () => {
  const machine = gceN1({ virtio: 'modern', ringFeatures: ['SUSPEND'] });
  const nic = machine.attach(virtioNet({ interrupts: 'polled' }));
  const frame = Uint8Array.from({ length: 60 }, (_, i) => i);

  nic.suspend();
  nic.resume();
  machine.nics[0]!.receive(frame);

  expect(nic.receiveWithin(TIME)).toEqual(frame);
  expect(machine.journal.findings).toEqual([]);
});

/** An entropy device with a completion delay of a millisecond, and one buffer pending. */
function busy(options: MachineOptions = {}) {
  const made = driven('rng', { completion: { latency: [MILLISECOND, MILLISECOND] }, ...options });
  const { machine, device, queue, transport } = made;
  const lend = () => queue.add([], [{ address: machine.port.allocate(ROOM, 1), length: ROOM }]);
  device.ready();
  lend();
  device.kick(queue);
  transport.raise(SUSPEND);
  return { ...made, lend, pass: (time: number) => machine.port.wait(() => false, time) };
}

test('a device is suspended only after it has used its buffers and sent the interrupt', () => {
  const { queue, transport, pass } = busy();
  const before = [transport.status, queue.take()];
  pass(2 * MILLISECOND);

  expect(before).toEqual([SUSPENDING, null]);
  expect([transport.status, queue.take()?.length]).toEqual([SUSPENDED, ROOM]);
});

test('a device that is being suspended takes no further buffer', () => {
  const { device, queue, lend, pass } = busy();
  lend();
  device.kick(queue);
  pass(5 * MILLISECOND);

  expect([queue.take()?.length, queue.take()]).toEqual([ROOM, null]);
});

test('a disk answers pending requests before it is suspended', () => {
  const machine = gceN1({
    virtio: 'modern',
    ringFeatures: ['SUSPEND'],
    disks: [{ bytes: 1 << 20 }],
    scsi: { latency: MILLISECOND },
  });
  const { bdf } = machine.functions.find((fn) => isVirtio(machine.idOf(fn.bdf)!, 'scsi'))!;
  const device = new VirtioDriver(machine.port, bdf, 'scsi', { interrupts: 'polled' });
  device.negotiate((offered) => acceptable(offered, [...TRANSPORT_FEATURES]));
  const queue = device.addQueue(2, () => {});
  device.ready();
  const [request, response] = [machine.port.allocate(51, 1), machine.port.allocate(108, 1)];
  queue.add([{ address: request, length: 51 }], [{ address: response, length: 108 }]);
  device.kick(queue);
  const suspended = device.suspend();

  expect([suspended, queue.take()?.length]).toEqual([true, 108]);
});

test('a card that is being suspended keeps incoming frames', () => {
  const machine = gceN1({ virtio: 'modern', ringFeatures: ['SUSPEND'], suspendTime: TIME });
  const nic = machine.attach(virtioNet({ interrupts: 'polled' }));
  const frame = new Uint8Array(60);
  nic.suspend();
  machine.nics[0]!.receive(frame);
  const asleep = nic.receive();
  nic.resume();

  expect([asleep, nic.receiveWithin(TIME)]).toEqual([null, frame]);
});

test('a device that cannot return its buffers needs a reset, and is not suspended', () => {
  const { machine, transport, pass } = busy();
  const { bdf } = machine.functions.find((fn) => isVirtio(machine.idOf(fn.bdf)!, 'rng'))!;
  disable(machine.port, bdf, BUS_MASTER);
  pass(LONG);

  expect(transport.status).toBe(WORKS | NEEDS_RESET);
});

test('a device that fails to suspend reports it', () => {
  const { device, transport } = driven('rng', { suspendFails: 'suspend' });
  device.ready();
  transport.raise(SUSPEND);

  expect(transport.status).toBe(WORKS | NEEDS_RESET);
});

test('a device that fails to resume reports it, and ignores another attempt', () => {
  const { device, transport } = driven('rng', { suspendFails: 'resume' });
  device.ready();
  device.suspend();
  transport.raise(DRIVER_OK);
  const first = transport.status;
  transport.raise(DRIVER_OK);

  expect([first, transport.status]).toEqual([SUSPENDED | NEEDS_RESET, SUSPENDED | NEEDS_RESET]);
});

test('a device that broke down is not suspended', () => {
  const { machine, device, transport } = driven('rng');
  device.ready();
  for (const one of machine.virtio) one.breakDown();
  transport.raise(SUSPEND);

  expect(transport.status).toBe(WORKS | NEEDS_RESET);
});

test.each(['suspend', 'resume'] as const)('a driver goes on with a card that fails to %s', (suspendFails) => {
  const machine = gceN1({ virtio: 'modern', ringFeatures: ['SUSPEND'], suspendFails });
  const nic = machine.attach(virtioNet({ interrupts: 'polled' }));
  const frame = new Uint8Array(60);
  nic.suspend();
  nic.resume();
  nic.send(frame);

  expect(machine.nics[0]!.sent).toEqual([frame]);
  expect(machine.journal.findings).toEqual([]);
});
