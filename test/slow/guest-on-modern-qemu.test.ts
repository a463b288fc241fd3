import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  acceptable,
  assignBars,
  attachAll,
  enumerate,
  FEATURE,
  type FoundFunction,
  isVirtio,
  TRANSPORT_FEATURES,
  VirtioDriver,
  virtioNet,
  virtioRng,
} from '../../src/guest/index.ts';
import { QemuPort } from '../../src/hosts/qemu/index.ts';

const SECOND = 1_000_000_000;
/** More frames than QEMU's rings have entries, 256: both ends wrap. */
const FRAMES = 300;
const present = spawnSync('qemu-system-x86_64', ['--version']).status === 0;

/** QEMU offers INDIRECT_DESC, EVENT_IDX and RING_RESET by default. */
const { INDIRECT_DESC, EVENT_IDX, RING_PACKED, IN_ORDER, ACCESS_PLATFORM, RING_RESET, VERSION_1 } = FEATURE;
const ALL = [VERSION_1, INDIRECT_DESC, EVENT_IDX, RING_RESET];
const KINDS = [
  { name: 'split', options: '', expected: ALL },
  { name: 'transitional', options: 'disable-legacy=off', expected: ALL },
  { name: 'split, in order', options: 'in_order=on', expected: [...ALL, IN_ORDER] },
  { name: 'split, plain', options: 'indirect_desc=off,event_idx=off', expected: [VERSION_1, RING_RESET] },
  { name: 'packed', options: 'packed=on', expected: [...ALL, RING_PACKED] },
  {
    name: 'packed, plain',
    options: 'packed=on,indirect_desc=off,event_idx=off',
    expected: [VERSION_1, RING_RESET, RING_PACKED],
  },
  { name: 'packed, in order', options: 'packed=on,in_order=on', expected: [...ALL, RING_PACKED, IN_ORDER] },
  {
    name: 'packed, behind a platform',
    options: 'packed=on,iommu_platform=on',
    expected: [...ALL, RING_PACKED, ACCESS_PLATFORM],
  },
];

/** The modern interface of devices by others. */
describe.skipIf(!present).each(KINDS)(
  "the driver's half on the modern interface of QEMU: $name",
  ({ options, expected }) => {
    const modern = ['disable-legacy=on', 'disable-modern=off', ...(options === '' ? [] : [options])].join();
    let port: QemuPort;
    let functions: FoundFunction[];

    beforeAll(() => {
      port = QemuPort.start({
        arguments: [
          ...['-machine', 'pc,usb=off,sata=off,vmport=off,graphics=off,hpet=off,smbus=off'],
          ...['-netdev', 'hubport,id=n0,hubid=0', '-netdev', 'hubport,id=n1,hubid=0'],
          ...['-device', `virtio-net-pci,netdev=n0,addr=04.0,romfile=,mac=42:01:0a:80:00:02,${modern}`],
          ...['-device', `virtio-net-pci,netdev=n1,addr=05.0,romfile=,mac=42:01:0a:80:00:03,${modern}`],
          ...['-device', `virtio-rng-pci,addr=06.0,${modern}`],
        ],
      });
      functions = assignBars(port, enumerate(port), {
        io: { base: 0xc000, end: 0x1_0000 },
        memory: { base: 0xe000_0000, end: 0xf000_0000 },
      });
    });

    afterAll(() => port.close());

    const start = () => {
      const { bdf } = functions.find(({ id }) => isVirtio(id, 'rng'))!;
      const device = new VirtioDriver(port, bdf, 'entropy', { interrupts: 'polled' });
      device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
      return device;
    };

    test('negotiates the common features', () => {
      const device = start();

      const features = [...TRANSPORT_FEATURES].filter((bit) => device.features.has(bit));
      device.close();

      expect(features.sort()).toEqual([...expected].sort());
    });

    test('carries frames around the rings, both ways', () => {
      const [one, two] = attachAll(port, functions, virtioNet({ interrupts: 'polled' }));
      const there = Uint8Array.from({ length: 1514 }, (_, i) => (i < 6 ? 0xff : i));
      const back = there.subarray(0, 60);
      const differing: number[] = [];

      for (let i = 0; i < FRAMES; i++) {
        one!.send(there);
        two!.send(back);
        const frames = [two!.receiveWithin(SECOND), one!.receiveWithin(SECOND)];
        if (Buffer.compare(Buffer.concat(frames.map((frame) => frame!)), Buffer.concat([there, back])) !== 0)
          differing.push(i);
      }
      one!.close();
      two!.close();

      expect(differing).toEqual([]);
    });

    test('gets random bytes', () => {
      const [rng] = attachAll(port, functions, virtioRng({ interrupts: 'polled' }));

      const different = new Set(rng!.read(1000)).size;
      rng!.close();

      expect(different).toBeGreaterThan(200);
    });

    test('takes one queue back, and sets it up again', () => {
      const device = start();
      const buffers = [16, 48].map((length) => ({ address: port.allocate(length, 1), length }));
      const came: number[] = [];
      const first = device.addQueue(0, () => first.drain((_id, length) => came.push(length)));
      device.ready();

      device.resetQueue(first);
      const second = device.addQueue(0, () => second.drain((_id, length) => came.push(length)));
      second.add([], buffers);
      device.kick(second);
      device.waitFor(() => came.length > 0, SECOND, 'nothing came');
      device.close();

      expect(came).toEqual([64]);
    });
  },
);
