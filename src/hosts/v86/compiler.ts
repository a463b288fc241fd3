import type { V86Cpu, WebAssemblyApi } from './emulator.ts';

declare const WebAssembly: WebAssemblyApi;

/** Where v86's own functions end in its table of functions, and those begin that it compiles. */
const FIRST = 1024;

/** Pages of the guest's code, as v86 has translated them: a WebAssembly module with the function `f`. */
interface Translation {
  readonly index: number;
  readonly address: number;
  readonly flags: number;
  readonly code: Uint8Array;
}

/**
 * Compiles what v86 translates. v86 would go on meanwhile, and take the code into use when the host is done; here that
 * is between two slices, so that every run takes it into use at the same instruction.
 */
export class Compiler {
  private readonly cpu: V86Cpu;
  /** v86 translates no more before this is taken into use. */
  private translation: Translation | null = null;

  constructor(cpu: V86Cpu) {
    this.cpu = cpu;
    cpu.codegen_finalize = (index, address, flags, at, length) => {
      const code = new Uint8Array(cpu.wasm_memory.buffer, at >>> 0, length >>> 0).slice();
      this.translation = { index, address, flags, code };
    };
  }

  /** Takes into use what was translated. */
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
