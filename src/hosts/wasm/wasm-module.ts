import { checkBytes, checkFunction, checkObject, checkWhole } from '../../core/checks.ts';
import type { Driver, PciId } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { MisuseError } from '../../core/misuse.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { DebugLines } from './dwarf/debug-lines.ts';
import { IMPORTS } from './imports.ts';
import { type ProgramParts, WasmProgram } from './program.ts';
import { isTrace, sightOf } from './traced-stores.ts';
import { WasmDriverError } from './wasm-driver-error.ts';
import { WasmHandle } from './wasm-handle.ts';
import { ownMatches, type WasmModel, wasmModel } from './wasm-model.ts';
import { Module } from './web-assembly.ts';

const NEEDED = [
  ['__heap_base', 'global', '--export=__heap_base'],
  ['__indirect_function_table', 'table', '--export-table'],
] as const;
/** Calls a function by its index. */
const TAKES_FUNCTION = ['handle', 'wait_until'];
/** No driver is silent for as long. */
const TIMEOUT = 1500;
const HOUR = 3_600_000;

/** A module's name and limits. */
export interface WasmOptions {
  /** For messages, such as the name of its file. */
  readonly name: string;
  /**
   * Milliseconds of a processor after which a call that a test makes fails, if the module makes no access meanwhile.
   * Default 1500. In a run of `judge` or `conform` their `hostTime` counts.
   */
  readonly timeout?: number;
  /** Gets the driver's log lines. Default: none. */
  readonly log?: (line: string) => void;
}

/**
 * A driver compiled to WebAssembly, from C, Rust or any language with such a compiler. docs/wasm.md describes its
 * imports, its exports and how it is linked.
 *
 * @example
 * const module = new WasmModule(readFileSync('nic.wasm'), { name: 'nic.wasm' });
 * const myNic = module.driver(({ vendor, device }) => vendor === 0x1af4 && device === 0x1000);
 * const machine = gceN1();
 * const nic = machine.attach(myNic);              // attach(bdf)
 * nic.call('send', frame);                        // send(what attach returned, address, length)
 * judge({ name: 'mine', drivers: [myNic], run: (_port, [nic]) => nic.call('send', frame) });
 *
 * @throws MisuseError for an invalid option; WasmDriverError for a module that cannot be a driver, with the reason.
 */
export class WasmModule {
  private readonly parts: ProgramParts;
  /** The functions that it exports. */
  private readonly functions: readonly string[];
  private readonly programs = new WeakMap<GuestPort, WasmProgram>();
  private readonly attached = new WeakMap<WasmProgram, Set<number>>();
  /** The program whose `matches` is called; null before the first call. */
  private asked: WasmProgram | null = null;

  constructor(bytes: Uint8Array, options: WasmOptions) {
    checkBytes('bytes', bytes);
    const { name, timeout, log } = checkOptions(options);
    const module = compiled(bytes, name);
    this.functions = Module.exports(module)
      .filter(({ kind }) => kind === 'function')
      .map((one) => one.name);
    const sight = sightOf(Module.imports(module).map((one) => one.name));
    const lines = new DebugLines(module, bytes);
    this.parts = { name, module, lines, memory: memoryOf(module, name), timeout, sight, log };
    checkImports(module, name);
    checkExports(module, name);
  }

  /** The module running on a machine, whose RAM becomes its memory: one program for each machine. */
  on(port: GuestPort): WasmProgram {
    checkObject('port', port);
    const known = this.programs.get(port);
    if (known !== undefined) return known;
    const program = new WasmProgram(this.parts, port);
    this.programs.set(port, program);
    this.attached.set(program, new Set());
    return program;
  }

