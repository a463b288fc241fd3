import { describe, expect, test } from 'vitest';
import { virtioNetDriver, virtioScsiDriver } from '../src/guest/index.ts';
import { gceN1, MemoryMedium } from '../src/index.ts';
import { FRAME } from './nics.ts';

describe('disks', () => {
  test('that name no target have the lowest unnamed one', () => {
    const machine = gceN1({
      disks: [{ bytes: 512 }, { bytes: 512, target: 1 }, { bytes: 512, target: 1, lun: 1 }],
    });

    expect(machine.disks.map(({ target, lun }) => [target, lun])).toEqual([
      [2, 0],
      [1, 0],
      [1, 1],
    ]);
  });

  test('are added and removed at run time, and the guest is notified', () => {
    const machine = gceN1();
    const host = machine.attach(virtioScsiDriver);

    const disk = machine.addDisk({ bytes: 1 << 20 });
    const added = host.events();
    const found = host.scan().map(({ target }) => target);
    machine.removeDisk(disk);
    const removed = host.events();

    expect([added.length, found, removed.length]).toEqual([1, [1, 2], 1]);
    expect(host.scan().map(({ target }) => target)).toEqual([1]);
  });

  test('have any target and LUN that the adapter is given, and are listed by them', () => {
    const places = [0, 1, 255, 256, 16_383].map((lun) => ({ target: 253, lun }));
    const machine = gceN1({
      scsi: { maxLun: 16_383 },
      disks: [{ bytes: 512 }, ...places.map((place) => ({ ...place, bytes: 512 }))],
    });
    const host = machine.attach(virtioScsiDriver);
    for (const { lun } of places) host.write(253, 0, new Uint8Array(512).fill(lun), lun);

    expect(host.reportLuns(253)).toEqual([0, 1, 255, 256, 16_383]);
    expect(places.map(({ lun }) => host.read(253, 0, 1, lun)[0])).toEqual([0, 1, 255, 0, 255]);
    expect(() => gceN1({ disks: [{ bytes: 512, lun: 2 }] })).toThrow(
      'disks[0].lun must be a LUN from 0 to 1',
    );
  });

  test('in flight with one id abort, as on Compute Engine, when the disk is slow', () => {
    // A millisecond: longer than it takes to submit, so that requests overlap.
    const machine = gceN1({ scsi: { latency: 1_000_000 }, disks: [{ medium: new MemoryMedium(1 << 20) }] });
    const host = machine.attach(virtioScsiDriver);

    host.testUnitReady(1);

    expect(host.readCapacity(1).blocks).toBe(2048);
    expect(machine.findings).toEqual([]);
  });
});

describe('NICs', () => {
  test('that are added after others were removed have a name and an address of their own', () => {
    const machine = gceN1({ nics: [{}, {}] });

    machine.removeNic(machine.nics[0]!);
    machine.addNic();

    expect(machine.nics.map(({ name, mac }) => [name, mac])).toEqual([
      ['net1', '42:01:0a:80:00:03'],
      ['net0', '42:01:0a:80:00:02'],
    ]);
  });

  test('that are added after a listener are reported too', () => {
    const machine = gceN1({ nics: [] });
    const heard: string[] = [];
    machine.events.on('frame', (nic) => heard.push(nic));

    machine.addNic().receive(FRAME);

    expect(heard).toEqual(['net0']);
  });

  test("that were pulled out write no memory, send no interrupt, and are not the guest's fault", () => {
    const machine = gceN1();
    machine.attach(virtioNetDriver);
    const nic = machine.nics[0]!;
    let writes = 0;
    machine.chassis.board.memory.dirty = () => writes++;

    machine.removeNic(nic);
    nic.receive(FRAME);
    nic.setLink(false);

    expect([writes, machine.findings]).toEqual([0, []]);
  });

  test('and disks that are absent cannot be pulled out', () => {
    const machine = gceN1({ nics: [{}, {}] });
    const [nic] = machine.nics;
    const [disk] = machine.disks;
    machine.removeNic(nic!);
    machine.removeDisk(disk!);

    expect(() => machine.removeNic(nic!)).toThrow('NIC: is not in this machine, or no longer');
    expect(() => machine.removeDisk(disk!)).toThrow('disk: is not in this machine, or no longer');
    expect(machine.nics).toHaveLength(1);
  });

  test('fill the slots from 4 to 31', () => {
    const machine = gceN1({ nics: Array.from({ length: 28 }, () => ({})) });

    expect(() => machine.addNic()).toThrow('net28: no slot is free: 4 to 31 are taken');
  });
});
