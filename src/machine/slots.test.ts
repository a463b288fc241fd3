import { expect, test } from 'vitest';
import { bdfText } from '../core/bits.ts';
import type { VirtioFunction } from '../virtio/transport/function.ts';
import { gceN1 } from './gce-n1.ts';
import type { Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';
import { qemuPc } from './qemu-pc.ts';

/** 00:05.0, behind the one NIC. */
const BALLOON = 0x28;

/** What was plugged in: name and place, without the bridges. */
function pluggedInto({ functions }: Machine): string[] {
  return functions.slice(3).map(({ name, bdf }) => `${name} ${bdfText(bdf)}`);
}

test('without further options there are only disks and NICs', () => {
  const machine = gceN1();

  expect(pluggedInto(machine)).toEqual(['scsi0 00:03.0', 'net0 00:04.0']);
  expect([machine.display, machine.balloon]).toEqual([null, null]);
});

test('display, balloon and virtio-rng have the slots in which Linux found them in March 2024', () => {
  const machine = gceN1({ display: true, balloon: true, rng: true });

  expect(pluggedInto(machine)).toEqual([
    'scsi0 00:03.0',
    'net0 00:04.0',
    'display0 00:05.0',
    'balloon0 00:06.0',
    'rng0 00:07.0',
  ]);
});

test('they move up when there are more NICs, and close up when one of them is absent', () => {
  const machine = gceN1({ nics: [{}, {}], balloon: true, rng: true });

  expect(pluggedInto(machine).slice(3)).toEqual(['balloon0 00:06.0', 'rng0 00:07.0']);
});

const MSIX = { kind: 'mem32', region: { size: 128 } };

test.each<[string, MachineOptions, object[]]>([
  ['01/01/2011, as in April 2021', {}, []],
  ['02/10/2023', { firmwareDate: '02/10/2023' }, [MSIX]],
  ['03/27/2024', { firmwareDate: '03/27/2024' }, [MSIX]],
  ['09/13/2024', { firmwareDate: '09/13/2024' }, []],
  ['10/09/2023, of a UEFI', { firmware: 'uefi' }, [MSIX]],
])('the balloon has the identity that Linux printed, behind firmware of %s', (_, options, msix) => {
  const machine = gceN1({ ...options, balloon: true });
  const balloon = machine.functions.find(({ name }) => name === 'balloon0')!;

  expect(machine.idOf(balloon.bdf)).toMatchObject({
    vendor: 0x1af4,
    device: 0x1002,
    class: 0x00_ff00,
    subsystem: 5,
  });
  expect(balloon.bars).toMatchObject([{ kind: 'io', region: { size: 32 } }, ...msix]);
});

test.each([
  ['Compute Engine', gceN1, 256],
  ['QEMU', qemuPc, 128],
])("the balloon's rings are those of %s", (_whose, make, entries) => {
  const { chassis } = make({ balloon: true });
  const { device } = chassis.bus.at(BALLOON) as VirtioFunction;

  expect(device.queues.map(({ size }) => size)).toEqual([entries, entries, entries]);
});

test('an option that is not a flag is refused', () => {
  expect(() => gceN1({ display: 'vga' as never })).toThrow('display must be true or false; got "vga"');
  expect(() => gceN1({ balloon: 1 as never })).toThrow('balloon must be true or false; got 1');
});

test("a NIC that is pulled out is no longer watched, and its driver's counts stay", () => {
  const machine = gceN1({ nics: [] });
  const watchers: unknown[] = [];
  const { journal } = machine;
  const add = journal.beforeReading.bind(journal);
  journal.beforeReading = (count) => add(() => watchers.push(count()));
  const nic = machine.addNic();
  machine.port.out(0xcf8, 0x8000_2004, 4);
  machine.port.out(0xcfc, 0x0007, 2);
  const met = () => journal.read('pci/BAR-RESTORE').met;
  const before = met();
  const reads = watchers.splice(0).length;

  machine.removeNic(nic);
  watchers.length = 0;

  expect([reads > 0, met(), watchers]).toEqual([true, before, []]);
});
