import { describe, expect, test } from 'vitest';
import { fails, judge, probeMachine } from '../src/conformance/index.ts';
import { pattern } from '../src/core/bytes-rig.ts';
import type { VirtioUse } from '../src/guest/index.ts';
import { virtioBalloon, virtioNet, virtioRng, virtioScsi } from '../src/guest/index.ts';
import { gceN1 } from '../src/machine/gce-n1.ts';
import type { MachineOptions } from '../src/machine/options.ts';
import { qemuPc } from '../src/machine/qemu-pc.ts';

const SECOND = 1_000_000_000;
const WAYS: readonly {
  way: string;
  make: typeof gceN1;
  options: MachineOptions;
  use: VirtioUse;
}[] = [
  { way: 'legacy', make: gceN1, options: {}, use: { interrupts: 'msix' } },
  { way: 'legacy, a big-endian guest', make: gceN1, options: { guestEndian: 'big' }, use: {} },
  {
    way: 'legacy, a big-endian guest with indirect tables and events',
    make: qemuPc,
    options: { guestEndian: 'big', vcpus: 2 },
    use: { interrupts: 'intx' },
  },
  { way: 'modern, split', make: gceN1, options: { virtio: 'modern' }, use: { interrupts: 'msix' } },
  { way: 'modern, all of qemuPc', make: qemuPc, options: { virtio: 'modern' }, use: { interrupts: 'intx' } },
  { way: 'transitional by its structures', make: gceN1, options: { virtio: 'transitional' }, use: {} },
  {
    way: 'transitional by its structures, on qemuPc',
    make: qemuPc,
    options: { virtio: 'transitional', ringFeatures: ['RING_PACKED', 'NOTIFICATION_DATA'] },
    use: { interrupts: 'intx' },
  },
  {
    way: 'transitional by its header',
    make: gceN1,
    options: { virtio: 'transitional', ringFeatures: ['RING_PACKED'] },
    use: { legacy: true },
  },
  {
    way: 'transitional by its header, on qemuPc',
    make: qemuPc,
    options: { virtio: 'transitional' },
    use: { legacy: true, interrupts: 'intx' },
  },
  {
    way: 'modern, packed',
    make: gceN1,
    options: { virtio: 'modern', ringFeatures: ['RING_PACKED', 'NOTIF_CONFIG_DATA', 'ORDER_PLATFORM'] },
    use: { interrupts: 'msix' },
  },
  {
    way: 'modern, packed, indirect, events, polled',
    make: qemuPc,
    options: { virtio: 'modern', ringFeatures: ['RING_PACKED', 'ACCESS_PLATFORM', 'RING_RESET'] },
    use: { interrupts: 'polled' },
  },
];

describe.each(WAYS)('a driver sees no difference: $way', ({ make, options, use }) => {
  const machineFor = () =>
    make({
      ...options,
      rng: true,
      balloon: true,
      firmwareDate: '03/27/2024',
      scsi: { latency: 50_000 },
      disks: [{ bytes: 3 << 20 }],
    });

  test('frames are sent and received', () => {
    const machine = machineFor();
    const nic = machine.attach(virtioNet(use));
    const frames = [pattern(1514, 3), pattern(60, 5), pattern(700, 7)];

    for (const frame of frames) nic.send(frame);
    machine.nics[0]!.receive(...frames);

    expect(machine.nics[0]!.sent).toEqual(frames);
    expect(frames.map(() => nic.receiveWithin(SECOND))).toEqual(frames);
    expect(machine.findings).toEqual([]);
  });

  test('a disk is written and read, added and removed', () => {
    const machine = machineFor();
    const host = machine.attach(virtioScsi(use));
    const data = pattern(300 * 1024, 7);

    host.write(1, 3, data);
    host.flush(1);
    machine.addDisk({ bytes: 4096, target: 9 });

    expect(Buffer.compare(host.read(1, 3, data.length / 512), data)).toBe(0);
    expect(host.events(SECOND)).toMatchObject([{ what: 'added', target: 9 }]);
    expect(machine.findings).toEqual([]);
  });

  test('random bytes arrive, and drivers are restarted', () => {
    const machine = machineFor();
    machine.attach(virtioRng(use)).close();

    const bytes = machine.attach(virtioRng(use)).read(1000);

    expect(new Set(bytes).size).toBeGreaterThan(200);
    expect(machine.findings).toEqual([]);
  });

  test('pages go into the balloon and back, and statistics are sent', () => {
    const machine = machineFor();
    const driver = machine.attach(virtioBalloon({ ...use, stats: () => ({ MEMFREE: 0x1_0000_0002n }) }));
    const balloon = machine.balloon!;

    balloon.askStats();
    driver.answer(SECOND);
    // More than one request holds, and a different number in the other byte order.
    balloon.target = 0x102;
    const inside = [driver.follow(), balloon.pages, balloon.actual];
    const told = balloon.stats?.get('MEMFREE');
    driver.close();

    expect([told, balloon.pages, inside]).toEqual([0x1_0000_0002n, 0, [0x102, 0x102, 0x102]]);
    expect(machine.findings).toEqual([]);
  });
});

describe('a transitional machine gives a clean verdict', () => {
  const machine = () => gceN1({ virtio: 'transitional', rng: true, nics: [{ backend: 'loopback' }] });

  test('of the probe, which uses its structures', () => {
    const { failed, verdicts } = probeMachine(machine(), { text: 'hello', frames: [pattern(60, 3)] });

    expect([failed, verdicts.filter(fails)]).toEqual([false, []]);
    expect(verdicts).toContainEqual(
      expect.objectContaining({ clause: 'virtio/PCI-LEG-D1', outcome: 'pass' }),
    );
  });

  test('of drivers that use its headers', () => {
    const use: VirtioUse = { legacy: true };
    const drivers = [virtioNet(use), virtioScsi(use), virtioRng(use)];

    const { verdicts } = judge({ name: 'by the header', drivers }, { machine });

    expect(verdicts.filter(fails)).toEqual([]);
    expect(verdicts).toContainEqual(
      expect.objectContaining({ clause: 'virtio/PCI-LEGDET-D1', outcome: 'pass' }),
    );
  });
});
