import type { Driver, FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { virtioNetDriver } from '../drivers/virtio-net.ts';
import { virtioRngDriver } from '../drivers/virtio-rng.ts';
import { virtioScsiDriver } from '../drivers/virtio-scsi.ts';
import { enumerate } from '../pci/enumerate.ts';
import { probeDisks } from './disks.ts';
import type { ProbeFacts } from './facts.ts';
import { probeNic } from './nic.ts';
import { probeSerial } from './serial.ts';

const RANDOM_BYTES = 32;
const NOTHING_SAID: ProbeErrand = { text: 'guestrig probe\r\n', frames: [] };

/** What the probe is to send. */
export interface ProbeErrand {
  /** Out of every serial port. */
  readonly text: string;
  /** Out of every network card. */
  readonly frames: readonly Uint8Array[];
}

/**
 * Walks a machine as a guest does, through its port alone, and uses every part it finds.
 *
 * @example
 * const facts = probe(machine.port);
 * facts.serial.map(({ port, irq }) => [port, irq]);   // [[0x3f8, 4], [0x2f8, 3], [0x3e8, 6], [0x2e8, 7]]
 * facts.disks[0]?.sha256;
 */
export function probe(port: GuestPort, errand: ProbeErrand = NOTHING_SAID): ProbeFacts {
  const functions = probeFunctions(port);
  const serial = probeSerial(port, errand.text);
  const disks = attachAll(port, functions, virtioScsiDriver).flatMap(probeDisks);
  const nics = attachAll(port, functions, virtioNetDriver).map((nic) => probeNic(nic, errand.frames));
  const random = attachAll(port, functions, virtioRngDriver).map((rng) => rng.read(RANDOM_BYTES));
  return { functions, serial, disks, nics, random };
}

/** Every PCI function, by a scan. */
export function probeFunctions(port: GuestPort): FoundFunction[] {
  return enumerate(port);
}

/** Attaches `driver` to every function that it is for. */
export function attachAll<Handle>(
  port: GuestPort,
  functions: readonly FoundFunction[],
  driver: Driver<Handle>,
): Handle[] {
  return functions.filter(({ id }) => driver.matches(id)).map(({ bdf }) => driver.attach(port, bdf));
}
