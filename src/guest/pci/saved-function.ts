import type { GuestPort } from '../../core/guest-port.ts';
import { BAR_COUNT, BAR0, COMMAND, INTERRUPT_LINE } from '../../pci/registers.ts';
import { configRead, configWrite, readRegister, writeRegister } from './config.ts';

/**
 * A function's configuration that a guest saves over a loss of power, since its addresses are not assigned again.
 *
 * @example
 * const saved = SavedFunction.of(port, bdf);
 * // … power is gone and comes back
 * saved.restore(port);
 */
export class SavedFunction {
  private readonly bdf: number;
  private readonly bars: readonly number[];
  private readonly line: number;
  private readonly command: number;

  private constructor(port: GuestPort, bdf: number) {
    this.bdf = bdf;
    this.bars = Array.from({ length: BAR_COUNT }, (_, index) => configRead(port, bdf, BAR0 + 4 * index, 4));
    this.line = readRegister(port, bdf, INTERRUPT_LINE);
    this.command = readRegister(port, bdf, COMMAND);
  }

  static of(port: GuestPort, bdf: number): SavedFunction {
    return new SavedFunction(port, bdf);
  }

  /** Unchanged values are not written. Command comes last: no address is decoded before that. */
  restore(port: GuestPort): void {
    const { bdf, bars, line, command } = this;
    for (const [index, bar] of bars.entries())
      if (configRead(port, bdf, BAR0 + 4 * index, 4) !== bar)
        configWrite(port, bdf, BAR0 + 4 * index, bar, 4);
    writeRegister(port, bdf, INTERRUPT_LINE, line);
    writeRegister(port, bdf, COMMAND, command);
  }
}
