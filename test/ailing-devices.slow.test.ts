import { expect, test } from 'vitest';
import { behind } from '../src/conformance/broken/behind.ts';
import { conform } from '../src/conformance/index.ts';
import {
  DEVICE_STATUS,
  findStructures,
  type GuestPort,
  ModernTransport,
  SECOND,
  virtioBalloon,
  virtioNet,
  virtioRng,
  virtioScsiDriver,
} from '../src/guest/index.ts';
import { gceN1, type Machine, MemoryMedium } from '../src/index.ts';

const FRAME = new Uint8Array(60);
const [CTRL_VQ, MQ, MRG_RXBUF, VERSION_1] = [17, 22, 15, 32];
const MIB = 1 << 20;
const nicOf = (machine: Machine) => machine.virtio.find(({ name }) => name === 'net0')!;
const namesOf = (machine: Machine) => machine.attach(virtioNet({ interrupts: 'polled' })).features;

test('every virtio device is present by its name and its address', () => {
  const machine = gceN1({ rng: true, balloon: true });

  expect(machine.virtio.map(({ name, fn }) => [name, fn.bdf])).toEqual([
    ['scsi0', 0x18],
    ['net0', 0x20],
    ['balloon0', 0x28],
    ['rng0', 0x30],
  ]);
  expect(machine.virtio[0]).toBe(machine.virtio[0]);
});

test('a device that breaks down serves nothing, reports it, and works after a reset', () => {
  const machine = gceN1({ virtio: 'modern' });
  const { port } = machine;
  const nic = machine.attach(virtioNet({ interrupts: 'intx' }));
  let interrupts = 0;
  machine.events.on('interrupt', () => interrupts++);

  nicOf(machine).breakDown();

  expect(() => nic.send(FRAME)).toThrow('transmit queue 1 keeps 1 frames');
  const ill = new ModernTransport(port, findStructures(port, nicOf(machine).fn.bdf)!).status;
  expect([ill & DEVICE_STATUS.mask.DEVICE_NEEDS_RESET, interrupts]).toEqual([0x40, 1]);
  machine.attach(virtioNet()).send(FRAME);
  expect([machine.nics[0]!.sentTotal, machine.findings]).toEqual([1, []]);
});

test('behind the legacy interface it is only silent', () => {
  const machine = gceN1();
  const nic = machine.attach(virtioNet({ interrupts: 'intx' }));
  let interrupts = 0;
  machine.events.on('interrupt', () => interrupts++);

  nicOf(machine).breakDown();
  machine.port.wait(() => false, SECOND / 1000);

  expect([nicOf(machine).interface, nic.linkUp, interrupts]).toEqual(['legacy', true, 0]);
});

test('a withheld feature is gone with those that need it', () => {
  const machine = gceN1({ vcpus: 2 });

  nicOf(machine).offer({ without: [CTRL_VQ] });

  expect(namesOf(machine)).toEqual([
    ...['CSUM', 'GUEST_CSUM', 'MAC', 'GUEST_TSO4', 'GUEST_TSO6', 'HOST_TSO4', 'HOST_TSO6'],
    ...['MRG_RXBUF', 'STATUS'],
  ]);
});

test('a feature alone comes with what it needs, and with VERSION_1', () => {
  const machine = gceN1({ virtio: 'modern', vcpus: 2 });

  nicOf(machine).offer({ only: [MQ] });

  expect(namesOf(machine)).toEqual(['CTRL_VQ', 'MQ', 'VERSION_1']);
});

test('a device offers what it has, and nothing else', () => {
  const nic = nicOf(gceN1({ virtio: 'modern', nics: [{ mergeable: false }] }));

  expect(nic.features).toEqual(expect.arrayContaining([CTRL_VQ, VERSION_1]));
  expect(() => nic.offer({ only: [MRG_RXBUF] })).toThrow('net0.offer must be one of its features');
});

test('a change made after a read of the configuration falls between two reads', () => {
  const machine = gceN1({ balloon: true });
  const balloon = machine.attach(virtioBalloon({ interrupts: 'polled' }));
  const reads: number[][] = [];
  machine.virtio.find(({ name }) => name === 'balloon0')!.onConfigRead = (...read) => {
    if (reads.push(read) === 1) machine.balloon!.target = 0x100;
  };
  machine.balloon!.target = 0xff;

  // A driver of the legacy interface reads bytes, all of them until two passes agree: the first met both targets.
  expect([balloon.target, reads[0], reads.length]).toEqual([0x100, [0, 1], 24]);
});

