import type { V86Cpu, WebAssemblyApi } from './emulator.ts';

declare const WebAssembly: WebAssemblyApi;

/** The end of v86's own functions in its function table, where those that it compiles begin. */
const FIRST = 1024;

/** Pages of the guest's code, as v86 has translated them: a WebAssembly module with the function `f`. */
interface Translation {
  readonly index: number;
  readonly address: number;
  readonly flags: number;
  readonly code: Uint8Array;
}

/**
 * Compiles the code that v86 translates. v86 would go on meanwhile, and use the result when the host is done; here
 * that is between two slices, so that every run starts to use it at the same instruction.
 */
export class Compiler {
  private readonly cpu: V86Cpu;
  /** v86 translates no more before this one is in use. */
  private translation: Translation | null = null;

  constructor(cpu: V86Cpu) {
    this.cpu = cpu;
    cpu.codegen_finalize = (index, address, flags, at, length) => {
      const code = new Uint8Array(cpu.wasm_memory.buffer, at >>> 0, length >>> 0).slice();
      this.translation = { index, address, flags, code };
    };
  }

  /** Puts translated code into use. */
  compile(): void {
    if (this.translation === null) return;
    const { index, address, flags, code } = this.translation;
    this.translation = null;
    const { cpu } = this;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { e: cpu.jit_imports });
    cpu.wm.wasm_table.set(FIRST + index, exports.f);
    cpu.codegen_finalize_finished(index, address, flags);
  }
}
