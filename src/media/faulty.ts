import { checkList, checkMethods, checkObject, checkWhole } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import { Random } from '../core/random.ts';
import { BLOCK, type Medium } from './medium.ts';

/** Which calls each concerns. What is torn or lost succeeds for the guest; the others are medium errors. */
const CALLS = {
  read: ['read'],
  write: ['write', 'unmap'],
  full: ['write', 'unmap'],
  torn: ['write'],
  'torn block': ['write'],
  lost: ['flush'],
};
const KINDS = Object.keys(CALLS);
type Call = 'read' | 'write' | 'unmap' | 'flush';

/** One fault of a disk: of which calls, where, how often. */
export interface DiskFault {
  /**
   * `read`: an unrecovered read error. `write`: a write error. `full`: no room for what is written. `torn`: a write of which
   * only the first blocks are done, of those in one buffer. `torn block`: the same, at any byte. `lost`: a flush that flushes nothing. The last three are reported as done.
   */
  readonly kind: 'read' | 'write' | 'full' | 'torn' | 'torn block' | 'lost';
  /** The first block of those that are concerned. Default 0. */
  readonly lba?: number;
  /** How many blocks. Default: all up to the end. */
  readonly blocks?: number;
  /** Of the calls that touch them so many pass first. Default 0. */
  readonly skip?: number;
  /** Then so many fail. Default: all. */
  readonly times?: number;
  /** Each of them fails with this probability, by seed. Default 1. */
  readonly chance?: number;
}

/** How chance falls. */
export interface FaultyOptions {
  /** What happens by chance follows from it. Default 1. */
  readonly seed?: number;
}

/** A fault in use. `bad` is the block on which it was met, until the disk looked at it alone. */
type Armed = { -readonly [Field in keyof Required<DiskFault>]: Required<DiskFault>[Field] } & { bad: number };

/**
 * A disk with faults, over one without: by block, by count or by chance. A disk that meets an error looks for its block, and
 * names it in sense data; an error stays until then, so that one error is one command that fails.
 *
 * @example
 * const medium = new FaultyMedium(new MemoryMedium(64 << 20), [
 *   { kind: 'read', lba: 1000, blocks: 8 },          // eight blocks that cannot be read
 *   { kind: 'write', skip: 100, times: 1 },          // the write after a hundred fails
 *   { kind: 'torn', chance: 0.01 },
 * ]);
 * const machine = gceN1({ disks: [{ medium }] });
 */
export class FaultyMedium implements Medium {
  readonly blocks: number;
  readonly readOnly: boolean;
  failure: 'full' | null = null;
  private readonly below: Medium;
  private readonly random: Random;
  private readonly faults: Armed[];

  /** @throws MisuseError for faults that are none. */
  constructor(below: Medium, faults: readonly DiskFault[], options: FaultyOptions = {}) {
    checkMethods('faulty.below', below, ['read', 'write', 'unmap', 'flush', 'close'], 'a medium');
    checkList('faulty.faults', faults);
    checkObject('faulty.options', options);
    const { seed = 1 } = options;
    checkWhole('faulty.seed', seed, 0, 0xffff_ffff);
    this.below = below;
    this.blocks = below.blocks;
    this.readOnly = below.readOnly;
    this.random = new Random(seed);
    this.faults = faults.map((fault, i) => armed(fault, below.blocks, `faulty.faults[${i}]`));
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    return this.meets('read', offset, length) === null && this.below.read(offset, into, at, length);
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    const fault = this.meets('write', offset, length);
    if (fault === null) return this.passed(this.below.write(offset, from, at, length));
    if (!isTorn(fault)) return this.failed(fault);
    const unit = fault.kind === 'torn' ? BLOCK : 1;
    const done = unit * this.random.below(Math.ceil(length / unit));
    return this.passed(done === 0 || this.below.write(offset, from, at, done));
  }

  unmap(offset: number, length: number): boolean {
    const fault = this.meets('unmap', offset, length);
    if (fault === null) return this.passed(this.below.unmap(offset, length));
    fault.bad = -1;
    return this.failed(fault);
  }

  extentAt(offset: number): { readonly mapped: boolean; readonly bytes: number } {
    return this.below.extentAt?.(offset) ?? { mapped: true, bytes: this.blocks * BLOCK - offset };
  }

  flush(offset = 0, length = this.blocks * BLOCK): boolean {
    return this.meets('flush', offset, length) !== null || this.passed(this.below.flush(offset, length));
  }

  powerCut(): void {
    this.below.powerCut?.();
  }

  close(): void {
    this.below.close();
  }

  private failed({ kind }: Armed): false {
    this.failure = kind === 'full' ? 'full' : null;
    return false;
  }

  private passed(isDone: boolean): boolean {
    if (!isDone) this.failure = this.below.failure ?? null;
    return isDone;
  }

  /** The fault that this call meets. */
  private meets(call: Call, offset: number, length: number): Armed | null {
    for (const fault of this.faults)
      if (CALLS[fault.kind].includes(call) && this.isMet(fault, call, offset, length)) return fault;
    return null;
  }

  private isMet(fault: Armed, call: Call, offset: number, length: number): boolean {
    const [first, end] = [Math.floor(offset / BLOCK), Math.ceil((offset + length) / BLOCK)];
    if (fault.bad >= 0) {
      const touches = first <= fault.bad && fault.bad < end;
      // It was looked at alone, and is named.
      if (touches && end - first === 1) fault.bad = -1;
      return touches;
    }
    const from = Math.max(first, fault.lba);
    const count = Math.min(end, fault.lba + fault.blocks) - from;
    if (count <= 0 || fault.times === 0) return false;
    if (fault.skip > 0) {
      fault.skip--;
      return false;
    }
    if (fault.chance < 1 && this.random.next() / 2 ** 32 >= fault.chance) return false;
    fault.times--;
    if (call !== 'flush' && !isTorn(fault))
      fault.bad = fault.chance < 1 ? from + this.random.below(count) : from;
    return true;
  }
}

function isTorn({ kind }: Armed): boolean {
  return kind === 'torn' || kind === 'torn block';
}

function armed(fault: DiskFault, all: number, path: string): Armed {
  checkObject(path, fault);
  const { kind, lba = 0, blocks = all - lba, skip = 0, times = Number.MAX_SAFE_INTEGER, chance = 1 } = fault;
  if (!KINDS.includes(kind)) throw new MisuseError(`${path}.kind`, kind, `one of ${KINDS.join(', ')}`);
  checkWhole(`${path}.lba`, lba, 0, all - 1);
  checkWhole(`${path}.blocks`, blocks, 1, all - lba);
  checkWhole(`${path}.skip`, skip, 0, Number.MAX_SAFE_INTEGER);
  checkWhole(`${path}.times`, times, 1, Number.MAX_SAFE_INTEGER);
  if (!(typeof chance === 'number' && chance > 0 && chance <= 1))
    throw new MisuseError(`${path}.chance`, chance, 'a number above 0, up to 1');
  return { kind, lba, blocks, skip, times, chance, bad: -1 };
}
