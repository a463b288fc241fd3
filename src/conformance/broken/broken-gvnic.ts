import type { GvnicUse } from '../../guest/drivers/gvnic/card.ts';
import { type GvnicDriver, gvnic } from '../../guest/index.ts';
import type { QueueFormat } from '../../gvnic/registers/descriptor.ts';
import type { GvnicOffer } from '../../gvnic/settings.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import { breaking } from './broken-driver.ts';

/** A machine whose gVNIC offers one format. */
export function gvnicMachine(format: QueueFormat, ...offer: GvnicOffer[]): () => Machine {
  return () => gceN1({ nics: [{ type: 'gvnic', gvnic: { formats: [format], offer } }] });
}

/** A way to break the good driver of a gVNIC, which polls if nothing else is said. */
export function breakingGvnic(
  format: QueueFormat,
  use: (nic: GvnicDriver) => void,
  how: GvnicUse = { interrupts: 'polled' },
): ReturnType<typeof breaking> {
  return breaking(gvnic(how), use, gvnicMachine(format));
}
