import type { GuestMemory } from '../../core/memory.ts';
import type { MemoryTap } from '../../core/memory-tap.ts';
import { TracedStores } from './traced-stores.ts';
import type { WasmFunction } from './web-assembly.ts';

/** Imports by which a driver hands something to a device, or lets it run. */
const HANDS_OVER = /^(out|write|wait)/;

/**
 * Reports to the tap of a machine's RAM what a module does there: the accesses that the module's build reports, and
 * the changes that a scan finds before a device can act.
 */
export class ModuleStores {
  private readonly tap: MemoryTap | null;
  private readonly traced: TracedStores;

  constructor(ram: GuestMemory, tap: MemoryTap | null) {
    this.tap = tap;
    this.traced = new TracedStores(ram, tap);
  }

  /** The imports of a build that reports its accesses. */
  traces(): Record<string, WasmFunction> {
    return this.traced.imports();
  }

  /** Imports of a module, each of which scans RAM first. */
  watching(imports: Readonly<Record<string, WasmFunction>>): Record<string, WasmFunction> {
    if (this.tap === null) return { ...imports };
    return Object.fromEntries(
      Object.entries(imports).map(([name, act]) => {
        const atAll = HANDS_OVER.test(name);
        // No import takes more; rest parameters would make an array at each call.
        const watched = (a: number | bigint, b: number | bigint, c: number | bigint) => {
          this.look(atAll);
          return act(a, b, c);
        };
        return [name, watched as WasmFunction];
      }),
    );
  }

  /** The module acted: finds its stores, if they are not reported. */
  look(atAll = false): void {
    this.traced.settle();
    this.tap?.look(atAll);
  }
}
