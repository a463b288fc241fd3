import { expect, test } from 'vitest';
import { verdictsOf } from '../../src/conformance/verdict.ts';
import { recordMachine } from '../../src/hosts/log/record/record.ts';
import { QtestRig } from '../../src/hosts/qtest/rig.ts';
import { JsonLines } from '../../src/trace/index.ts';
import { replayed } from './recorded.ts';

const IDENTITY = 0x00;
const COMMAND = 0x04;
const BAR0 = 0x10;
/** The ports of a function, and IO_SPACE and BUS_MASTER. */
const PORTS = 0xc100;
const ON = 5;
/** Of the legacy header; DRIVER_OK alone, which breaks virtio/STATUS-D1. */
const DEVICE_STATUS = 18;
const HASTY = 4;
const PCID = 'inl 0xae04';
const eject = (slot: number) => `outl 0xae08 ${1 << slot}`;

/** A client of a machine of a command line, and the log of both. */
function logged(commandLine: string) {
  const rig = new QtestRig(commandLine);
  const lines: string[] = [];
  const writer = new JsonLines((line) => lines.push(line));
  const { machine, qtest } = rig.server;
  recordMachine(machine, (record) => writer.add(record), qtest);
  rig.negotiate();
  const at = (slot: number, register: number) => `outl 0xcf8 ${0x8000_0000 + slot * 0x800 + register}`;
  /** A driver that is too hasty, on the device in a slot. */
  const driver = (slot: number) =>
    rig.ask(
      ...[at(slot, IDENTITY), 'inl 0xcfc', at(slot, BAR0), `outl 0xcfc ${PORTS}`],
      ...[
        at(slot, COMMAND),
        `outl 0xcfc ${ON}`,
        `outb ${PORTS + DEVICE_STATUS} ${HASTY}`,
        at(slot, IDENTITY),
      ],
      'inl 0xcfc',
    );
  return { rig, lines, machine, driver };
}

test("devices that a monitor plugs in are in a log, with their drivers' findings", () => {
  const { rig, lines, machine, driver } = logged('-device virtio-net-pci,id=a,addr=4');
  rig.execute('device_add', { driver: 'virtio-rng-pci', id: 'r', addr: '0x06' });
  const answers = driver(6);

  const again = replayed(lines);

  expect(answers.at(-1)).toBe('OK 0x10051af4');
  expect([again.departure, again.log.damaged]).toEqual([null, []]);
  expect(again.verdicts).toEqual(verdictsOf(machine.journal));
  expect(again.machine.findings.map(({ subject }) => subject)).toContain('rng0');
});

test('removed devices are gone in a log, too: by an eject, with a reset, and by themselves', () => {
  const { rig, lines, driver } = logged(
    '-device virtio-net-pci,id=a,addr=4 -device virtio-scsi-pci,id=s,addr=3',
  );
  rig.execute('netdev_add', { type: 'user', id: 'n' });
  rig.execute('device_add', { driver: 'virtio-net-pci', id: 'b', netdev: 'n', addr: '0x07' });
  rig.execute('blockdev-add', { driver: 'null-co', 'node-name': 'd', size: 1048576 });
  rig.execute('device_add', { driver: 'scsi-hd', id: 'hd', drive: 'd' });
  rig.execute('device_del', { id: 'a' });
  rig.ask(PCID, eject(4));
  const ejected = driver(4);
  const left = driver(7);
  rig.execute('device_del', { id: 'b' });
  rig.execute('device_del', { id: 'hd' });
  rig.execute('system_reset');
  const reset = driver(7);

  const again = replayed(lines);

  expect([ejected, left, reset].map((answers) => answers.at(-1))).toEqual([
    'OK 0xffffffff',
    'OK 0x10001af4',
    'OK 0xffffffff',
  ]);
  expect([again.departure, again.log.damaged, again.machine.nics.length, again.machine.disks.length]).toEqual(
    [null, [], 0, 0],
  );
});

test('a request that a monitor was refused is refused again, and no line of the log is wrong', () => {
  const { rig, lines, driver } = logged('-device virtio-net-pci,id=a,addr=4');
  rig.execute('device_add', { driver: 'virtio-rng-pci', addr: '0x04' });
  rig.execute('device_add', { driver: 'scsi-hd', drive: 'none' });
  rig.execute('netdev_del', { id: 'none' });
  driver(4);

  const again = replayed(lines);

  expect([again.departure, again.log.damaged, again.machine.functions.length]).toEqual([
    null,
    [],
    rig.server.machine.functions.length,
  ]);
});
