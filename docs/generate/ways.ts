import type { Sight } from '../../src/core/memory-tap.ts';
import { INTERRUPT } from '../../src/rules/chipset/interrupt.ts';
import { GCE } from '../../src/rules/gce/gce.ts';
import { GVNIC_SENDS } from '../../src/rules/gvnic/sends.ts';
import { CLAUSE_IDS, type ClauseId, isOnStores } from '../../src/rules/index.ts';
import { KVM_READINGS } from '../../src/rules/kvm/reading.ts';
import { LINES } from '../../src/rules/live/live.ts';
import { ALLOCATIONS } from '../../src/rules/memory/allocations.ts';
import { RAM } from '../../src/rules/memory/ram.ts';
import { ENUMERATION } from '../../src/rules/pci/enumeration.ts';
import { BRING_UP_RULES } from '../../src/rules/virtio/discovery/bring-up.ts';
import { DISCOVERY_RULES } from '../../src/rules/virtio/discovery/discovery.ts';
import { DELIVERIES } from '../../src/rules/virtio/net/deliveries.ts';
import { LENGTHS } from '../../src/rules/virtio/queue/lengths.ts';
import { rulesFor } from '../../src/rules/virtio/stores/knows.ts';
import { STORES } from '../../src/rules/virtio/stores/stores.ts';
import { code, table } from './markdown.ts';

/** How a driver comes to the machine. */
interface Way {
  readonly name: string;
  readonly run: string;
  /** Where it is explained. */
  readonly page: string;
  /** What is known of its loads and stores to RAM. */
  readonly sight: Sight;
  /** Clauses about what is not ours there, or is not seen. */
  readonly lacks: (id: string) => boolean;
  readonly because: readonly string[];
}

/** Of the other clauses the guest breaks none: they say what a machine must have. */
export const DRIVER_CLAUSES = CLAUSE_IDS.filter((id) => !Object.hasOwn(GCE, id));

/** What the suite reports of a driver that it calls, and no device sees. */
const CALLED = { ...ENUMERATION, ...DISCOVERY_RULES, ...BRING_UP_RULES, ...DELIVERIES, ...LENGTHS };
/** What is seen of a handler of the machine's own CPU. */
const HANDLED = { ...INTERRUPT, ...LINES };
const isCalled = (id: string) => Object.hasOwn(CALLED, id);
const isHandled = (id: string) => Object.hasOwn(HANDLED, id) || id === 'kvm/EOI-TWICE';
/** What is seen of loads and stores to what KVM shares with its guest, and what is seen of an allocator of ours. */
const isRead = (id: string) => Object.hasOwn(KVM_READINGS, id);
const isGivenBack = (id: string) => id === 'kvm/FREED' || Object.hasOwn(ALLOCATIONS, id);
/** What only an Arm has: no machine of that way is one. */
const isArm = (id: string) => /^pl011\//.test(id);
/** Only instructions that trap are seen of a kernel, of one processor, for which no page becomes ready. */
const isUnasked = (id: string) => isRead(id) || isGivenBack(id) || /^kvm\/(EVERY-CLOCK|APF-TOKEN)$/.test(id);

const ORDER = 'stores are compared, not seen: their order is unknown, and so are loads';
const UNCALLED = 'the suite does not call the driver';
const PCS = 'its machines are PCs';
const UNHANDLED = 'its interrupt handlers are not seen';

/** What follows from whose the devices are and from how RAM is seen. Tests compare it with the clauses that runs met. */
export const WAYS = {
  typescript: {
    name: 'TypeScript',
    run: 'conformance(model)',
    page: 'ci.md',
    sight: 'accesses',
    lacks: () => false,
    because: [],
  },
  traced: {
    name: 'C or Rust as WebAssembly, traced',
    run: 'guestrig conform nic.wasm',
    page: 'wasm.md',
    sight: 'accesses',
    lacks: () => false,
    because: [],
  },
  plain: {
    name: 'the same, not traced',
    run: 'guestrig conform nic.plain.wasm',
    page: 'wasm.md#what-is-seen-of-its-stores',
    sight: 'changes',
    lacks: isRead,
    because: [ORDER],
  },
  qtest: {
    name: 'in any language, by a socket',
    run: 'guestrig qtest',
    page: 'running-an-os.md#qtest',
    sight: 'accesses',
    lacks: (id) => isCalled(id) || isHandled(id) || isGivenBack(id) || isArm(id),
    because: [UNCALLED, UNHANDLED, PCS],
  },
  v86: {
    name: 'a 32-bit kernel, on v86',
    run: 'guestrig boot',
    page: 'running-an-os.md#v86',
    sight: 'changes',
    lacks: (id) =>
      isCalled(id) ||
      isHandled(id) ||
      isUnasked(id) ||
      isArm(id) ||
      /^((pic|ioapic|apic)\/|pirq\/ELCR)/.test(id),
    because: [ORDER, UNCALLED, PCS, "the interrupt controllers are v86's"],
  },
  qemu: {
    name: 'a 64-bit image, on QEMU 10.1 or later',
    run: 'guestrig boot --on qemu',
    page: 'running-an-os.md#qemu',
    sight: 'changes',
    lacks: (id) =>
      isCalled(id) ||
      isGivenBack(id) ||
      /^(acpi|i8042|pic|pirq|ioapic|apic|pit|rtc|uart|pl011|msix|live|kvm)\//.test(id),
    because: [
      ORDER,
      UNCALLED,
      "the chipset, the processors, the serial ports and the entries of MSI-X tables are QEMU's",
    ],
  },
} as const satisfies Readonly<Record<string, Way>>;

/** Whether a driver that comes this way can meet the clause. */
export function reaches({ sight, lacks }: Way, id: ClauseId): boolean {
  if (lacks(id)) return false;
  // Whether RAM is there is asked of each load and store.
  if (Object.hasOwn(RAM, id)) return sight === 'accesses';
  if (Object.hasOwn(GVNIC_SENDS, id)) return sight !== 'changes';
  return !isOnStores(id) || Object.hasOwn(rulesFor(sight, STORES), id);
}

/** Of clauses that a run met, those that the table leaves out. */
export function leftOut(way: Way, met: readonly string[]): string[] {
  return DRIVER_CLAUSES.filter((id) => met.includes(id) && !reaches(way, id));
}

export function reachOf(way: Way): number {
  return DRIVER_CLAUSES.filter((id) => reaches(way, id)).length;
}

export function waysPart(): string {
  const rows = Object.values(WAYS).map((way: Way) => [
    way.name,
    code(way.run),
    `${reachOf(way)}`,
    way.because.join('; ') || '–',
  ]);
  return `## What each way in can reach

Of ${DRIVER_CLAUSES.length} clauses for drivers; the others say what a machine of Compute Engine has, and are asked of \`guestrig probe\`. What a driver
can reach and does not come by is \`unreached\`, and never passed.

${table([['The driver is', 'Run by', 'Can meet', 'It cannot meet the others, since'], ...rows])}`;
}
