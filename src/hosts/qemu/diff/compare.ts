import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../../core/random.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { qemuPc } from '../../../machine/qemu-pc.ts';
import { MemoryMedium } from '../../../media/memory.ts';
import type { Difference, Differing } from '../differences/difference.ts';
import { explanationOf } from '../differences/index.ts';
import { filesIn, gceLike } from '../machine/arguments.ts';
import { QemuPort } from '../port.ts';
import type { Qemu } from '../qemu-process.ts';
import { pci } from './pci.ts';
import { pmTimer } from './pm-timer.ts';
import type { Answer, Area, Question } from './question.ts';
import { scsi } from './scsi.ts';
import { Side } from './side.ts';
import { uart } from './uart.ts';
import { virtioLegacy } from './virtio-legacy.ts';
import { virtioModern } from './virtio-modern.ts';

const DISK_BYTES = 1 << 20;
const CONTENT = Uint8Array.from({ length: DISK_BYTES }, (_, i) => i * 7 + (i >> 8));
const MACHINES = { 'gce-n1': gceN1, 'qemu-pc': qemuPc } as const;
/** The machines of ours that are asked. */
export type Compared = keyof typeof MACHINES;

/** Our machine and QEMU's, each at power-on and with the same disk. */
class Pair {
  readonly ours: Side;
  readonly theirs: Side;
  private readonly qemu: QemuPort;

  constructor(qemu: Qemu, profile: Compared, virtio: 'legacy' | 'modern') {
    const machine = MACHINES[profile]({
      virtio,
      firmware: false,
      judge: false,
      serial: { pace: 'instant' },
      disks: [{ medium: MemoryMedium.from(CONTENT.slice()) }],
    });
    this.qemu = QemuPort.startOn(qemu, {
      interrupts: false,
      arguments: (folder) => {
        const disk = join(folder, 'disk.img');
        writeFileSync(disk, CONTENT);
        return gceLike(filesIn(folder), [disk], { writable: true, virtio });
      },
    });
    this.ours = new Side(machine.port);
    this.theirs = new Side(this.qemu);
  }

  close(): void {
    this.qemu.close();
  }
}

const AREAS: readonly Area[] = [pci, uart, pmTimer, virtioLegacy, virtioModern, scsi];

/** A difference: how often it occurred, and the first time. */
interface Met {
  readonly difference: Difference;
  readonly first: Differing;
  times: number;
}

/** The result of asking both. */
export interface QemuComparison {
  /** Of each area, how many questions. */
  readonly asked: ReadonlyMap<string, number>;
  readonly explained: readonly Met[];
  /** Each unexplained difference once, with its count. */
  readonly unexplained: readonly { readonly first: Differing; readonly times: number }[];
}

interface CompareOptions {
  /** Our machine. */
  readonly profile: Compared;
  /** Questions by the seed, in all. */
  readonly count: number;
  readonly seed: number;
  /** Called for each area that is begun. */
  progress?(area: string): void;
}

/** A seed each, so that a question of one area is the same however many there are of others. */
const APART = 0x9e37_79b1;

/** Asks our machine and QEMU's the same questions: the fixed ones, and `count` by the seed. */
export function compare(qemu: Qemu, { profile, count, seed, progress }: CompareOptions): QemuComparison {
  const tally = new Tally(profile);
  for (const [i, area] of AREAS.entries()) {
    progress?.(area.name);
    const share = Math.floor(((i + 1) * count) / AREAS.length) - Math.floor((i * count) / AREAS.length);
    const pair = new Pair(qemu, profile, area.modern ? 'modern' : 'legacy');
    try {
      for (const question of questionsOf(area, share, seed + i * APART)) tally.ask(area, question, pair);
    } finally {
      pair.close();
    }
  }
  return tally.comparison;
}

function* questionsOf(area: Area, count: number, seed: number): Generator<Question> {
  yield* area.scripted;
  const random = new Random(seed);
  for (let i = 0; i < count; i++) yield area.seeded(random);
}

class Tally {
  private readonly profile: Compared;
  private readonly asked = new Map<string, number>();
  private readonly explained = new Map<Difference, Met>();
  private readonly unexplained = new Map<string, { readonly first: Differing; times: number }>();

  constructor(profile: Compared) {
    this.profile = profile;
  }

  get comparison(): QemuComparison {
    return {
      asked: this.asked,
      explained: [...this.explained.values()],
      unexplained: [...this.unexplained.values()],
    };
  }

  ask({ name }: Area, question: Question, { ours, theirs }: Pair): void {
    this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
    for (const differing of differences(question, question.ask(ours), question.ask(theirs)))
      if (this.counts(differing)) return;
  }

  /** @returns whether the comparison may end. */
  private counts(seen: Differing): boolean {
    const difference = explanationOf(seen, this.profile);
    if (difference === null) {
      count(this.unexplained, seen.place, () => ({ first: seen, times: 0 }));
      return true;
    }
    count(this.explained, difference, () => ({ difference, first: seen, times: 0 }));
    return difference.follows === true;
  }
}

function count<K, V extends { times: number }>(map: Map<K, V>, key: K, make: () => V): void {
  const value = map.get(key) ?? make();
  value.times++;
  map.set(key, value);
}

/** Up to the shorter of the two answers. */
function* differences(
  { about }: Question,
  ours: readonly Answer[],
  theirs: readonly Answer[],
): Generator<Differing> {
  for (let i = 0; i < Math.min(ours.length, theirs.length); i++) {
    const { place, said } = ours[i]!;
    const other = theirs[i]!;
    if (place !== other.place) yield { place, ours: said, qemu: `${other.place} ${other.said}`, about };
    else if (said !== other.said) yield { place, ours: said, qemu: other.said, about };
  }
}
