import type { HasBuffer } from '../../core/wasm/kernels.ts';

/** An import or export of a module. */
interface Named {
  readonly module?: string;
  readonly name: string;
  readonly kind: string;
}

export type WasmFunction = (...args: readonly (number | bigint)[]) => number | bigint | undefined;

interface Table {
  readonly length: number;
  get(index: number): WasmFunction | null;
}

/** The exports of a driver's module that are used. */
export type WasmExports = Readonly<Record<string, WasmFunction | undefined>> & {
  readonly __heap_base?: { readonly value: number };
  readonly __indirect_function_table?: Table;
};

/** The WebAssembly of the host; its types come with browsers only. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => HasBuffer;
  readonly Module: {
    new (bytes: Uint8Array): object;
    imports(module: object): readonly Required<Named>[];
    exports(module: object): readonly Named[];
    customSections(module: object, name: string): readonly ArrayBuffer[];
  };
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly RuntimeError: new () => Error;
};

export const { Instance, Memory, Module, RuntimeError } = WebAssembly;
