import { virtioBalloon, virtioNet, virtioRng } from '../../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions } from '../../src/index.ts';
import type { VirtioDevice } from '../../src/virtio/device.ts';
import type { VirtioNet } from '../../src/virtio/net/device.ts';
import { attach, BUFFERS, type Deed, kick, MIB, numbers, POLLED, pieces, RING, TABLES } from './deed.ts';
import { HostileRing } from './ring.ts';
import * as scsi from './scsi-deeds.ts';

const DEEDS: Readonly<Record<string, () => Deed>> = {
  'scsi tables': () => scsi.scsiTables(),
  'scsi one head': scsi.scsiOneHead,
  'scsi pieces': scsi.scsiPieces,
  'scsi flushes': scsi.scsiFlushes,
  'scsi unmap': scsi.scsiUnmap,
  'scsi queries': () => scsi.taskManagement(6, false),
  'scsi aborts': () => scsi.taskManagement(0, true),
  'scsi tags': scsi.scsiTags,
  'net frames': () => netSegments(256, 1448),
  'net segments': () => netSegments(4096, 8),
  'net pieces': () => netPieces(1, 8),
  'net receives': netReceives,
  'net control': () => netPieces(2, 8),
  'big-endian': scsi.bigEndian,
  spoil: scsi.spoil,
  'in order': () => scsi.scsiTables(scsi.IN_ORDER),
  'in order late': scsi.inOrderLate,
  balloon: () => balloonOf(3072, 1),
  'balloon again': () => balloonOf(256, 256),
  rng: () => rngOf(64),
  'rng pages': () => rngOf(4096),
};

export function deedOf(name: string): Deed {
  return DEEDS[name]!();
}

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

function netSegments(count: number, size: number): Deed {
  const { machine, device, ring: make } = card();
  const ring = make(1);
  ring.bytes.set([1, 1, 54, 0, size & 0xff, size >> 8, 34, 0, 16, 0], BUFFERS);
  ring.bytes.set(TCP, BUFFERS + 10);
  const heads = numbers(count).map((slot) => ring.chain(slot, [{ at: BUFFERS, bytes: 65_000 }]));
  ring.offer(heads);
  return kick(machine, device, 1, ring);
}

function netPieces(queue: number, bytes: number): Deed {
  const { machine, device, ring: make } = card();
  const ring = make(queue);
  ring.bytes.fill(0, BUFFERS, BUFFERS + MIB);
  for (const slot of numbers(ring.size)) ring.table(slot, TABLES, pieces(ring.size, bytes, false));
  ring.offer(numbers(ring.size));
  return kick(machine, device, queue, ring);
}

function netReceives(): Deed {
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

function balloonOf(mib: number, requests: number): Deed {
  const machine = gceN1({ balloon: true, memory: { below4G: mib * MIB } });
  const device = attach(machine, 'balloon0', virtioBalloon(POLLED));
  const ring = new HostileRing(machine, device, 0, RING);
  const pages = (mib * MIB) / 4096;
  const view = new DataView(ring.bytes.buffer, ring.bytes.byteOffset);
  // The pages that it uses itself come last.
  const kept = TABLES / 4096 + 1024;
  for (const i of numbers(pages)) view.setUint32(TABLES + i * 4, pages - 1 - i, true);
  const parts = [{ at: TABLES, bytes: (pages - kept) * 4 }];
  ring.offer(numbers(requests).map((slot) => ring.chain(slot, parts)));
  return kick(machine, device, 0, ring);
}

function rngOf(bytes: number): Deed {
  const machine = gceN1({ rng: true });
  const device = attach(machine, 'rng0', virtioRng(POLLED));
  const ring = new HostileRing(machine, device, 0, RING);
  const heads = numbers(ring.size).map((slot) => ring.chain(slot, [{ at: BUFFERS, bytes, writable: true }]));
  ring.offer(heads);
  return kick(machine, device, 0, ring);
}
