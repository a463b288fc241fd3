import type { FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import {
  BAR_COUNT,
  BRIDGE,
  BRIDGE_BAR_COUNT,
  CAPABILITY_ID,
  HEADER_TYPE,
  INTERRUPT_LINE,
  INTERRUPT_PIN,
  MSIX_CONTROL,
  SECONDARY_BUS,
  VENDOR_ID,
} from '../../pci/registers.ts';
import { sizeBars } from './bars.ts';
import { findCapability, identify, readRegister } from './config.ts';

const { LAYOUT, MULTI_FUNCTION } = HEADER_TYPE.mask;
const NO_FUNCTION = 0xffff;
/** Class and subclass of a bridge from bus to bus. */
const BUS_BRIDGE = 0x0604;
const DEVICES = 32;
const FUNCTIONS = 8;

/**
 * Finds every function of bus 0, and of each bus behind a bridge that firmware gave a number. Functions 1 to 7 are probed
 * only if function 0 is multi-function: a single-function device may answer for all eight.
 *
 * @example
 * for (const { bdf, id } of enumerate(port)) console.log(bdfText(bdf), id.vendor.toString(16));
 */
export function enumerate(port: GuestPort, bus = 0): FoundFunction[] {
  const here: FoundFunction[] = [];
  for (const bdf of placesOf(port, bus)) {
    const fn = inspect(port, bdf);
    if (fn !== null) here.push(fn);
  }
  const bridges = here.filter(({ id }) => isBridge(id));
  return [...here, ...bridges.flatMap(({ bdf }) => behind(port, bdf, enumerate))];
}

/** The addresses of existing functions; nothing is written to them. */
export function functionsOf(port: GuestPort, bus = 0): number[] {
  const here = [...placesOf(port, bus)].filter((bdf) => readRegister(port, bdf, VENDOR_ID) !== NO_FUNCTION);
  const bridges = here.filter((bdf) => (readRegister(port, bdf, HEADER_TYPE) & LAYOUT) === BRIDGE);
  return [...here, ...bridges.flatMap((bdf) => behind(port, bdf, functionsOf))];
}

/** The possible addresses of functions. */
function* placesOf(port: GuestPort, bus: number): Generator<number> {
  for (let device = 0; device < DEVICES; device++) {
    const first = (bus << 8) | (device << 3);
    if (readRegister(port, first, VENDOR_ID) === NO_FUNCTION) continue;
    const several = (readRegister(port, first, HEADER_TYPE) & MULTI_FUNCTION) !== 0;
    for (let bdf = first; bdf < first + (several ? FUNCTIONS : 1); bdf++) yield bdf;
  }
}

/** What is on the bus behind a bridge: nothing, while that has no number. */
function behind<Found>(
  port: GuestPort,
  bridge: number,
  find: (port: GuestPort, bus: number) => Found[],
): Found[] {
  const bus = readRegister(port, bridge, SECONDARY_BUS);
  return bus > bridge >> 8 ? find(port, bus) : [];
}

/** All facts about one function; null if there is none. */
export function inspect(port: GuestPort, bdf: number): FoundFunction | null {
  if (readRegister(port, bdf, VENDOR_ID) === NO_FUNCTION) return null;
  const msix = findCapability(port, bdf, CAPABILITY_ID.MSIX);
  const id = identify(port, bdf);
  return {
    bdf,
    id,
    bars: sizeBars(port, bdf, isBridge(id) ? BRIDGE_BAR_COUNT : BAR_COUNT),
    msixVectors:
      msix === null ? 0 : MSIX_CONTROL.decode(readRegister(port, bdf, MSIX_CONTROL, msix)).TABLE_SIZE + 1,
    pin: readRegister(port, bdf, INTERRUPT_PIN),
    line: readRegister(port, bdf, INTERRUPT_LINE),
  };
}

function isBridge({ class: code }: { readonly class: number }): boolean {
  return code >> 8 === BUS_BRIDGE;
}
