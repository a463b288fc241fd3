import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { ServedTurn } from './served-turn.ts';

const BASE = 0xc000;
/** Of the legacy header, with their widths. */
const DEVICE_FEATURES = [0, 4] as const;
const QUEUE_ADDRESS = [8, 4] as const;
const QUEUE_SELECT = [14, 2] as const;
const QUEUE_NOTIFY = [16, 2] as const;
const DEVICE_STATUS = [18, 1] as const;
const ISR_STATUS = [19, 1] as const;

type Register = readonly [number, 1 | 2 | 4];
type Rig = ReturnType<typeof on>;

/** A machine just switched on, with this in its F segment. */
function on(rom: string) {
  const machine = gceN1({ firmware: false });
  machine.chassis.board.memory.slice(0xf_0000, 0x1_0000)!.set(Buffer.from(rom));
  new ServedTurn(machine);
  const { port } = machine;
  for (const [register, value] of [[0x10, BASE] as const, [0x04, 5] as const]) {
    port.out(0xcf8, 0x8000_1800 | register, 4);
    port.out(0xcfc, value, 4);
  }
  return {
    write: ([offset, width]: Register, value: number) => port.out(BASE + offset, value, width),
    read: ([offset, width]: Register) => port.in(BASE + offset, width),
    excused: () => machine.journal.excuses!('scsi0, request queue'),
  };
}

/** As init_virtio_scsi does. */
function begins({ write, read }: Rig): void {
  write(DEVICE_STATUS, 0);
  read(ISR_STATUS);
  write(DEVICE_STATUS, 3);
}

function goesOn({ write }: Rig): void {
  write(QUEUE_SELECT, 2);
  write(QUEUE_ADDRESS, 0x100);
  write(DEVICE_STATUS, 7);
}

test("SeaBIOS's accesses to the adapter are its own, and its requests afterwards", () => {
  const rig = on('SeaBIOS');
  begins(rig);
  const early = rig.excused();
  goesOn(rig);

  rig.write(QUEUE_NOTIFY, 2);

  expect([early, rig.excused()]).toEqual([true, true]);
});

test("without a SeaBIOS the same accesses are the guest's", () => {
  const rig = on('another firmware');

  begins(rig);

  expect(rig.excused()).toBe(false);
});

test("a driver that begins otherwise is the guest's", () => {
  const rig = on('SeaBIOS');

  rig.write(DEVICE_STATUS, 0);
  rig.read(DEVICE_STATUS);

  expect(rig.excused()).toBe(false);
});

test("a driver that reads legacy features is the guest's", () => {
  const rig = on('SeaBIOS');
  begins(rig);

  rig.read(DEVICE_FEATURES);

  expect(rig.excused()).toBe(false);
});

test("SeaBIOS gives the adapter up by a reset and a read of the ISR; later accesses are the guest's", () => {
  const rig = on('SeaBIOS');
  begins(rig);
  rig.write(DEVICE_STATUS, 0);
  rig.read(ISR_STATUS);
  const gaveUp = rig.excused();

  rig.write(DEVICE_STATUS, 0);

  expect([gaveUp, rig.excused()]).toEqual([true, false]);
});

test("a driver after another reset of the device is the guest's", () => {
  const rig = on('SeaBIOS');
  begins(rig);
  goesOn(rig);

  begins(rig);

  expect(rig.excused()).toBe(false);
});
