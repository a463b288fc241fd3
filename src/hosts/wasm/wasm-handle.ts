import type { WasmArgument, WasmProgram } from './program.ts';

/**
 * A function that a driver's module has attached.
 *
 * @example
 * const nic = machine.attach(myNic);
 * nic.call('send', frame);                        // send(context, address, length)
 * const into = new Uint8Array(1514);
 * into.subarray(0, nic.call('receive', into));
 */
export class WasmHandle {
  /** The return value of `attach`: the first argument of every call. */
  readonly context: number;
  private readonly program: WasmProgram;

  /** @internal A driver's `attach` makes handles. */
  constructor(program: WasmProgram, context: number) {
    this.program = program;
    this.context = context;
  }

  /** As `WasmProgram.call`, for this function. */
  call(name: string, ...args: readonly WasmArgument[]): number {
    return this.program.call(name, this.context, ...args);
  }

  /** As `WasmProgram.done`, for this function. @internal */
  done(name: string, ...args: readonly WasmArgument[]): void {
    this.program.done(name, this.context, ...args);
  }

  /** As `WasmProgram.drain`, for this function. @internal */
  drain(name: string, most: number): Uint8Array[] {
    return this.program.drain(name, this.context, most);
  }
}
