import type { FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import {
  CAPABILITY_ID,
  HEADER_TYPE,
  INTERRUPT_LINE,
  INTERRUPT_PIN,
  MSIX_CONTROL,
  VENDOR_ID,
} from '../../pci/registers.ts';
import { sizeBars } from './bars.ts';
import { findCapability, identify, readRegister } from './config.ts';

const { MULTI_FUNCTION } = HEADER_TYPE.mask;
const NOBODY = 0xffff;
const DEVICES = 32;
const FUNCTIONS = 8;

/**
 * Finds every function of bus 0, the only bus of an i440FX without bridges. Functions 1 to 7 are probed only if
 * function 0 is multi-function: a single-function device may answer for all eight.
 *
 * @example
 * for (const { bdf, id } of enumerate(port)) console.log(bdfText(bdf), id.vendor.toString(16));
 */
export function enumerate(port: GuestPort): FoundFunction[] {
  const found: FoundFunction[] = [];
  for (const bdf of placesOf(port)) {
    const fn = inspect(port, bdf);
    if (fn !== null) found.push(fn);
  }
  return found;
}

/** The addresses of existing functions; nothing is written to them. */
export function functionsOf(port: GuestPort): number[] {
  return [...placesOf(port)].filter((bdf) => readRegister(port, bdf, VENDOR_ID) !== NOBODY);
}

/** The possible addresses of functions. */
function* placesOf(port: GuestPort): Generator<number> {
  for (let device = 0; device < DEVICES; device++) {
    const first = device << 3;
    if (readRegister(port, first, VENDOR_ID) === NOBODY) continue;
    const several = (readRegister(port, first, HEADER_TYPE) & MULTI_FUNCTION) !== 0;
    for (let bdf = first; bdf < first + (several ? FUNCTIONS : 1); bdf++) yield bdf;
  }
}

/** All facts about one function; null if there is none. */
export function inspect(port: GuestPort, bdf: number): FoundFunction | null {
  if (readRegister(port, bdf, VENDOR_ID) === NOBODY) return null;
  const msix = findCapability(port, bdf, CAPABILITY_ID.MSIX);
  return {
    bdf,
    id: identify(port, bdf),
    bars: sizeBars(port, bdf),
    msixVectors:
      msix === null ? 0 : MSIX_CONTROL.decode(readRegister(port, bdf, MSIX_CONTROL, msix)).TABLE_SIZE + 1,
    pin: readRegister(port, bdf, INTERRUPT_PIN),
    line: readRegister(port, bdf, INTERRUPT_LINE),
  };
}
