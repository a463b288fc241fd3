import { describe, expect, test } from 'vitest';
import { pattern } from '../../core/bytes-rig.ts';
import type { Driver } from '../../core/driver.ts';
import { MisuseError } from '../../core/misuse.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { qemuPc } from '../../machine/qemu-pc.ts';
import { COMMAND } from '../../pci/registers.ts';
import { SECOND } from '../driver-error.ts';
import { disable, readRegister } from '../pci/config.ts';
import { senseText } from '../scsi/sense.ts';
import { virtioBalloon } from './virtio-balloon.ts';
import { virtioNet } from './virtio-net.ts';
import { virtioRng } from './virtio-rng.ts';
import { virtioScsi } from './virtio-scsi.ts';

const MIB = 1 << 20;
/** Every notification mode, on plain rings (GCE) and on rings with all features, RAM on either side of 4 GiB. */
const WAYS = [
  { interrupts: 'polled', make: gceN1, driversAbove4G: false },
  { interrupts: 'intx', make: gceN1, driversAbove4G: true },
  { interrupts: 'msix', make: gceN1, driversAbove4G: false },
  { interrupts: 'polled', make: qemuPc, driversAbove4G: true },
  { interrupts: 'intx', make: qemuPc, driversAbove4G: false },
  { interrupts: 'msix', make: qemuPc, driversAbove4G: true },
] as const;

/** Completions are delayed after the kick, and truncated addresses are outside RAM. */
const machineFor = ({ make, driversAbove4G }: (typeof WAYS)[number]) =>
  make({
    rng: true,
    balloon: true,
    firmwareDate: '03/27/2024',
    memory: driversAbove4G ? { below4G: 2 * MIB, above4G: 32 * MIB, driversAbove4G } : { below4G: 32 * MIB },
    scsi: { latency: 50_000 },
    disks: [{ bytes: 3 * MIB }],
  });

const drivers = (interrupts: (typeof WAYS)[number]['interrupts']): Driver<{ close(): void }>[] => [
  virtioNet({ interrupts }),
  virtioScsi({ interrupts }),
  virtioRng({ interrupts }),
  virtioBalloon({ interrupts }),
];