  /**
   * A driver of PCI functions, whose handle calls the module's exports. To attach a function that it already has, the
   * module is reloaded, as after a reset.
   *
   * @param matches which functions it is for. Left out, those for which its export `matches` does not return 0; it is
   * called on a separate machine.
   */
  driver(matches?: (id: PciId) => boolean): Driver<WasmHandle> {
    const { name } = this.parts;
    if (matches !== undefined) checkFunction('matches', matches);
    if (!this.exports('attach'))
      throw new WasmDriverError(name, 'has no export "attach", so it takes no PCI function');
    if (matches === undefined && !this.exports('matches'))
      throw new WasmDriverError(name, 'has no export "matches", which says what PCI functions it takes');
    return {
      name,
      matches: matches ?? ownMatches(this.onItsOwn()),
      attach: (port, bdf) => this.attach(port, bdf),
    };
  }

  /**
   * The whole module as a model to judge. Its exports select its functions (`matches`, `attach`) and use them
   * (`run`, and the uses of scenarios: `send`, `receive`, `read`, `write`, `flush`, `stop`, `suspend`, `resume`, `print`, `key`).
   *
   * @example conformance(module.model(), { seeds: [1, 2, 3] });
   */
  model(): WasmModel {
    const { name } = this.parts;
    const exports = (one: string) => this.exports(one);
    if (!['attach', 'run', 'print', 'key'].some(exports))
      throw new WasmDriverError(name, 'exports neither attach nor run, so there is nothing to be judged');
    const driver = exports('attach') ? this.driver() : null;
    const load = (port: GuestPort) => {
      this.asked?.load();
      this.on(port).load();
    };
    return wasmModel({ name, driver, exports, programOn: (port) => this.on(port), load });
  }

  private onItsOwn(): WasmProgram {
    this.asked ??= this.on(gceN1().port);
    return this.asked;
  }

  private exports(name: string): boolean {
    return this.functions.includes(name);
  }

  private attach(port: GuestPort, bdf: number): WasmHandle {
    const program = this.on(port);
    const attached = this.attached.get(program)!;
    if (attached.has(bdf)) {
      attached.clear();
      program.load();
    }
    attached.add(bdf);
    const context = program.call('attach', bdf);
    if (context === 0) throw new WasmDriverError(this.parts.name, 'attach returned 0: it gave up');
    return new WasmHandle(program, context);
  }
}

function checkOptions(options: WasmOptions): Required<WasmOptions> {
  checkObject('options', options);
  const { name, timeout = TIMEOUT, log = () => {} } = options;
  if (typeof name !== 'string' || name === '') throw new MisuseError('options.name', name, 'a name');
  checkWhole('options.timeout', timeout, 1, HOUR);
  checkFunction('options.log', log);
  return { name, timeout, log };
}

function compiled(bytes: Uint8Array, name: string): object {
  try {
    return new Module(bytes);
  } catch (error) {
    throw new WasmDriverError(name, `is no WebAssembly module: ${(error as Error).message}`, error);
  }
}

function memoryOf(module: object, name: string): ProgramParts['memory'] {
  const memory = Module.imports(module).find(({ kind }) => kind === 'memory');
  if (memory === undefined)
    throw new WasmDriverError(
      name,
      'has a memory of its own, which no device reaches: link it with --import-memory',
    );
  return memory;
}

function checkImports(module: object, name: string): void {
  for (const { module: from, name: asked, kind } of Module.imports(module)) {
    const isKnown = from === 'guestrig' && kind === 'function' && Object.hasOwn(IMPORTS, asked);
    const isTold = from === 'env' && kind === 'function' && isTrace(asked);
    if (kind === 'memory' || isKnown || isTold) continue;
    throw new WasmDriverError(name, `imports the ${kind} ${from}.${asked}, which the host does not provide`);
  }
}

function checkExports(module: object, name: string): void {
  const exported = Module.exports(module);
  const takesFunctions = Module.imports(module).some((one) => TAKES_FUNCTION.includes(one.name));
  for (const [needed, kind, flag] of NEEDED) {
    if (kind === 'table' && !takesFunctions) continue;
    if (!exported.some((one) => one.name === needed && one.kind === kind))
      throw new WasmDriverError(name, `does not export ${needed}: link it with ${flag}`);
  }
}
