import { appendFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { inFolderOf } from '../rig.ts';
import { FirmwareTurn } from './firmware-turn.ts';

/** Of the legacy header. */
const DEVICE_FEATURES = 0;
const QUEUE_ADDRESS = 8;
const QUEUE_NOTIFY = 16;
const DEVICE_STATUS = 18;
const ISR_STATUS = 19;
const COMMAND = 4;
/** 0: control, 1: events. */
const REQUESTS = 2;

inFolderOf({});

/** A machine with a firmware that writes debug output, and its registers. */
function booted() {
  writeFileSync('said', '');
  const machine = gceN1({ firmware: false, rng: true });
  const turn = new FirmwareTurn(machine, 'said');
  const config = (bdf: number, register: number, value: number) => {
    machine.port.out(0xcf8, 0x8000_0000 | (bdf << 8) | register, 4);
    machine.port.out(0xcfc, value, 2);
  };
  const of = (name: string, base: number) => {
    const { bdf } = machine.functions.find((fn) => fn.name === name)!;
    return {
      place: () => {
        config(bdf, 0x10, base);
        config(bdf, COMMAND, 1);
      },
      out: (offset: number, value: number, width: 1 | 2 | 4 = 1) =>
        machine.port.out(base + offset, value, width),
      in: (offset: number, width: 1 | 2 | 4 = 1) => machine.port.in(base + offset, width),
      command: (value: number) => config(bdf, COMMAND, value),
      excused: () => machine.journal.excuses!(`${name}, request queue`),
    };
  };
  const say = (text: string) => appendFileSync('said', text);
  return { machine, turn, say, net: of('net0', 0xc000), scsi: of('scsi0', 0xc100) };
}

/** SeaBIOS drives the adapter, and hands over. */
function handedOver() {
  const rig = booted();
  rig.say('SeaBIOS (version 1.17.0)\n');
  for (const device of [rig.net, rig.scsi]) device.place();
  rig.scsi.out(DEVICE_STATUS, 7);
  rig.say('Booting from Hard Disk...\n');
  return rig;
}

test('nothing is excused without debug output', () => {
  const { scsi, say } = booted();

  scsi.place();
  say('hello\n');

  expect(scsi.excused()).toBe(false);
});

test("all accesses are SeaBIOS's until it hands over, however its output arrives", () => {
  const { scsi, say } = booted();
  say('SeaBIO');
  const early = scsi.excused();
  say('S (version 1.17.0)\nRunning on QEMU\n');
  const before = scsi.excused();

  say('enter handle_19:\nBooting fr');
  const nearly = scsi.excused();
  say('om ROM...\n');

  expect([early, before, nearly, scsi.excused()]).toEqual([false, true, true, false]);
});

test('afterwards only a request of its driver is its own', () => {
  const { scsi, net } = handedOver();

  scsi.out(QUEUE_NOTIFY, REQUESTS, 2);
  const kick = scsi.excused();
  scsi.in(ISR_STATUS);

  expect([kick, scsi.excused(), net.excused()]).toEqual([true, true, false]);
});

test("later accesses are the guest's, before a reset too", () => {
  const { scsi } = handedOver();
  const asked = [];

  scsi.in(DEVICE_FEATURES, 4);
  asked.push(scsi.excused());
  scsi.out(QUEUE_NOTIFY, 0, 2);
  asked.push(scsi.excused());

  expect(asked).toEqual([false, false]);
});

test("configuration space is the guest's at once, and SeaBIOS still drives the disk", () => {
  const { scsi } = handedOver();

  scsi.command(5);
  const looked = scsi.excused();
  scsi.out(QUEUE_NOTIFY, REQUESTS, 2);

  expect([looked, scsi.excused()]).toEqual([false, true]);
});

test.each([
  ['a reset', DEVICE_STATUS, 0],
  ['a queue of its own', QUEUE_ADDRESS, 1],
])("with %s the device is the guest's permanently", (_, register, value) => {
  const { scsi } = handedOver();

  scsi.out(register, value, register === QUEUE_ADDRESS ? 4 : 1);
  scsi.out(QUEUE_NOTIFY, REQUESTS, 2);

  expect(scsi.excused()).toBe(false);
});

test("accesses are SeaBIOS's again after a reset of the machine", () => {
  const { machine, scsi, say } = handedOver();
  machine.reset('hard');

  say('SeaBIOS (version 1.17.0)\n');

  expect(scsi.excused()).toBe(true);
});

test('a guest that writes the same output without a reset is not firmware', () => {
  const { net, say } = handedOver();

  say('SeaBIOS (version 1.17.0)\n');

  expect(net.excused()).toBe(false);
});
