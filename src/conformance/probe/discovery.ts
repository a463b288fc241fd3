import type { Driver, PciId } from '../../core/driver.ts';
import type { Machine } from '../../machine/machine.ts';
import type { VirtioView } from '../../machine/virtio-view.ts';
import { judgeReport } from '../../rules/guest-report.ts';
import type { LookAlike, VirtioFound } from '../../rules/virtio/discovery/discovery.ts';
import { TRANSITIONAL_ID, VIRTIO_ID, VIRTIO_VENDOR_ID } from '../../virtio/registers.ts';
import { MODERN_ID } from '../../virtio/transport/modern/registers.ts';
import { asModern, asTransitional, meantKindsOf, REVISIONS, takes } from '../model/kinds.ts';

type Drivers = readonly Driver<unknown>[];
type TypeName = keyof typeof VIRTIO_ID;

const TYPES = Object.keys(VIRTIO_ID) as TypeName[];

/** Compares the functions that drivers took with those that they are for. */
export function judgeDiscovery(drivers: Drivers, machine: Machine, taken: number): void {
  const [example] = machine.virtio;
  if (drivers.length === 0 || example === undefined) return;
  // Drivers of what is not here are not for virtio.
  if (taken === 0 && meantKindsOf(drivers).length > 0) return;
  const functions = machine.virtio.flatMap((view) => foundAs(view, drivers, machine));
  const known = TYPES.some((type) => knows(drivers, machine.idOf(example.fn.bdf)!, type));
  const strangers = strangersAmong(drivers, machine);
  judgeReport(machine.journal, { of: 'discovery', what: { functions, strangers, taken, known } });
}

/** Functions that no driver is for, and whether one that takes virtio functions takes them as well. */
function strangersAmong(drivers: Drivers, machine: Machine): LookAlike[] {
  const ids = machine.virtio.map(({ fn }) => machine.idOf(fn.bdf)!);
  const forVirtio = drivers.filter((driver) => ids.some((id) => driver.matches(id)));
  return machine.functions
    .filter(({ name }) => name.startsWith('stranger'))
    .map(({ bdf, subject }) => {
      const id = machine.idOf(bdf)!;
      return { subject, vendor: id.vendor, device: id.device, taken: takes(forVirtio, id) };
    });
}

/** Compares the state in which a driver left the function at `bdf` with what is unusual about it. */
export function judgeBringUp(machine: Machine, bdf: number, threw: boolean): void {
  const view = machine.virtio.find(({ fn }) => fn.bdf === bdf);
  if (view === undefined) return;
  const { fn, unusual, status, queued, vectors } = view;
  const what = { subject: fn.subject, unusual, vectors, status, threw, queued };
  judgeReport(machine.journal, { of: 'bring-up', what });
}

function foundAs({ fn, interfaces }: VirtioView, drivers: Drivers, machine: Machine): VirtioFound[] {
  const id = machine.idOf(fn.bdf)!;
  const type = TYPES.find((name) => isOf(id, name));
  if (type === undefined) return [];
  return [
    {
      subject: fn.subject,
      device: id.device,
      transitional: interfaces.length > 1,
      byModernId: REVISIONS.some((revision) => takes(drivers, asModern(id, type, revision))),
      byTransitionalId: takes(drivers, asTransitional(id, type)),
      refused: REVISIONS.filter((revision) => !takes(drivers, asModern(id, type, revision))),
    },
  ];
}

function knows(drivers: Drivers, id: PciId, type: TypeName): boolean {
  return (
    takes(drivers, asTransitional(id, type)) ||
    REVISIONS.some((revision) => takes(drivers, asModern(id, type, revision)))
  );
}

function isOf({ vendor, device }: PciId, type: TypeName): boolean {
  return (
    vendor === VIRTIO_VENDOR_ID &&
    (device === TRANSITIONAL_ID[type] || device === MODERN_ID + VIRTIO_ID[type])
  );
}