test('a link that fails before its driver is ready causes no interrupt', () => {
  const machine = gceN1();
  let interrupts = 0;
  machine.events.on('interrupt', () => interrupts++);
  nicOf(machine).onConfigRead = () => machine.nics[0]!.setLink(false);

  const nic = machine.attach(virtioNet({ interrupts: 'intx' }));
  machine.port.wait(() => false, SECOND / 1000);

  expect([nic.linkUp, interrupts]).toEqual([false, 0]);
});

test('without vectors there is no MSI-X', () => {
  const machine = gceN1({ msix: { vectors: 0 } });

  expect(() => machine.attach(virtioNet({ interrupts: 'msix' }))).toThrow('there is no MSI-X');
  machine.attach(virtioNet()).send(FRAME);
  expect(machine.findings).toEqual([]);
});

test('with one vector all queues share it', () => {
  const machine = gceN1({ msix: { vectors: 1 }, nics: [{ backend: 'loopback' }] });
  const nic = machine.attach(virtioNet({ interrupts: 'msix' }));

  nic.send(FRAME);

  expect([nic.receive(), machine.findings]).toEqual([FRAME, []]);
});

test('a device without free vectors answers that there is none', () => {
  const machine = gceN1({ msix: { mappings: 2 } });

  expect(() => machine.attach(virtioNet({ interrupts: 'msix' }))).toThrow('no vector for queue 2');
});

test('a device that is late to notice a kick answers late', () => {
  const notice = 300_000;
  const machine = gceN1({ rng: true, completion: { notice } });
  const rng = machine.attach(virtioRng({ interrupts: 'polled' }));
  const before = machine.now;

  rng.read(1);

  expect(machine.now - before).toBeGreaterThanOrEqual(notice);
});

test('a resized disk reports it, once, in sense and as an event', () => {
  const machine = gceN1({ disks: [{ bytes: MIB }] });
  const host = machine.attach(virtioScsiDriver);
  host.write(1, 0, new Uint8Array(512).fill(1));
  host.testUnitReady(1);

  machine.resizeDisk(machine.disks[0]!, 2 * MIB);

  expect(host.events()).toMatchObject([{ what: 'changed', target: 1, reason: 0x092a }]);
  expect(host.testUnitReady(1)).toMatchObject([{ key: 6, asc: 0x2a, ascq: 0x09 }]);
  expect(host.readCapacity(1).blocks).toBe((2 * MIB) / 512);
});

test('blocks cut off a disk are zeros when the disk grows again', () => {
  const medium = MemoryMedium.from(new Uint8Array(2048).fill(7));

  medium.resize(1024);
  medium.resize(2048);

  const bytes = new Uint8Array(2048);
  medium.read(0, bytes, 0, 2048);
  expect(bytes).toEqual(new Uint8Array(2048).fill(7, 0, 1024));
});

test('a disk whose medium cannot be resized keeps its size', () => {
  const fixed = new MemoryMedium(MIB);
  const medium = Object.assign(Object.create(fixed) as MemoryMedium, { resize: undefined });
  const machine = gceN1({ disks: [{ medium }] });

  expect(() => machine.resizeDisk(machine.disks[0]!, 2 * MIB)).toThrow('a disk whose medium');
});

test('a driver that waits for ever for a control command of a device that broke down is named', () => {
  const net = virtioNet({ interrupts: 'polled' });
  const stubborn = {
    ...net,
    attach: (port: GuestPort, bdf: number) => {
      const nic = net.attach(waitingForEver(port), bdf);
      for (let i = 0; i < 300; i++) nic.setOffloads(0);
      return nic;
    },
  };

  const { verdicts } = conform(
    { name: 'stubborn', drivers: [stubborn], run: () => {} },
    {
      machine: { virtio: 'modern', patience: 10_000 },
      scenarios: ['devices that break down while they use them'],
      seeds: [1],
    },
  );

  expect(verdicts.filter(({ outcome }) => outcome === 'fail').map(({ clause }) => clause)).toEqual([
    'virtio/STATUS-D4',
  ]);
});

function waitingForEver(port: GuestPort): GuestPort {
  return behind(port, {
    wait: (until, limit) => {
      while (!port.wait(until, limit));
      return true;
    },
  });
}
