import type { Gpa, Width } from '../../core/bits.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { MemoryTap, Sight } from '../../core/memory-tap.ts';
import type { WasmFunction } from './web-assembly.ts';

/**
 * The functions that a build with `-fsanitize-coverage=trace-loads,trace-stores` calls before each access, with
 * its address.
 */
const CALLED = /^__sanitizer_cov_(load|store)(1|2|4|8|16)$/;
/** The number of pieces of the widest store. */
const PIECES = 4;

/** Whether this is an import of such a build. */
export function isTrace(name: string): boolean {
  return CALLED.test(name);
}

/** How much a module with these imports reports of its accesses. */
export function sightOf(imports: readonly string[]): Sight {
  const kinds = imports.map((name) => CALLED.exec(name)?.[1]);
  if (!kinds.includes('store')) return 'changes';
  return kinds.includes('load') ? 'accesses' : 'stores';
}

/**
 * A module's loads and stores, as its build reports them. A store is reported before it is done, so it is passed on at
 * the next report, or before a device acts.
 *
 * @example
 * const traced = new TracedStores(ram, tap);
 * traced.imports();             // __sanitizer_cov_store4 and its like
 * traced.settle();              // what was told last is done
 */
export class TracedStores {
  private readonly ram: GuestMemory;
  private readonly tap: MemoryTap | null;
  private readonly before = new Uint32Array(PIECES);
  private at: Gpa = 0;
  private bytes = 0;

  constructor(ram: GuestMemory, tap: MemoryTap | null) {
    this.ram = ram;
    this.tap = tap;
  }

  imports(): Record<string, WasmFunction> {
    const made: Record<string, WasmFunction> = {};
    for (const bytes of [1, 2, 4, 8, 16]) {
      made[`__sanitizer_cov_load${bytes}`] = (at) => this.load(Number(at) >>> 0, bytes);
      made[`__sanitizer_cov_store${bytes}`] = (at) => this.store(Number(at) >>> 0, bytes);
    }
    return made;
  }

  settle(): void {
    const { at, bytes, before } = this;
    if (bytes === 0) return;
    this.bytes = 0;
    const width = widthOf(bytes);
    for (let i = 0; i * width < bytes; i++)
      this.tap?.stored(at + i * width, width, this.value(at + i * width, width), before[i]!);
  }

  private load(at: Gpa, bytes: number): undefined {
    this.settle();
    if (this.ram.find(at, bytes) === null) {
      this.tap?.missed(at, bytes, false);
      return;
    }
    const width = widthOf(bytes);
    // One instruction: it may be part of a copy, which need not end where the bytes do that matter.
    if (bytes > width) this.tap?.read(at, bytes);
    else this.tap?.loaded(at, width, this.value(at, width));
  }

  private store(at: Gpa, bytes: number): undefined {
    this.settle();
    if (this.ram.find(at, bytes) === null) {
      this.tap?.missed(at, bytes, true);
      return;
    }
    const width = widthOf(bytes);
    for (let i = 0; i * width < bytes; i++) this.before[i] = this.value(at + i * width, width);
    this.at = at;
    this.bytes = bytes;
  }

  private value(at: Gpa, width: Width): number {
    const range = this.ram.find(at, width)!;
    const offset = at - range.base;
    if (width === 1) return range.view.getUint8(offset);
    return width === 2 ? range.view.getUint16(offset, true) : range.view.getUint32(offset, true);
  }
}

/** A wider access is reported in halves, each of which is an integer of a driver. */
function widthOf(bytes: number): Width {
  return bytes >= 4 ? 4 : (bytes as Width);
}
