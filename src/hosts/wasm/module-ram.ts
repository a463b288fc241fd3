import type { Gpa } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { FOUR_GIB, type GuestMemory } from '../../core/memory.ts';
import type { MemoryTap, Sight } from '../../core/memory-tap.ts';
import { MisuseError } from '../../core/misuse.ts';
import { Random } from '../../core/random.ts';
import type { HasBuffer } from '../../core/wasm/kernels.ts';
import { RamAccess } from '../../machine/ram-access.ts';
import { RamAllocator } from '../../machine/ram-allocator.ts';
import { TracedStores } from './traced-stores.ts';
import { WasmDriverError } from './wasm-driver-error.ts';
import { Memory, type WasmFunction } from './web-assembly.ts';

/** Imports by which a driver hands something to a device, or lets it run. */
const HANDS_OVER = /^(out|write|wait)/;

/**
 * Reports to the tap of a machine's RAM what a module does there: the accesses that the module's build reports, and
 * the changes that a scan finds before a device can act.
 */
class ModuleStores {
  readonly tap: MemoryTap | null;
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

/** Where a module's stack and data begin: below it, RAM belongs to firmware, and to earlier users of the machine. */
export const MODULE_BASE = 0x80_0000;
const WASM_PAGE = 0x1_0000;

type Allocator = Pick<GuestPort, 'allocate' | 'release'>;

/**
 * RAM of one of our machines as the memory of a module. The module's own part is taken from the RAM of drivers.
 *
 * @example
 * const ram = new ModuleRam('nic.wasm', port, 'changes');
 * ram.memory;                        // to be imported
 * ram.reserve(heapBase);             // from MODULE_BASE on it is the module's
 * ram.allocate(4096, 4096);          // below 4 GiB on any machine
 */
export class ModuleRam {
  readonly memory: HasBuffer;
  /** Reports to the tap what the module does in it. */
  readonly stores: ModuleStores;
  private readonly module: string;
  private readonly allocator: Allocator;
  private readonly first: Gpa;

  /**
   * @param sight how much the module reports of its accesses to RAM.
   * @throws MisuseError for a port of a machine that is not ours; WasmDriverError if RAM beyond MODULE_BASE is in use.
   */
  constructor(module: string, port: GuestPort, sight: Sight) {
    const { memory } = port;
    if (!(memory instanceof RamAccess))
      throw new MisuseError('port.memory', memory, 'the RAM of a machine of guestrig');
    const ram = memory.shared(sight);
    this.module = module;
    this.memory = wasmMemory(ram);
    this.stores = new ModuleStores(ram, memory.tap);
    const first = port.allocate(1, 1);
    const isLow = first < FOUR_GIB;
    this.allocator = isLow ? port : lowAllocator(ram);
    this.first = isLow ? first : this.allocator.allocate(1, 1);
    if (this.first > MODULE_BASE)
      throw new WasmDriverError(
        module,
        `RAM from ${MODULE_BASE / 2 ** 20} MiB on is given to others already`,
      );
  }

  /** Takes the RAM up to `end` for the module. Its contents stay. */
  reserve(end: Gpa): void {
    const mine = this.bytes(MODULE_BASE, end - MODULE_BASE).slice();
    const at = this.allocator.allocate(end - this.first, 1);
    // Its heap may go on behind it: where its memory ends is its own affair.
    this.stores.tap?.released(at, end - this.first);
    this.bytes(MODULE_BASE, mine.length).set(mine);
  }

  allocate(bytes: number, align: number): Gpa {
    return this.allocator.allocate(bytes, align);
  }

  release(at: Gpa): void {
    this.allocator.release(at);
  }

  /** @throws WasmDriverError if a byte of it lies outside. */
  bytes(at: Gpa, length: number): Uint8Array {
    const { buffer } = this.memory;
    if (at + length > buffer.byteLength)
      throw new WasmDriverError(this.module, `${length} bytes at ${at} are not all in its memory`);
    return new Uint8Array(buffer, at, length);
  }
}

function wasmMemory(ram: GuestMemory): HasBuffer {
  if (ram.holder instanceof Memory) return ram.holder;
  const pages = Math.ceil(ram.ranges[0]!.size / WASM_PAGE);
  const memory = new Memory({ initial: pages, maximum: pages });
  ram.moveInto(memory);
  return memory;
}

/** If the machine gives drivers RAM above 4 GiB, the RAM below is free, but for firmware's tables at its end. */
function lowAllocator(ram: GuestMemory): Allocator {
  return new RamAllocator(ram, new Random(1), false, ram.ranges[0]!.size / 2);
}
