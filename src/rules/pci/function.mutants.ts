import { behind, rewriteConfig } from '../../conformance/broken/behind.ts';
import { type BrokenDriver, brokenNet } from '../../conformance/broken/broken-driver.ts';
import type { FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import { barAddress, sizeBars } from '../../guest/pci/bars.ts';
import {
  configRead,
  configWrite,
  disable,
  enable,
  readRegister,
  writeRegister,
} from '../../guest/pci/config.ts';
import { enumerate, inspect } from '../../guest/pci/enumerate.ts';
import { gceC4 } from '../../machine/gce-machines.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import {
  BAR_COUNT,
  BAR_IO,
  BAR0,
  CAPABILITIES_POINTER,
  CAPABILITY_ID,
  COMMAND,
  CONFADD,
  CONFDATA,
  INTERRUPT_LINE,
  SECONDARY_BUS,
} from '../../pci/registers.ts';
import type { ClauseId } from '../index.ts';

const { SPACE } = BAR_IO.mask;
const { IO_SPACE, MEMORY_SPACE, BUS_MASTER } = COMMAND.mask;
/** More than the entries and pending bits of a card take. */
const BEHIND = 0x800;
const ALL_ONES = 0xffff_ffff;

/** Behind all ports that firmware gives away; the last port; and within the RAM of every machine. */
const [FREE_PORTS, LAST_PORT, IN_RAM] = [0xe000, 0xffff, 0x10_0000];
/** Where E820 says that memory is reserved. */
const IN_ROM = 0xfffe_0000;

/** Does one thing to the bus. */
function does(name: string, clause: ClauseId, run: (port: GuestPort, bdf: number) => void): BrokenDriver {
  return {
    clause,
    model: { name, drivers: [], run: (port, _handles, machine) => run(port, machine.nics[0]!.fn.bdf) },
  };
}

/** Mistakes what it finds of functions. */
function finds(
  name: string,
  clause: ClauseId,
  change: (fn: FoundFunction) => Partial<FoundFunction>,
): BrokenDriver {
  return {
    clause,
    model: { name, enumerate: (port) => enumerate(port).map((fn) => ({ ...fn, ...change(fn) })) },
  };
}

/** The first bridge of a C4, and the class and subclass of bridges to other buses. */
const [BRIDGE, BUS_BRIDGE] = [0x0028, 0x0604];

