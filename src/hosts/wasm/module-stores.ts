import type { GuestMemory } from '../../core/memory.ts';
import type { MemoryTap } from '../../core/memory-tap.ts';
import { TracedStores } from './traced-stores.ts';
import type { WasmFunction } from './web-assembly.ts';

/** At these a driver hands something to a device, or gives it time to go on. */
const HANDS_OVER = /^(out|write|wait)/;

/**
 * Tells who watches a machine's RAM what a module does there: as the module's build tells it, and what looks find out
 * before a device can act.
 */
export class ModuleStores {
  private readonly tap: MemoryTap | null;
  private readonly traced: TracedStores;

  constructor(ram: GuestMemory, tap: MemoryTap | null) {
    this.tap = tap;
    this.traced = new TracedStores(ram, tap);
  }

  /** What a build that tells of its accesses imports. */
  traces(): Record<string, WasmFunction> {
    return this.traced.imports();
  }

  /** Imports of a module, each of which looks before it does what it is for. */
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

  /** The module did something: what, if that is not told by itself? */
  look(atAll = false): void {
    this.traced.settle();
    this.tap?.look(atAll);
  }
}
