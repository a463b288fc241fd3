import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { virtioScsiDriver } from '../../../src/guest/index.ts';
import { gceN1, type Machine, type Medium, MemoryMedium, WriteBackMedium } from '../../../src/index.ts';
import { repeats } from '../../repeats.ts';
import { Journal, wrongIn } from './journal.ts';

const BYTES = 1 << 20;
/** Virtual nanoseconds: a request takes so long, and the power fails after some records at the latest. */
const REQUEST = 20_000;
const LATEST = 4_000_000;
/** Cuts of one disk, whose RAM has room for as many drivers. */
const CUTS_EACH = 50;
const PARTS = repeats(2, 20);
const DISKS_EACH = repeats(2, 10);

/** A disk whose power fails again and again while a journal is written. */
class CutDisk {
  readonly faults: string[] = [];
  cuts = 0;
  private readonly machine: Machine;
  private readonly random: Random;
  private acknowledged = 0;

  constructor(seed: number, medium: Medium) {
    this.random = new Random(seed);
    this.machine = gceN1({
      seed,
      disks: [{ medium }],
      scsi: { latency: REQUEST, ringSize: 64 },
      completion: { latency: [0, 10 * REQUEST], order: 'random' },
    });
  }

  /** Stops at the first fault. */
  work(): this {
    let journal = this.recovered();
    while (this.cuts < CUTS_EACH && this.faults.length === 0) {
      this.writeUntilCut(journal);
      this.machine.powerCut();
      this.cuts++;
      journal = this.recovered();
    }
    this.machine.close();
    return this;
  }

  private recovered(): Journal {
    const journal = new Journal(this.machine.attach(virtioScsiDriver));
    const found = journal.recover();
    this.faults.push(...wrongIn(found, this.acknowledged).map((what) => `cut ${this.cuts}: ${what}`));
    this.acknowledged = found.last;
    return journal;
  }

  private writeUntilCut(journal: Journal): void {
    const cut = this.cutAfter(1 + this.random.below(LATEST));
    try {
      for (;;) {
        const next = this.acknowledged + 1;
        journal.append(next);
        this.acknowledged = next;
        journal.settle(next);
      }
    } catch (error) {
      if (error !== cut) throw error;
    }
  }

  /** The error that ends the driver's call then. */
  private cutAfter(time: number): Error {
    const { clock } = this.machine.chassis.board;
    const error = new Error('the power fails');
    const timer = clock.timer('power', () => {
      clock.userCalls.keep(error);
      clock.remove(timer);
    });
    timer.arm(time);
    return error;
  }
}

type Breaking = (medium: WriteBackMedium) => Medium;

/** A disk of which nothing is broken, or a part by `breaking`. */
function worked(seed: number, breaking: Breaking = (medium) => medium): CutDisk {
  const medium = new WriteBackMedium(new MemoryMedium(BYTES), { seed });
  return new CutDisk(seed, breaking(medium)).work();
}

describe('a journal on a disk whose power fails has each record that was acknowledged, and half of none', () => {
  test.each(Array.from({ length: PARTS }, (_, part) => part))('part %d', (part) => {
    const disks = Array.from({ length: DISKS_EACH }, (_, i) => worked(1 + 100 * part + i));

    expect(disks.flatMap(({ faults }) => faults)).toEqual([]);
    expect(disks.reduce((sum, { cuts }) => sum + cuts, 0)).toBe(DISKS_EACH * CUTS_EACH);
  });
});

const BROKEN: readonly [string, Breaking][] = [
  ['ignores flushes', (medium) => Object.assign(medium, { flush: () => true })],
  ['does what a flush asks for with the next one alone', delayingFlushes],
  ['tears a block that was flushed', tearing],
];

test.each(BROKEN)('a disk that %s is found out', (_what, breaking) => {
  const faults = [1, 2, 3].map((seed) => worked(seed, breaking).faults.length > 0);

  expect(faults).toEqual([true, true, true]);
});

/** A write before a flush can be done after one that comes behind it. */
function delayingFlushes(medium: WriteBackMedium): Medium {
  const { write, flush } = medium;
  let [now, before]: [[offset: number, length: number][], [offset: number, length: number][]] = [[], []];
  return Object.assign(medium, {
    write(offset: number, from: Uint8Array, at: number, length: number) {
      now.push([offset, length]);
      return write.call(medium, offset, from, at, length);
    },
    flush() {
      for (const range of before) flush.apply(medium, range);
      [now, before] = [[], now];
      return true;
    },
  });
}

/** With the power half of the block goes that was written first before the last flush. */
function tearing(medium: WriteBackMedium): Medium {
  const { write, flush, powerCut } = medium;
  let [written, flushed] = [-1, -1];
  return Object.assign(medium, {
    write(offset: number, from: Uint8Array, at: number, length: number) {
      written = offset;
      return write.call(medium, offset, from, at, length);
    },
    flush() {
      if (written >= 0) flushed = written;
      return flush.call(medium);
    },
    powerCut() {
      powerCut.call(medium);
      if (flushed >= 0) write.call(medium, flushed + 256, new Uint8Array(256), 0, 256);
    },
  });
}