describe.each(WAYS)('$interrupts on $make.name, RAM above 4 GiB: $driversAbove4G', (way) => {
  const { interrupts } = way;

  test('a frame goes out and one comes in, without a finding', () => {
    const machine = machineFor(way);
    const nic = machine.attach(virtioNet({ interrupts }));
    const out = pattern(1514, 3);
    const answer = pattern(60, 5);

    nic.send(out);
    machine.nics[0]!.receive(answer);

    expect(machine.nics[0]!.sent).toEqual([out]);
    expect(nic.receiveWithin(SECOND)).toEqual(answer);
    expect(machine.findings).toEqual([]);
  });

  test('300 KiB are written in two pieces and read back, without a finding', () => {
    const machine = machineFor(way);
    const host = machine.attach(virtioScsi({ interrupts }));
    const data = pattern(300 * 1024, 7);

    host.write(1, 3, data);
    host.flush(1);

    expect(Buffer.compare(host.read(1, 3, data.length / 512), data)).toBe(0);
    expect(machine.findings).toEqual([]);
  });

  test('a disk that is added and one that is removed are reported', () => {
    const machine = machineFor(way);
    const host = machine.attach(virtioScsi({ interrupts }));

    const disk = machine.addDisk({ bytes: MIB, target: 9 });
    const added = host.events(SECOND);
    machine.removeDisk(disk);
    const removed = host.events(SECOND);

    expect(added).toMatchObject([{ what: 'added', target: 9, units: [{ target: 9, lun: 0 }] }]);
    expect(removed).toMatchObject([{ what: 'removed', target: 9, units: [] }]);
    expect(machine.findings).toEqual([]);
  });

  test('random bytes come, more than one buffer of them', () => {
    const machine = machineFor(way);

    const bytes = machine.attach(virtioRng({ interrupts })).read(1000);

    expect(new Set(bytes).size).toBeGreaterThan(200);
    expect(machine.findings).toEqual([]);
  });

  test('pages go into the balloon and come out, more than a request holds, without a finding', () => {
    const machine = machineFor(way);
    const driver = machine.attach(virtioBalloon({ interrupts }));
    const balloon = machine.balloon!;

    // A request holds 256.
    const followed = [300, 20, 0].map((target) => {
      balloon.target = target;
      return [driver.follow(), balloon.pages, balloon.actual];
    });

    expect(followed).toEqual([
      [300, 300, 300],
      [20, 20, 20],
      [0, 0, 0],
    ]);
    expect(machine.findings).toEqual([]);
  });

  test('statistics are sent when requested, and only then', () => {
    const machine = machineFor(way);
    const driver = machine.attach(
      virtioBalloon({ interrupts, stats: () => ({ MEMTOT: 2n ** 33n, MEMFREE: 5n }) }),
    );

    const unasked = driver.answer(SECOND);
    machine.balloon!.askStats();
    const asked = driver.answer(SECOND);

    expect([unasked, asked]).toEqual([false, true]);
    expect(Object.fromEntries(machine.balloon!.stats!)).toEqual({ MEMTOT: 2n ** 33n, MEMFREE: 5n });
    expect(machine.findings).toEqual([]);
  });

  test('a balloon driver takes its pages back before it is closed', () => {
    const machine = machineFor(way);
    machine.balloon!.target = 5;
    const driver = machine.attach(virtioBalloon({ interrupts }));
    driver.follow();

    driver.close();

    // The rule for deflating; a reset would empty the balloon too.
    expect([driver.pages, machine.journal.reached('virtio/BALLOON-OP-D6')]).toEqual([[], true]);
    expect(machine.findings).toEqual([]);
  });

  test('drivers can be closed and attached again', () => {
    const machine = machineFor(way);
    machine.attach(virtioNet({ interrupts })).close();
    machine.attach(virtioScsi({ interrupts })).close();

    machine.attach(virtioNet({ interrupts })).send(pattern(60, 1));

    expect(machine.nics[0]!.sent).toHaveLength(1);
    expect(machine.attach(virtioScsi({ interrupts })).scan()).toHaveLength(1);
    expect(machine.findings).toEqual([]);
  });

  // Each time takes nine message vectors or more, of 191.
  test('drivers that come and go leak nothing', () => {
    const machine = machineFor(way);

    for (let time = 0; time < 30; time++)
      for (const driver of drivers(interrupts)) machine.attach(driver).close();

    const masters = machine.functions.filter(({ bdf }) => machine.idOf(bdf)!.vendor === 0x1af4);
    expect(
      masters.map(({ bdf }) => readRegister(machine.port, bdf, COMMAND) & COMMAND.mask.BUS_MASTER),
    ).toEqual([0, 0, 0, 0]);
    expect(machine.findings).toEqual([]);
  });

  test('drivers survive a loss of power', () => {
    const machine = machineFor(way);
    machine.balloon!.target = 5;
    const nic = machine.attach(virtioNet({ interrupts }));
    const host = machine.attach(virtioScsi({ interrupts }));
    const rng = machine.attach(virtioRng({ interrupts }));
    const balloon = machine.attach(virtioBalloon({ interrupts }));

    for (const driver of [nic, host, rng, balloon]) driver.suspend();
    machine.reset('power');
    for (const driver of [nic, host, rng, balloon]) driver.resume();
    nic.send(pattern(60, 2));

    expect(machine.nics[0]!.sent).toEqual([pattern(60, 2)]);
    expect([host.scan().length, rng.read(3).length, balloon.pages.length]).toEqual([1, 3, 5]);
    expect(machine.findings).toEqual([]);
  });

  test('a machine that was reset can be booted again', () => {
    const machine = machineFor(way);
    machine.attach(virtioNet({ interrupts })).send(pattern(60, 1));
    machine.reset('hard');

    machine.attach(virtioNet({ interrupts })).send(pattern(60, 2));

    expect(machine.nics[0]!.sent).toHaveLength(2);
    expect(machine.findings).toEqual([]);
  });
});

