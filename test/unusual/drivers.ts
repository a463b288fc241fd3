import { type GuestPort, type VirtioUse, virtioScsi } from '../../src/guest/index.ts';
import type { Machine } from '../../src/index.ts';
import { BareNic, cut, FRAME } from './net.ts';

/** Unexpected behaviour of a driver that breaks nothing. */
export interface Unusual {
  readonly name: string;
  run(at: { port: GuestPort; bdf: number; use: VirtioUse }, machine: Machine): void;
}

const LARGEST = 1526;

export const UNUSUAL_NICS: readonly Unusual[] = [
  {
    name: 'sends a byte in each descriptor',
    run: ({ port, bdf, use }) => {
      const nic = new BareNic(port, bdf, use);
      for (let i = 0; i < 3; i++) nic.send(nic.pieces(nic.packet(), 1));
    },
  },
  {
    name: 'has frames come into buffers of a byte in each descriptor',
    run: ({ port, bdf, use }, machine) => {
      const nic = new BareNic(port, bdf, use);
      const room = { address: port.allocate(LARGEST + 2, 1), length: nic.header + LARGEST - 12 };
      nic.post(
        nic.anyLayout ? [...cut({ ...room, length: 60 }, 1), rest(room, 60)] : nic.pieces(room, LARGEST),
      );
      machine.nics[0]!.receive(FRAME);
      nic.device.wait(() => nic.received > 0, 1_000_000);
    },
  },
  {
    name: 'sends, and has no room for what comes',
    run: ({ port, bdf, use }, machine) => {
      const nic = new BareNic(port, bdf, use);
      machine.nics[0]!.receive(FRAME);
      nic.send(nic.pieces(nic.packet(), LARGEST));
    },
  },
  {
    name: 'takes no feature that it need not',
    run: ({ port, bdf, use }) => {
      const nic = new BareNic(port, bdf, use, [3, 5, 27, 32, 33, 34, 36, 39]);
      nic.send(nic.pieces(nic.packet(), LARGEST));
    },
  },
  {
    name: 'publishes sixteen frames with one notification',
    run: ({ port, bdf, use }) => {
      const nic = new BareNic(port, bdf, use);
      for (let i = 0; i < 16; i++) nic.transmitting.add(nic.pieces(nic.packet(), LARGEST), []);
      nic.device.kick(nic.transmitting);
      nic.device.waitFor(() => nic.sent === 16, 1_000_000_000, 'not all are sent');
    },
  },
  {
    name: 'kicks a ring in which nothing is, and wants no interrupts',
    run: ({ port, bdf, use }) => {
      const nic = new BareNic(port, bdf, { ...use, interrupts: 'polled' });
      for (let i = 0; i < 2; i++) nic.device.kick(nic.transmitting);
      nic.send(nic.pieces(nic.packet(), LARGEST));
    },
  },
  {
    name: 'looks for what was sent only when its ring is full',
    run: ({ port, bdf, use }) => {
      const nic = new BareNic(port, bdf, { ...use, interrupts: 'polled' });
      const pieces = nic.pieces(nic.packet(), LARGEST);
      for (let i = 0; i < 2000; i++) {
        if (nic.transmitting.add(pieces, []) === null) nic.device.poll();
        nic.device.kick(nic.transmitting);
      }
      nic.device.poll();
    },
  },
  {
    name: 'is done as soon as it has sent',
    run: ({ port, bdf, use }) => {
      const nic = new BareNic(port, bdf, use);
      nic.transmitting.add(nic.pieces(nic.packet(), LARGEST), []);
      nic.device.kick(nic.transmitting);
    },
  },
  {
    name: 'is reset with frames and buffers under way',
    run: ({ port, bdf, use }) => {
      const nic = new BareNic(port, bdf, use);
      for (let i = 0; i < 8; i++) {
        nic.post([{ address: port.allocate(nic.header + LARGEST, 1), length: nic.header + LARGEST - 12 }]);
        nic.transmitting.add(nic.pieces(nic.packet(), LARGEST), []);
      }
      nic.device.kick(nic.transmitting);
      nic.device.close();
    },
  },
  {
    name: 'begins a hundred times',
    run: ({ port, bdf, use }) => {
      for (let i = 0; i < 100; i++) {
        const nic = new BareNic(port, bdf, use);
        if (i % 2 === 0) nic.send(nic.pieces(nic.packet(), LARGEST));
        nic.device.close();
      }
    },
  },
  {
    name: 'looks at the device, and leaves it as it was',
    run: ({ port, bdf, use }) => {
      new BareNic(port, bdf, use).device.close();
    },
  },
  {
    name: 'posts all the buffers that fit, and never another',
    run: ({ port, bdf, use }, machine) => {
      const nic = new BareNic(port, bdf, use);
      const length = nic.header + LARGEST - 12;
      const piece = () => ({ address: port.allocate(length, 1), length });
      const buffer = () => (nic.anyLayout ? [piece()] : nic.pieces(piece(), LARGEST));
      for (let i = 0; i < 64 && nic.receiving.add([], buffer()) !== null; i++);
      nic.device.kick(nic.receiving);
      for (let i = 0; i < 3; i++) machine.nics[0]!.receive(FRAME);
      nic.device.wait(() => nic.received === 3, 1_000_000);
    },
  },
];

export const UNUSUAL_DISKS: readonly Unusual[] = [
  {
    name: 'reads block by block, the last first',
    run: ({ port, bdf, use }) => {
      const host = virtioScsi(use).attach(port, bdf);
      const [disk] = host.scan();
      for (let lba = 7; lba >= 0; lba--) host.read(disk!.target, lba, 1, disk!.lun);
    },
  },
  {
    name: 'flushes and writes nothing',
    run: ({ port, bdf, use }) => {
      const host = virtioScsi(use).attach(port, bdf);
      const [disk] = host.scan();
      host.flush(disk!.target, disk!.lun);
    },
  },
  {
    name: 'begins a hundred times',
    run: ({ port, bdf, use }) => {
      for (let i = 0; i < 100; i++) virtioScsi(use).attach(port, bdf).close();
    },
  },
];

function rest(of: { address: number; length: number }, from: number) {
  return { address: of.address + from, length: of.length - from };
}
