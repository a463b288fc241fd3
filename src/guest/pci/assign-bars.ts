import { bdfText } from '../../core/bits.ts';
import type { FoundBar, FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { BAR0 } from '../../pci/registers.ts';
import { DriverError } from '../driver-error.ts';
import { configWrite } from './config.ts';

const FOUR_GIB = 0x1_0000_0000;

/** Free addresses, from `base` up to but not including `end`. */
export interface BarWindow {
  readonly base: number;
  readonly end: number;
}

/** The address windows that a machine's bridges forward to the bus. */
export interface BarWindows {
  readonly io: BarWindow;
  readonly memory: BarWindow;
}

/**
 * Assigns an address to every BAR, as firmware does at power-on. Each block is aligned to its size; the largest are
 * placed first, so that alignment wastes nothing. Decoding is not changed: a driver turns it on with `enable`.
 *
 * @throws DriverError when a window is too small.
 */
export function assignBars(
  port: GuestPort,
  functions: readonly FoundFunction[],
  windows: BarWindows,
): FoundFunction[] {
  const free = { io: windows.io.base, memory: windows.memory.base };
  const bySize = functions
    .flatMap(({ bdf, bars }) => bars.map((bar) => ({ bdf, bar })))
    .sort((a, b) => b.bar.size - a.bar.size);
  const placed = new Map<FoundBar, FoundBar>();
  for (const { bdf, bar } of bySize) {
    const space = bar.kind === 'io' ? 'io' : 'memory';
    const address = Math.ceil(free[space] / bar.size) * bar.size;
    free[space] = address + bar.size;
    if (free[space] > windows[space].end)
      throw new DriverError(port, bdfText(bdf), `no room for ${bar.size} bytes in the ${space} window`);
    writeBar(port, bdf, bar, address);
    placed.set(bar, { ...bar, address });
  }
  return functions.map((fn) => ({ ...fn, bars: fn.bars.map((bar) => placed.get(bar)!) }));
}

function writeBar(port: GuestPort, bdf: number, bar: FoundBar, address: number): void {
  const register = BAR0 + 4 * bar.index;
  configWrite(port, bdf, register, address % FOUR_GIB, 4);
  if (bar.kind === 'mem64') configWrite(port, bdf, register + 4, Math.floor(address / FOUR_GIB), 4);
}
