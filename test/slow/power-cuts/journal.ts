import type { ScsiHost } from '../../../src/guest/index.ts';

const BLOCK = 512;
const TARGET = 1;
/** Blocks of a record, and places for records in the journal and behind it. */
const SIZE = 8;
const SLOTS = 16;
const HOMES = 32;
/** Records that a recovery carries out again: those before are where they belong, and flushed. */
const WINDOW = 8;
const COMMITS = 8;
const DATA = 64;
const HOME = DATA + SLOTS * SIZE;

/** What is on the disk after a recovery: the last record that was committed, and what is in each home. */
export interface Recovered {
  readonly last: number;
  /** The number of the record there; -1 where blocks of several are mixed. */
  readonly homes: readonly number[];
}

/**
 * A writer that keeps a journal, as a file system does. Record n goes into the journal; that is flushed; a block commits it;
 * that is flushed: then it is acknowledged. Its home gets it later, and the next record's flush makes that safe.
 */
export class Journal {
  private readonly host: ScsiHost;

  constructor(host: ScsiHost) {
    this.host = host;
  }

  /** Returns when the record is acknowledged. */
  append(n: number): void {
    const { host } = this;
    const slot = n % SLOTS;
    host.write(TARGET, DATA + slot * SIZE, record(n, SIZE));
    host.flush(TARGET);
    host.write(TARGET, COMMITS + slot, record(n, 1));
    host.flush(TARGET);
  }

  /** Puts it where it belongs, some time. */
  settle(n: number): void {
    this.host.write(TARGET, HOME + (n % HOMES) * SIZE, record(n, SIZE));
  }

  /** Carries out again what was committed, as after a loss of power. */
  recover(): Recovered {
    const { host } = this;
    const commits = Array.from({ length: SLOTS }, (_, i) => numberOf(host.read(TARGET, COMMITS + i, 1)));
    const last = Math.max(...commits);
    for (let n = Math.max(1, last - WINDOW + 1); n <= last; n++) {
      const slot = n % SLOTS;
      const data = host.read(TARGET, DATA + slot * SIZE, SIZE);
      if (commits[slot] === n) host.write(TARGET, HOME + (n % HOMES) * SIZE, data);
    }
    host.flush(TARGET);
    const all = host.read(TARGET, HOME, HOMES * SIZE);
    const homes = Array.from({ length: HOMES }, (_, i) =>
      numberOf(all.subarray(i * SIZE * BLOCK, (i + 1) * SIZE * BLOCK)),
    );
    return { last, homes };
  }
}

/** What is wrong with it, if `acknowledged` records were, and the next may have been. */
export function wrongIn({ last, homes }: Recovered, acknowledged: number): string[] {
  const found: string[] = [];
  if (last !== acknowledged && last !== acknowledged + 1)
    found.push(`the last record is ${last} and not ${acknowledged}`);
  for (const [home, n] of homes.entries()) {
    // The last one that belongs there: 0 if there was none yet.
    const expected = Math.max(0, last - ((last - home + HOMES) % HOMES));
    if (n !== expected) found.push(`home ${home} has record ${n} and not ${expected}`);
  }
  return found;
}

function record(n: number, blocks: number): Uint8Array {
  return new Uint8Array(new Uint32Array((blocks * BLOCK) / 4).fill(n).buffer);
}

/** The number in each word; -1 if they differ. */
function numberOf(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.slice().buffer);
  return words.every((word) => word === words[0]) ? words[0]! : -1;
}
