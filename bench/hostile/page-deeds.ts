import { virtioBalloon, virtioRng } from '../../src/guest/index.ts';
import { gceN1 } from '../../src/index.ts';
import { attach, BUFFERS, type Deed, kick, MIB, numbers, POLLED, RING, TABLES } from './deed.ts';
import { HostileRing } from './ring.ts';

export function balloonOf(mib: number, requests: number): Deed {
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

export function rngOf(bytes: number): Deed {
  const machine = gceN1({ rng: true });
  const device = attach(machine, 'rng0', virtioRng(POLLED));
  const ring = new HostileRing(machine, device, 0, RING);
  const heads = numbers(ring.size).map((slot) => ring.chain(slot, [{ at: BUFFERS, bytes, writable: true }]));
  ring.offer(heads);
  return kick(machine, device, 0, ring);
}
