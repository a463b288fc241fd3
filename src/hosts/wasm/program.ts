import type { Gpa } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Sight } from '../../core/memory-tap.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { DebugLines } from './dwarf/debug-lines.ts';
import { Guard } from './guard.ts';
import { type ImportContext, importsFor } from './imports.ts';
import { MODULE_BASE, ModuleRam } from './module-ram.ts';
import { MACHINES, MODULES, silence } from './silence.ts';
import { WasmDriverError } from './wasm-driver-error.ts';
import { Instance, type WasmExports } from './web-assembly.ts';

/** Enough for a frame of the largest size that there is. */
const ROOM = 0x1_0000;

/** Arguments of an export: numbers, bigints for an i64, and bytes for an address and a length. */
export type WasmArgument = number | bigint | Uint8Array;

/** The parts of a program. */
export interface ProgramParts {
  readonly name: string;
  readonly module: object;
  /** Maps its code to source lines. */
  readonly lines: DebugLines;
  /** The import that is the module's memory. */
  readonly memory: { readonly module: string; readonly name: string };
  readonly timeout: number;
  /** How much it reports of its accesses to RAM. */
  readonly sight: Sight;
  log(line: string): void;
}

/**
 * A module running on a machine, whose RAM is its memory.
 *
 * @example
 * const program = module.on(machine.port);
 * program.call('print', 0x3f8, new TextEncoder().encode('hello'));     // print(0x3f8, address, 5)
 *
 * @throws WasmDriverError from `call`, for a missing export, a trap, and a call that does not return.
 */
export class WasmProgram {
  private readonly parts: ProgramParts;
  private readonly port: GuestPort;
  private readonly ram: ModuleRam;
  private guard!: Guard;
  /** The end of the module's own RAM, once it is known. */
  private end = 0;
  private exports!: WasmExports;
  private interrupts = 0;
  /** Room for its output, allocated at the first request; 0 before. */
  private room: Gpa = 0;

  /** @internal `WasmModule.on` makes programs. */
  constructor(parts: ProgramParts, port: GuestPort) {
    this.parts = parts;
    this.port = port;
    this.ram = new ModuleRam(parts.name, port, parts.sight);
    this.load();
  }

  /** Loads the module; after the first time it starts over, and the RAM that it was given is free. @internal */
  load(): void {
    const { name, timeout, lines } = this.parts;
    this.guard = new Guard(name, timeout, lines);
    this.ram.bytes(MODULE_BASE, Math.max(this.end - MODULE_BASE, 0)).fill(0);
    this.exports = this.guard.run('its start', () => this.instantiate());
    if (this.end === 0) this.reserve();
    if (this.exports._initialize) this.call('_initialize');
  }

  /**
   * Calls an export. Bytes are copied into RAM, handed over as address and length, and copied back when it returns.
   *
   * @returns its result; 0 if it has none.
   */
  call(name: string, ...args: readonly WasmArgument[]): number {
    if (typeof name !== 'string') throw new MisuseError('name', name, 'the name of an export');
    const exported = this.exports[name];
    if (typeof exported !== 'function')
      throw this.error(`has no export "${name}" (it exports ${this.functions().join(', ') || 'nothing'})`);
    args.forEach(checkArgument);
    const lent = args.map((arg) => (arg instanceof Uint8Array ? this.lend(arg) : null));
    const flat = args.flatMap((arg, i) => (arg instanceof Uint8Array ? [lent[i]!, arg.length] : [arg]));
    const result = this.guard.run(name, () => exported(...flat));
    this.ram.stores.look(true);
    for (const [i, at] of lent.entries()) if (at !== null) this.takeBack(at, args[i] as Uint8Array);
    return Number(result ?? 0);
  }

  /** Calls an export that returns 0 if all went well. @throws WasmDriverError if it returns anything else. @internal */
  done(name: string, ...args: readonly WasmArgument[]): void {
    const result = this.call(name, ...args);
    if (result !== 0) throw this.error(`${name} returned ${result}: it gave up`);
  }

  /**
   * Calls an export with room for bytes behind `context`, until it returns 0 or less: each time it returns how many bytes
   * it put there. No more than `most` times. @internal
   */
  drain(name: string, context: number, most: number): Uint8Array[] {
    if (this.room === 0) this.room = this.ram.allocate(ROOM, 16);
    const found: Uint8Array[] = [];
    this.guard.run(name, () => {
      while (found.length < most) {
        const length = this.call(name, context, this.room, ROOM);
        if (length <= 0) return;
        found.push(this.ram.bytes(this.room, Math.min(length, ROOM)).slice());
      }
    });
    return found;
  }

  private instantiate(): WasmExports {
    const { module, memory } = this.parts;
    const { stores } = this.ram;
    const guestrig = stores.watching(importsFor(this.context()));
    try {
      const given: Record<string, Record<string, unknown>> = { env: stores.traces(), guestrig };
      given[memory.module] = { ...given[memory.module], [memory.name]: this.ram.memory };
      return new Instance(module, given).exports as WasmExports;
    } catch (error) {
      throw this.error(`cannot be loaded into this machine: ${(error as Error).message}`, error);
    }
  }

  private reserve(): void {
    const end = this.exports.__heap_base!.value;
    if (end < MODULE_BASE)
      throw this.error(`its memory ends at ${end}, where others have theirs: link it as docs/wasm.md says`);
    this.end = end;
    this.ram.reserve(end);
  }

  private context(): ImportContext {
    const program = this;
    return {
      port: this.port,
      ram: this.ram,
      get interrupts() {
        return program.interrupts;
      },
      callback: (index) => this.callback(index),
      handle: (vector, handler) =>
        this.port.handle(vector, () => {
          this.interrupts++;
          this.guard.run(`its handler of vector ${vector}`, handler);
        }),
      log: (line) => this.parts.log(line),
    };
  }

  private callback(index: number): (argument: number) => number {
    const table = this.exports.__indirect_function_table;
    const found = table !== undefined && index > 0 && index < table.length ? table.get(index) : null;
    if (found === null)
      throw this.error(
        `has no function ${index} in its table${table ? '' : ': link it with --export-table'}`,
      );
    return (argument) => {
      silence.turn(MODULES);
      const result = Number(found(argument) ?? 0);
      silence.turn(MACHINES);
      this.ram.stores.look();
      return result;
    };
  }

  private lend(bytes: Uint8Array): number {
    const at = this.ram.allocate(Math.max(bytes.length, 1), 16);
    this.ram.bytes(at, bytes.length).set(bytes);
    return at;
  }

  private takeBack(at: number, bytes: Uint8Array): void {
    bytes.set(this.ram.bytes(at, bytes.length));
    this.ram.release(at);
  }

  private functions(): string[] {
    return Object.keys(this.exports).filter((name) => typeof this.exports[name] === 'function');
  }

  private error(what: string, cause?: unknown): WasmDriverError {
    return new WasmDriverError(this.parts.name, what, cause);
  }
}

function checkArgument(argument: unknown, i: number): void {
  const isNumber = typeof argument === 'number' || typeof argument === 'bigint';
  if (!isNumber && !(argument instanceof Uint8Array))
    throw new MisuseError(`arguments[${i}]`, argument, 'a number, a bigint or a Uint8Array');
}
