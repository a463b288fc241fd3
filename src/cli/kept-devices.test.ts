import { expect, test } from 'vitest';
import { gceN1 } from '../machine/gce-n1.ts';
import type { AnyWhere } from './boot-end.ts';
import { FirmwareWatch } from './boot-run.ts';

const BIOS: AnyWhere = { cs: 0xf000, eip: 0x1000, mode: 'real', halted: false, interrupts: true };
const BOOT_SECTOR: AnyWhere = { ...BIOS, cs: 0, eip: 0x7c00 };
/** Of the legacy header. */
const DEVICE_STATUS = 18;

/** A BIOS that drives the disk, and started a system, which drives the NIC. Now BIOS code runs. */
function started() {
  const machine = gceN1({});
  let where = BIOS;
  const watch = new FirmwareWatch(machine);
  watch.begin(() => where);
  const status = (name: string, value: number) => {
    const { bars } = machine.functions.find((fn) => fn.name === name)!;
    machine.port.out(bars[0]!.mapped! + DEVICE_STATUS, value, 1);
  };
  status('scsi0', 0);
  status('scsi0', 7);
  where = BOOT_SECTOR;
  watch.look();
  status('net0', 7);
  where = BIOS;
  return { status, excused: (subject: string) => machine.journal.excuses!(subject) };
}

test("a device's own actions while a BIOS waits for a key belong to its driver", () => {
  const { excused } = started();

  expect([excused('net0, receive queue 0'), excused('scsi0, request queue'), excused('ttyS0')]).toEqual([
    false,
    true,
    true,
  ]);
});

test("it is the system's permanently once that resets it", () => {
  const { status, excused } = started();

  status('scsi0', 0);
  status('scsi0', 7);

  expect(excused('scsi0, request queue')).toBe(false);
});
