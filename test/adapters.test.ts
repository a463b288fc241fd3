import { expect, test } from 'vitest';
import { virtioScsiDriver } from '../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions, MemoryMedium } from '../src/index.ts';

const CONFLICT = 0x18;
const TWO: MachineOptions = { disks: [{ bytes: 1 << 20 }, { bytes: 2 << 20, adapter: 1 }] };

/** A driver for each host adapter. */
function hostsOf(machine: Machine) {
  const adapters = machine.functions.filter(({ name }) => name.startsWith('scsi'));
  return adapters.map(({ bdf }) => virtioScsiDriver.attach(machine.port, bdf!));
}

test('a machine has as many host adapters as its disks name, each with targets of its own', () => {
  const machine = gceN1(TWO);
  const [first, second] = hostsOf(machine);

  second!.write(1, 0, new Uint8Array(512).fill(7));

  expect(machine.disks.map(({ adapter, target, lun }) => [adapter, target, lun])).toEqual([
    [0, 1, 0],
    [1, 1, 0],
  ]);
  expect([first, second].map((host) => host!.readCapacity(1).blocks)).toEqual([2048, 4096]);
  expect([first, second].map((host) => host!.read(1, 0, 1)[0])).toEqual([0, 7]);
  expect(machine.findings).toEqual([]);
});

test('disks come and go behind the adapter that is named', () => {
  const machine = gceN1(TWO);
  const [first, second] = hostsOf(machine);

  const added = machine.addDisk({ bytes: 1 << 20, adapter: 1 });
  const targets = second!.scan().map(({ target }) => target);
  machine.removeDisk(machine.disks[1]!);

  expect([added.target, targets, second!.scan().length, first!.scan().length]).toEqual([2, [1, 2], 1, 1]);
});

test('one medium behind two adapters is reserved by one of them', () => {
  const medium = new MemoryMedium(1 << 20);
  const disk = { medium, multiWriter: true };
  const [first, second] = hostsOf(gceN1({ disks: [disk, { ...disk, adapter: 1 }] }));
  for (const host of [first, second]) host!.testUnitReady(1);
  const out = (action: number, at: number) => {
    const dataOut = new Uint8Array(24);
    dataOut[at] = 1;
    const cdb = Uint8Array.of(0x5f, action, 0x01, 0, 0, 0, 0, 0, 24, 0);
    return first!.execute(1, 0, { name: 'PERSISTENT RESERVE OUT', cdb, dataOut }).status;
  };

  const done = [out(0x06, 15), out(0x01, 7)];
  const write = {
    name: 'WRITE(10)',
    cdb: Uint8Array.of(0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0),
    dataOut: new Uint8Array(512),
  };

  expect([done, second!.execute(1, 0, write).status, first!.execute(1, 0, write).status]).toEqual([
    [0, 0],
    CONFLICT,
    0,
  ]);
});

test('a local SSD is an EphemeralDisk behind an adapter of its own, at slot 4', () => {
  const machine = gceN1({ disks: [{ bytes: 1 << 20 }, { bytes: 1 << 20, kind: 'local-ssd' }] });
  const [, second] = hostsOf(machine);
  const CHARACTERISTICS = 0xb1;

  expect(machine.functions.find(({ name }) => name === 'scsi1')?.bdf).toBe(4 << 3);
  expect(second!.inquiry(1)).toMatchObject({ vendor: 'Google', product: 'EphemeralDisk' });
  expect(String.fromCharCode(...second!.vpd(1, 0x83).subarray(8))).toBe('local-ssd-0');
  expect([...second!.vpd(1, CHARACTERISTICS).subarray(4, 6)]).toEqual([0, 1]);
});

test('an adapter that the machine does not have is misuse', () => {
  expect(() => gceN1().addDisk({ bytes: 512, adapter: 1 })).toThrow(
    'disks[0].adapter must be an adapter that is there, 0 to 0; got 1',
  );
});

test('a listener hears which adapter a command came by', () => {
  const machine = gceN1(TWO);
  const heard: number[] = [];
  machine.events.on('command', ({ adapter }) => heard.push(adapter));

  hostsOf(machine)[1]!.testUnitReady(1);

  expect(heard).toEqual([1]);
});

test.each<[features: ('INOUT' | 'T10_PI')[]]>([[[]], [['INOUT']], [['INOUT', 'T10_PI']]])(
  'a driver that takes neither feature works where %j are offered',
  (features) => {
    const [host] = hostsOf(gceN1({ scsi: { features } }));

    host!.write(1, 0, new Uint8Array(512).fill(7));

    expect(host!.read(1, 0, 1)[0]).toBe(7);
  },
);
