import { bdfText } from '../../core/bits.ts';
import type { FoundBar, FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { BAR_COUNT, BAR_IO, BAR_MEMORY, BAR0, COMMAND } from '../../pci/registers.ts';
import { DriverError } from '../driver-error.ts';
import { configRead, configWrite, disable, readRegister, writeRegister } from './config.ts';

const { SPACE } = BAR_IO.mask;
const { TYPE } = BAR_MEMORY.mask;
const TYPE_64 = BAR_MEMORY.encode({ TYPE: 2 });
const DECODING = COMMAND.mask.IO_SPACE | COMMAND.mask.MEMORY_SPACE;
const ALL_ONES = 0xffff_ffff;
const FOUR_GIB = 0x1_0000_0000;
/** Functions of one bus. */
const BUS = 0x100;

/**
 * Finds the BARs of a function and their sizes. Decoding is off meanwhile, because all ones is an address too; each
 * BAR gets its address back (PCI 3.0, 6.2.5.1). A bridge has two.
 */
export function sizeBars(port: GuestPort, bdf: number, count: number = BAR_COUNT): FoundBar[] {
  const command = readRegister(port, bdf, COMMAND);
  if (command & DECODING) disable(port, bdf, DECODING);
  const bars: FoundBar[] = [];
  for (let index = 0; index < count; index++) {
    const bar = sizeBar(port, bdf, index);
    if (bar === null) continue;
    bars.push(bar);
    if (bar.kind === 'mem64') index++;
  }
  if (command & DECODING) writeRegister(port, bdf, COMMAND, command);
  return bars;
}

/** The current address of a BAR, without its flag bits; null if none was assigned. */
export function barAddress(
  port: GuestPort,
  bdf: number,
  index: number,
): { kind: FoundBar['kind']; address: number } | null {
  const low = configRead(port, bdf, BAR0 + 4 * index, 4);
  const wide = (low & SPACE) === 0 && (low & TYPE) === TYPE_64;
  const high = wide ? configRead(port, bdf, BAR0 + 4 * (index + 1), 4) : 0;
  const address = high * FOUR_GIB + addressBits(low);
  if (address === 0) return null;
  return { kind: low & SPACE ? 'io' : wide ? 'mem64' : 'mem32', address };
}

function sizeBar(port: GuestPort, bdf: number, index: number): FoundBar | null {
  const low = probeBar(port, bdf, index);
  if (low.writable === 0) return null;
  const address = addressBits(low.value);
  if (low.writable & SPACE) return { index, kind: 'io', size: lowestBit(addressBits(low.writable)), address };
  if ((low.writable & TYPE) !== TYPE_64)
    return { index, kind: 'mem32', size: lowestBit(addressBits(low.writable)), address };
  const high = probeBar(port, bdf, index + 1);
  const below4G = lowestBit(addressBits(low.writable));
  return {
    index,
    kind: 'mem64',
    size: below4G > 0 ? below4G : lowestBit(high.writable) * FOUR_GIB,
    address: high.value * FOUR_GIB + address,
  };
}

/** A register's value, and its value after all ones were written: its writable bits and its flags. */
function probeBar(port: GuestPort, bdf: number, index: number): { value: number; writable: number } {
  const register = BAR0 + 4 * index;
  const value = configRead(port, bdf, register, 4);
  configWrite(port, bdf, register, ALL_ONES, 4);
  const writable = configRead(port, bdf, register, 4);
  configWrite(port, bdf, register, value, 4);
  return { value, writable };
}

/** Masks the flag bits, of which an I/O BAR has two and a memory BAR four. */
function addressBits(value: number): number {
  return (value & (value & SPACE ? BAR_IO.mask.ADDRESS : BAR_MEMORY.mask.ADDRESS)) >>> 0;
}

/** The lowest writable address bit is the size, also if a device leaves the upper half of an I/O BAR 0. */
function lowestBit(bits: number): number {
  return (bits & -bits) >>> 0;
}

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
 * placed first, so that alignment wastes nothing. Decoding is not changed: a driver turns it on with `enable`. What is
 * behind a bridge stays where it is, in the bridge's window.
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
    .filter(({ bdf }) => bdf < BUS)
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
  return functions.map((fn) => ({ ...fn, bars: fn.bars.map((bar) => placed.get(bar) ?? bar) }));
}

function writeBar(port: GuestPort, bdf: number, bar: FoundBar, address: number): void {
  const register = BAR0 + 4 * bar.index;
  configWrite(port, bdf, register, address % FOUR_GIB, 4);
  if (bar.kind === 'mem64') configWrite(port, bdf, register + 4, Math.floor(address / FOUR_GIB), 4);
}
