import { virtioNet } from '../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions } from '../../src/index.ts';
import type { VirtioDevice } from '../../src/virtio/device.ts';
import type { VirtioNet } from '../../src/virtio/net/device.ts';
import { attach, BUFFERS, type Deed, kick, MIB, numbers, POLLED, pieces, RING, TABLES } from './deed.ts';
import { HostileRing } from './ring.ts';

interface Card {
  readonly machine: Machine;
  readonly device: VirtioDevice;
  ring(queue: number): HostileRing;
}

function card(options: MachineOptions = {}): Card {
  const machine = gceN1(options);
  const device = attach(machine, 'net0', virtioNet(POLLED));
  return { machine, device, ring: (queue) => new HostileRing(machine, device, queue, RING) };
}

/** An Ethernet header, one of IPv4 and one of TCP. */
const TCP = Buffer.from(
  '42010a80000142010a800002080045000000ffff4000400600000a8000020a800001c0000050000000000000000050100000000000000',
  'hex',
);

export function netSegments(count: number, size: number): Deed {
  const { machine, device, ring: make } = card();
  const ring = make(1);
  ring.bytes.set([1, 1, 54, 0, size & 0xff, size >> 8, 34, 0, 16, 0], BUFFERS);
  ring.bytes.set(TCP, BUFFERS + 10);
  const heads = numbers(count).map((slot) => ring.chain(slot, [{ at: BUFFERS, bytes: 65_000 }]));
  ring.offer(heads);
  return kick(machine, device, 1, ring);
}

export function netPieces(queue: number, bytes: number): Deed {
  const { machine, device, ring: make } = card();
  const ring = make(queue);
  ring.bytes.fill(0, BUFFERS, BUFFERS + MIB);
  for (const slot of numbers(ring.size)) ring.table(slot, TABLES, pieces(ring.size, bytes, false));
  ring.offer(numbers(ring.size));
  return kick(machine, device, queue, ring);
}

export function netReceives(): Deed {
  const { machine, device, ring: make } = card({ nics: [{ mergeable: true }] });
  const ring = make(0);
  const parts = [...pieces(ring.size - 1, 8, false), { at: BUFFERS, bytes: 1, writable: true }];
  for (const slot of numbers(ring.size)) ring.table(slot, TABLES, parts);
  ring.offer(numbers(ring.size));
  device.notify(0);
  const frame = new Uint8Array(5000);
  const nic = device as VirtioNet;
  return { machine, act: () => machine.nics[0]!.receive(frame), done: () => nic.dropped > 0 };
}
