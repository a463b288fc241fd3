import type { Board } from '../../../core/board.ts';
import { buildMachine } from '../../../machine/computer.ts';
import type { AnyDescriptor, Site } from '../../../machine/devices/descriptor.ts';
import type { Facades } from '../../../machine/devices/index.ts';
import { plugVirtio } from '../../../machine/devices/virtio.ts';
import type { Machine } from '../../../machine/machine.ts';
import { planFor } from '../../../machine/plan.ts';
import { QEMU_PC } from '../../../machine/qemu-pc.ts';
import { Stranger } from '../../../pci/stranger.ts';
import { NET_FEATURE_RULES } from '../../../rules/virtio/net/features.ts';
import { judgeVirtio } from '../../../rules/virtio/watches.ts';
import { VirtioDevice } from '../../../virtio/device.ts';
import type { VirtioEvents } from '../../../virtio/events.ts';
import { type Manners, PLAIN } from '../../../virtio/manners.ts';
import { FEATURE, LEGACY_CONFIG, VIRTIO_ID } from '../../../virtio/registers.ts';
import type { VirtioFunction } from '../../../virtio/transport/function.ts';
import { MOST_VECTORS, type SeenFunction, type Survey } from './survey.ts';

const COMMAND = 4;
/** Functions that the machine has by itself: host bridge, PIIX and what goes with it. */
const OWN_SLOTS = [0, 1];
const MOST_SLOT = 31;
const UNKNOWN = { vendor: 0x8086, device: 0x1234, class: 0xff_0000 };
/**
 * Bytes of an entry of the MSI-X table, which takes half of its base address; and that address's size, where a trace
 * does not show it.
 */
const [ENTRY, TABLE_BAR] = [16, 4096];

/** Features of one interface, by words. */
const WORDS = 4;
/** Entries of a queue whose size was not read: chosen so that no ring is too short for it, nor a size too large. */
const UNREAD = { legacy: 2, modern: 32_768 } as const;
/** Device types of virtio that QEMU has and we do not. */
const OTHER_IDS: Readonly<Record<string, number>> = {
  blk: 2,
  serial: 3,
  gpu: 16,
  input: 18,
  vsock: 19,
  '9p': 9,
};
const CONFIG_BYTES = 64;

/**
 * A virtio device of which a trace shows the registers, and nothing in RAM: it has the features and the queues that the
 * trace shows, and serves none.
 */
class LoggedVirtio extends VirtioDevice {
  constructor(name: string, board: Board, seen: SeenFunction) {
    super(name, board, {
      virtioId: typeOf(seen),
      offered: offeredOf(seen),
      queueSizes: queueSizesOf(seen),
      configBytes: configBytesOf(seen),
      dependencies: [],
      manners: mannersOf(seen),
    });
  }

  /** Its rings are not read, so the watch is not attached to them. */
  override watchedBy(events: VirtioEvents | null): void {
    this.events = events;
  }

  role(index: number): string {
    return `queue ${index}`;
  }

  readConfig(): number {
    return 0;
  }

  writeConfig(): void {}

  protected kicked(): void {}

  protected restart(): void {}
}

function typeOf({ type }: SeenFunction): number {
  const known: Readonly<Record<string, number>> = { ...OTHER_IDS, ...VIRTIO_ID };
  return known[type ?? ''] ?? 0;
}

/** The features that it offered; if those were not read, the ones that its driver accepted. */
function offeredOf({ offered, taken, isModern }: SeenFunction): number[] {
  const bits: number[] = isModern ? [FEATURE.VERSION_1] : [];
  for (let word = 0; word < WORDS; word++)
    for (let bit = 0; bit < 32; bit++)
      if (((offered[word] ?? taken[word]!) >>> bit) & 1) bits.push(32 * word + bit);
  return [...new Set(bits)];
}

function queueSizesOf({ queueSizes, queues, byModern }: SeenFunction): number[] {
  const unread = UNREAD[byModern ? 'modern' : 'legacy'];
  const length = Math.max(1, queues, queueSizes.length);
  return Array.from({ length }, (_, index) => queueSizes[index] ?? unread);
}

/** As many as make its base address as large as in the trace. */
function configBytesOf({ sizes }: SeenFunction): number {
  return sizes[0]! > LEGACY_CONFIG.withMsix ? sizes[0]! - LEGACY_CONFIG.withMsix : CONFIG_BYTES;
}

function mannersOf({ isModern, isTransitional }: SeenFunction): Manners {
  return { ...PLAIN, shows: isModern ? 'modern' : isTransitional ? 'transitional' : 'legacy' };
}

/** A machine whose PCI functions are those that a trace shows. */
export class LoggedMachine implements AnyDescriptor {
  readonly options = {};
  readonly machine: Machine;
  /** The virtio functions of the trace, with ours. */
  readonly virtio = new Map<SeenFunction, VirtioFunction>();
  private readonly survey: Survey;

  /** @param stack the guest runs meanwhile: findings keep its stack. */
  constructor(survey: Survey, { stack = false } = {}) {
    this.survey = survey;
    const options = {
      firmware: false,
      patience: false,
      judge: { stores: false, stack },
      serial: { pace: 'instant' },
    } as const;
    const { machine } = planFor(QEMU_PC, options);
    this.machine = buildMachine({ machine, devices: [{ descriptor: this, settings: null }] });
    this.machine.journal.quietly(() => this.begin());
  }

  plan(): null {
    return null;
  }

  plug(site: Site): Facades {
    for (const seen of this.survey.functions.values()) {
      const [slot, fn] = [(seen.bdf >> 3) & MOST_SLOT, seen.bdf & 7];
      if (seen.bdf >> 8 !== 0 || fn !== 0 || OWN_SLOTS.includes(slot)) continue;
      if (seen.type === null) site.plug(new Stranger(seen.name, site.board, UNKNOWN), { slot });
      else this.virtio.set(seen, this.plugVirtio(site, seen, slot));
    }
    return { nics: [], disks: [], balloon: null, display: null, scsiQueues: 0 } as unknown as Facades;
  }

  /** As the trace finds it: Command last, which turns decoding on. */
  private begin(): void {
    for (const [{ initial }, fn] of this.virtio)
      for (const [offset, value] of [...initial].sort(([one], [other]) => other - one))
        fn.writeConfig(
          offset,
          value & (offset === COMMAND ? 0xffff : 0xffff_ffff),
          offset === COMMAND ? 2 : 4,
        );
  }

  private plugVirtio(site: Site, seen: SeenFunction, slot: number): VirtioFunction {
    const device = new LoggedVirtio(seen.name, site.board, seen);
    return plugVirtio(site, device, {
      class: seen.class ?? 0,
      slot,
      vectors: seen.vectors ?? Math.min(MOST_VECTORS, Math.floor((seen.sizes[1] || TABLE_BAR) / (2 * ENTRY))),
      watch: (facts, { virtioId }, journal) => {
        const rules = virtioId === VIRTIO_ID.net ? { featureRules: NET_FEATURE_RULES } : {};
        return judgeVirtio({ ...facts, ...rules }, journal);
      },
    });
  }
}