export const MUTANTS: readonly BrokenDriver[] = [
  does('reads behind the table of its vectors', 'pci/BAR-BEYOND', (port, bdf) => {
    enable(port, bdf, MEMORY_SPACE);
    port.read(barAddress(port, bdf, 1)!.address + BEHIND, 4);
  }),
  // Negates the value that it read back without clearing the flag bit: ffffffc1 gives 63, not 64.
  finds('sizes BARs with their flag bits', 'pci/BAR-SIZE', ({ bars }) => ({
    bars: bars.map((bar) => (bar.kind === 'io' ? { ...bar, size: bar.size - SPACE } : bar)),
  })),
  finds('takes what an I/O BAR reads for its address', 'pci/BAR-FLAGS', ({ bars }) => ({
    bars: bars.map((bar) => (bar.kind === 'io' ? { ...bar, address: bar.address + SPACE } : bar)),
  })),
  finds('takes Table Size for the number of vectors', 'pci/MSIX-SIZE', ({ msixVectors }) => ({
    msixVectors: Math.max(0, msixVectors - 1),
  })),
  // Looks at function 0 of each device only: 00:01.3 goes unseen.
  {
    clause: 'pci/FUNCTIONS',
    model: {
      name: 'ignores the multi-function bit',
      enumerate: (port) =>
        Array.from({ length: 32 }, (_, device) => inspect(port, device << 3)).filter(
          (fn): fn is FoundFunction => fn !== null,
        ),
    },
  },
  {
    clause: 'pci/BRIDGES',
    machine: () => gceC4(),
    model: {
      name: 'looks at bus 0 alone',
      enumerate: (port) => enumerate(port).filter(({ bdf }) => bdf < 0x100),
    },
  },
  {
    clause: 'pci/BUS-NUMBER',
    machine: () => gceC4(),
    model: {
      name: 'gives two buses one number',
      enumerate: (port) => {
        const found = enumerate(port);
        const [first, second] = found.filter(({ id }) => id.class >> 8 === BUS_BRIDGE).slice(-2);
        const number = readRegister(port, first!.bdf, SECONDARY_BUS);
        writeRegister(port, second!.bdf, SECONDARY_BUS, number);
        return found;
      },
    },
  },
  {
    clause: 'pci/BRIDGE-BARS',
    machine: () => gceC4(),
    model: {
      name: 'sizes six base addresses of a bridge',
      enumerate: (port) => {
        sizeBars(port, BRIDGE);
        return enumerate(port);
      },
    },
  },
  // Puts the whole number of a register into CONFADD, and its low two bits into the data port, too.
  {
    clause: 'pci/CONFADD-ALIGN',
    model: { name: 'names a byte in CONFADD', enumerate: (port) => enumerate(withByteAddresses(port)) },
  },
  // Looks at all eight functions of every slot.
  {
    clause: 'pci/MULTI-FUNCTION',
    model: {
      name: 'looks at functions 1 to 7 everywhere',
      enumerate: (port) =>
        Array.from({ length: 256 }, (_, bdf) => inspect(port, bdf)).filter(
          (fn): fn is FoundFunction => fn !== null,
        ),
    },
  },
  // Sizes base addresses while the function decodes.
  {
    clause: 'pci/BAR-DECODE',
    model: {
      name: 'sizes BARs that are decoded',
      enumerate: (port) =>
        enumerate(
          rewriteConfig(port, (at, value) =>
            at === COMMAND.offset ? value | IO_SPACE | MEMORY_SPACE : value,
          ),
        ),
    },
  },
  // Leaves all ones in every BAR that it sized.
  {
    clause: 'pci/BAR-RESTORE',
    model: {
      name: 'does not restore BARs after sizing',
      enumerate: (port) => enumerate(withoutRestoring(port)),
    },
  },
  // Writes Command as a constant, 0003, and relies on firmware for the rest.
  brokenNet('forgets bus mastering', 'pci/BUS-MASTER', (port) =>
    rewriteConfig(port, (at, value) => (at === COMMAND.offset ? value & ~BUS_MASTER : value)),
  ),
  // Places each base address of a kind at one address.
  {
    clause: 'pci/BAR-OVERLAP',
    model: {
      name: 'gives all functions the same ports',
      run: (port, _handles, machine) => move(port, machine, 'io', FREE_PORTS),
    },
  },
  // Takes for free what no RAM and no device has.
  {
    clause: 'pci/BAR-OVERLAP',
    model: {
      name: "places a base address in the firmware's ROM",
      run: (port, _handles, machine) => move(port, machine, 'mem32', IN_ROM),
    },
  },
  // Searches the end of RAM only above 4 GiB.
  {
    clause: 'pci/BAR-RAM',
    model: {
      name: 'places a base address in RAM',
      run: (port, _handles, machine) => move(port, machine, 'mem32', IN_RAM),
    },
  },
  // Where the timer, the keyboard and the serial ports are.
  {
    clause: 'pci/BAR-OVERLAP',
    model: {
      name: 'places a base address over a serial port',
      run: (port, _handles, machine) => move(port, machine, 'io', COM_PORTS[0] & ~0x3f),
    },
  },
  // Searches for a missing capability; only its author's limit ends it.
  {
    clause: 'pci/CAPABILITY-LOOP',
    machine: () => gceN1({ capabilityLoop: true }),
    model: {
      name: 'walks a list that loops',
      drivers: [],
      run: (port, _handles, machine) => {
        const { bdf } = machine.nics[0]!.fn;
        let at = readRegister(port, bdf, CAPABILITIES_POINTER);
        for (let step = 0; step < STEPS && configRead(port, bdf, at, 1) !== CAPABILITY_ID.MSI; step++)
          at = configRead(port, bdf, at + 1, 1);
      },
    },
  },
  // Relies on firmware to turn decoding on, and turns off what it sized.
  {
    clause: 'pci/DECODE',
    model: {
      name: 'uses registers that are off',
      drivers: [],
      run: (port, _handles, machine) => {
        const { bdf } = machine.nics[0]!.fn;
        const { address } = barAddress(port, bdf, 0)!;
        disable(port, bdf, IO_SPACE);
        port.in(address, 4);
      },
    },
  },
  does('forgets bit 31 of CONFADD', 'pci/CONFADD-ENABLE', (port, bdf) => {
    port.out(CONFADD.offset, bdf << 8, 4);
    port.in(CONFDATA, 4);
  }),
  does('writes CONFADD by words', 'pci/CONFADD-WIDTH', (port, bdf) => {
    port.out(CONFADD.offset, (bdf & 0xff) << 8, 2);
    port.out(CONFADD.offset + 2, 0x8000, 2);
    port.in(CONFDATA, 4);
  }),
  does('writes the top of CONFADD by a byte', 'pci/CONFADD-WIDTH', (port) => {
    port.out(CONFADD.offset + 3, 0x80, 1);
    port.in(CONFDATA, 4);
  }),
  does('reads Status and what is behind it at once', 'pci/CONFDATA-WIDTH', (port, bdf) => {
    readRegister(port, bdf, COMMAND);
    port.in(CONFDATA + 2, 4);
  }),
  does('notes another line than the router has', 'pirq/LINE', (port, bdf) =>
    writeRegister(port, bdf, INTERRUPT_LINE, 5),
  ),
  does('moves a base address that is decoded', 'pci/BAR-MOVE', (port, bdf) => {
    enable(port, bdf, IO_SPACE);
    configWrite(port, bdf, BAR0, FREE_PORTS, 4);
  }),
  places('places a base address between two multiples of its size', 'pci/BAR-ALIGN', FREE_PORTS + 0x10),
  places('places a base address behind the last port', 'pci/BAR-OVERLAP', LAST_PORT + 1),
];

/** Of a list that has no more than 48 capabilities. */
const STEPS = 120;

/** Places the ports of the network card at `address`, with decoding off meanwhile. */
function places(name: string, clause: ClauseId, address: number): BrokenDriver {
  return does(name, clause, (port, bdf) => {
    disable(port, bdf, IO_SPACE);
    configWrite(port, bdf, BAR0, address, 4);
    enable(port, bdf, IO_SPACE);
  });
}

/** Places every base address of one kind at `address`, one after the other. */
function move(port: GuestPort, { functions }: Machine, kind: 'io' | 'mem32', address: number): void {
  for (const { bdf, bars } of functions)
    for (const bar of bars.filter((one) => one.kind === kind)) {
      disable(port, bdf, IO_SPACE | MEMORY_SPACE);
      configWrite(port, bdf, BAR0 + 4 * bar.index, address, 4);
      enable(port, bdf, IO_SPACE | MEMORY_SPACE);
    }
}

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
