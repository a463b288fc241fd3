import type { FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { enumerate, inspect } from '../../guest/pci/enumerate.ts';
import { BAR_COUNT, BAR_IO, BAR0, COMMAND, CONFADD, CONFDATA } from '../../pci/registers.ts';
import { behind, rewriteConfig } from './behind.ts';
import { type BrokenDriver, brokenNet } from './broken-driver.ts';

const { SPACE } = BAR_IO.mask;
const { IO_SPACE, MEMORY_SPACE, BUS_MASTER } = COMMAND.mask;
const ALL_ONES = 0xffff_ffff;

/** Negates what it read back with the flag bit still in it: ffffffc1 gives 63, not 64. */
export const sizesWithFlags: BrokenDriver = {
  clause: 'pci/BAR-SIZE',
  model: {
    name: 'sizes BARs with their flag bits',
    enumerate: (port) =>
      enumerate(port).map((fn) => ({
        ...fn,
        bars: fn.bars.map((bar) => (bar.kind === 'io' ? { ...bar, size: bar.size - SPACE } : bar)),
      })),
  },
};

/** Looks at function 0 of each device and thinks that is all: 00:01.3 goes unseen. */
export const missesFunctions: BrokenDriver = {
  clause: 'pci/FUNCTIONS',
  model: {
    name: 'ignores the multi-function bit',
    enumerate: (port) =>
      Array.from({ length: 32 }, (_, device) => inspect(port, device << 3)).filter(
        (fn): fn is FoundFunction => fn !== null,
      ),
  },
};

/** Looks at all eight functions of every slot. */
export const looksEverywhere: BrokenDriver = {
  clause: 'pci/MULTI-FUNCTION',
  model: {
    name: 'looks at functions 1 to 7 everywhere',
    enumerate: (port) =>
      Array.from({ length: 256 }, (_, bdf) => inspect(port, bdf)).filter(
        (fn): fn is FoundFunction => fn !== null,
      ),
  },
};

/** Puts the whole number of a register into CONFADD, and its low two bits into the data port, too. */
export const addressesBytes: BrokenDriver = {
  clause: 'pci/CONFADD-ALIGN',
  model: { name: 'names a byte in CONFADD', enumerate: (port) => enumerate(withByteAddresses(port)) },
};

/** Sizes base addresses, and lets the function answer meanwhile. */
export const decodesWhileSizing: BrokenDriver = {
  clause: 'pci/BAR-DECODE',
  model: {
    name: 'sizes BARs that are decoded',
    enumerate: (port) =>
      enumerate(
        rewriteConfig(port, (at, value) => (at === COMMAND.offset ? value | IO_SPACE | MEMORY_SPACE : value)),
      ),
  },
};

/** Leaves all ones in every BAR that it sized. */
export const leavesAllOnes: BrokenDriver = {
  clause: 'pci/BAR-RESTORE',
  model: {
    name: 'does not restore BARs after sizing',
    enumerate: (port) => enumerate(withoutRestoring(port)),
  },
};

/** Writes Command as a constant, 0003, and relies on firmware for the rest. */
export const forgetsBusMaster: BrokenDriver = brokenNet('forgets bus mastering', 'pci/BUS-MASTER', (port) =>
  rewriteConfig(port, (at, value) => (at === COMMAND.offset ? value & ~BUS_MASTER : value)),
);

function withoutRestoring(port: GuestPort): GuestPort {
  const isBar = (at: number) => at >= BAR0 && at < BAR0 + 4 * BAR_COUNT;
  return rewriteConfig(port, (at, value) => (isBar(at) && value !== ALL_ONES ? null : value));
}

function withByteAddresses(port: GuestPort): GuestPort {
  let selected = 0;
  return behind(port, {
    out: (at, value, width) => {
      if (at === CONFADD.offset) selected = value;
      port.out(at, value, width);
    },
    in: (at, width) => {
      if (at > CONFDATA && at < CONFDATA + 4) port.out(CONFADD.offset, (selected | (at & 3)) >>> 0, 4);
      return port.in(at, width);
    },
  });
}