describe('the disk driver', () => {
  test('is notified of more disks than it has event buffers, since it returns each', () => {
    const machine = gceN1();
    const host = machine.attach(virtioScsi());

    const targets = Array.from({ length: 20 }, (_, i) => {
      machine.addDisk({ bytes: 4096, target: 10 + i });
      return host.events(SECOND)[0]?.target;
    });

    expect(targets).toEqual(Array.from({ length: 20 }, (_, i) => 10 + i));
  });

  test('handles a unit attention and goes on', () => {
    const host = gceN1({ firmware: { used: false } }).attach(virtioScsi());

    expect(host.testUnitReady(1).map(senseText)).toEqual(['UNIT ATTENTION 6/29/00']);
    expect(host.testUnitReady(1)).toEqual([]);
  });

  test('handles one in the middle of a long read too', () => {
    const host = gceN1().attach(virtioScsi());
    // Three pieces of 256 KiB.
    const data = pattern(768 * 1024, 3);
    host.write(1, 0, data);
    host.resetUnit(1);

    expect(Buffer.compare(host.read(1, 0, data.length / 512), data)).toBe(0);
  });

  test('finds no unit at a target that does not exist', () => {
    expect(gceN1().attach(virtioScsi()).inquiry(200)).toBeNull();
  });

  test('reports the unit’s sense when a command fails', () => {
    const host = gceN1({ disks: [{ bytes: MIB }] }).attach(virtioScsi());

    // One block past the end.
    expect(() => host.read(1, 2048, 1)).toThrow(
      'READ(10) to target 1 LUN 0: CHECK CONDITION, ILLEGAL REQUEST 5/21/00',
    );
  });

  test('reports write protection', () => {
    const host = gceN1({ disks: [{ bytes: MIB, readOnly: true }] }).attach(virtioScsi());

    expect(() => host.write(1, 0, new Uint8Array(512))).toThrow('DATA PROTECT 7/27/00');
  });

  test('unmaps, and reads zeros there', () => {
    const host = gceN1().attach(virtioScsi());
    host.write(1, 0, pattern(64 * 512, 3));

    host.unmap(1, [{ lba: 8, blocks: 16 }]);

    expect(host.read(1, 8, 16).every((byte) => byte === 0)).toBe(true);
    expect(host.read(1, 24, 8)).toEqual(pattern(64 * 512, 3).subarray(24 * 512, 32 * 512));
  });

  // GCE's adapter has a seg_max of 64, and our driver uses a segment for each page of 4 KiB.
  test('sends no request with more data than the adapter takes in one', () => {
    const host = gceN1().attach(virtioScsi());
    const inquiry = (dataIn: number) => ({
      name: 'INQUIRY',
      cdb: Uint8Array.of(0x12, 0, 0, 0, 36, 0),
      dataIn,
    });

    expect(host.execute(1, 0, inquiry(64 * 4096)).data).toHaveLength(36);
    expect(() => host.execute(1, 0, inquiry(64 * 4096 + 1))).toThrow(MisuseError);
  });

  test('nor with more than the ring holds', () => {
    const host = gceN1({ scsi: { ringSize: 16 } }).attach(virtioScsi());

    expect(() =>
      host.execute(1, 0, { name: 'INQUIRY', cdb: new Uint8Array(6), dataIn: 14 * 4096 + 1 }),
    ).toThrow('INQUIRY.data must be at most 57344 bytes, 14 segments; got 57345');
  });

  test('reports within its timeout that the machine does not answer', () => {
    const machine = gceN1();
    const { port } = machine;
    const host = machine.attach(virtioScsi());
    disable(port, 3 << 3, COMMAND.mask.BUS_MASTER);

    expect(() => host.testUnitReady(1)).toThrow(/TEST UNIT READY is not answered/);
  });
});
