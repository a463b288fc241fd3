import { expect, test } from 'vitest';
import { acceptable, isVirtio, TRANSPORT_FEATURES, VirtioDriver, virtioNet } from '../../guest/index.ts';
import { gceN1, type MachineOptions } from '../../index.ts';

const TIME = 100_000;
const ROOM = 32;
const [DRIVER_OK, SUSPEND] = [0x04, 0x10];
const [WORKS, SUSPENDING, SUSPENDED] = [0x0f, 0x1f, 0x1b];
/** The feature by which a card tells of its link. */
const STATUS = 16;
/** ISR: the configuration changed. */
const CONFIG = 2;

/** A machine with a driver for the device of that type, which has set it up and may suspend it. */
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

test('a device takes its time to be suspended, and to work again', () => {
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

test('a suspended device takes no buffer, and takes it when it works again', () => {
  const { machine, device, queue } = driven('rng');
  device.ready();
  device.suspend();
  queue.add([], [{ address: machine.port.allocate(ROOM, 1), length: ROOM }]);
  device.kick(queue);
  const before = queue.take();
  device.resume();

  expect([before, queue.take()?.length]).toEqual([null, ROOM]);
});

test('a suspended device tells of no change of its configuration, and does so when it works again', () => {
  const { machine, device, transport } = driven('net');
  device.ready();
  device.suspend();
  machine.nics[0]!.setLink(false);
  const asleep = transport.takeInterruptStatus();
  device.resume();

  expect([asleep, transport.takeInterruptStatus() & CONFIG]).toEqual([0, CONFIG]);
});

test('a suspended device ignores what is written to its configuration', () => {
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

test('a card that was suspended goes on where it was, without being set up anew', () => {
  const machine = gceN1({ virtio: 'modern', ringFeatures: ['SUSPEND'] });
  const nic = machine.attach(virtioNet({ interrupts: 'polled' }));
  const frame = Uint8Array.from({ length: 60 }, (_, i) => i);

  nic.suspend();
  nic.resume();
  machine.nics[0]!.receive(frame);

  expect(nic.receiveWithin(TIME)).toEqual(frame);
  expect(machine.journal.findings).toEqual([]);
});
