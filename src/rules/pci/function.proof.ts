import type { Journal } from '../../core/journal.ts';
import type { PciEvents } from '../../pci/events.ts';
import { COMMAND, MESSAGE_DATA } from '../../pci/registers.ts';
import { scripts } from '../script.proof.ts';
import { type FUNCTION, FunctionWatch } from './function.ts';
import type { MESSAGES } from './messages.ts';
import type { PLACES } from './places.ts';
import { type WIDE, WideWatch } from './wide.ts';

const { IO_SPACE } = COMMAND.mask;
const ALL_ONES = 0xffff_ffc1;
const ADDRESS = 0xc001;
const DECODED = true;
const OPEN = true;
const ENABLED = true;
const LIVE = true;
/** Two local APICs, of which one has the logical ID 1. */
const APICS = { cpus: 2, hasLogical: (id: number) => (id & 1) !== 0 };
const MESSAGE = [0xfee0_1000, 0, 0x41] as const;
const watching = (journal: Journal) => new FunctionWatch(() => 'net0 (00:04.0)', journal, APICS);

const write = (value: number, decoded: boolean) =>
  ({
    index: 0,
    io: true,
    size: 64,
    from: 0,
    width: 4,
    value,
    held: value & -64,
    decoded,
    moved: true,
  }) as const;
const asked = (fn: PciEvents) => fn.baseWritten(write(ALL_ONES, !DECODED));

export const FUNCTION_PROOFS = scripts<FunctionWatch, keyof typeof FUNCTION>(watching, {
  'pci/BAR-RESTORE': {
    breaks: (fn) => {
      asked(fn);
      fn.commandWritten(IO_SPACE);
    },
    keeps: (fn) => {
      asked(fn);
      fn.baseWritten(write(ADDRESS, !DECODED));
      fn.commandWritten(IO_SPACE);
    },
  },
  'pci/BAR-DECODE': {
    breaks: (fn) => fn.baseWritten(write(ALL_ONES, DECODED)),
    keeps: (fn) => fn.baseWritten(write(ALL_ONES, !DECODED)),
  },
  'pci/CAPABILITY-LOOP': {
    breaks: (fn) => {
      for (let i = 0; i < 100; i++) fn.listEntered();
    },
    keeps: (fn) => {
      fn.listBegun();
      for (let i = 0; i < 99; i++) fn.listEntered();
    },
  },
  'pirq/LINE': {
    breaks: (fn) => fn.lineWritten(5, 11),
    keeps: (fn) => {
      // None, and what is no IRQ.
      for (const line of [0, 0x10, 0x60, 0xff]) fn.lineWritten(line, 11);
      fn.lineWritten(11, 11);
    },
  },
  'pci/BUS-MASTER': {
    breaks: (fn) => fn.messageDue(1, !OPEN, ...MESSAGE),
    keeps: (fn) => fn.queueKicked('transmit queue 1', OPEN),
  },
});

const sends = (fn: PciEvents, address: number, data: number) => fn.messageDue(1, OPEN, address, 0, data);

export const MESSAGE_PROOFS = scripts<FunctionWatch, keyof typeof MESSAGES>(watching, {
  'pci/MSIX-ACCESS': {
    breaks: (fn) => fn.msixWritten(0, 0x1000, 2, 'table'),
    keeps: (fn) => fn.msixWritten(0, 0xfee0_1000, 4, 'table'),
  },
  'pci/MSIX-MASKED': {
    breaks: (fn) => fn.entryWritten(0, MESSAGE_DATA, ENABLED, LIVE),
    keeps: (fn) => fn.entryWritten(0, MESSAGE_DATA, ENABLED, !LIVE),
  },
  'msix/BEYOND': {
    breaks: (fn) => fn.msixWritten(0x40, 0, 4, 'nothing'),
    keeps: (fn) => fn.msixWritten(0x20, 0, 4, 'table'),
  },
  'pci/MSIX-PBA': {
    breaks: (fn) => fn.msixWritten(0x30, 0, 4, 'pending bits'),
    keeps: (fn) => fn.msixWritten(0x20, 0, 4, 'table'),
  },
  'msix/ADDRESS': {
    breaks: (fn) => sends(fn, 0x1000, 0x41),
    keeps: (fn) => {
      // A word in the driver's memory, and no interrupt.
      fn.messageDue(0, OPEN, 0x1000, 0, 0);
      sends(fn, 0xfee0_1000, 0x41);
    },
  },
  'msix/SWAPPED': {
    breaks: (fn) => sends(fn, 0x41, 0xfee0_1000),
    keeps: (fn) => sends(fn, 0xfee0_1000, 0x41),
  },
  'msix/VECTOR': {
    breaks: (fn) => sends(fn, 0xfee0_1000, 0x0f),
    keeps: (fn) => sends(fn, 0xfee0_1000, 0x10),
  },
  'msix/DELIVERY': {
    breaks: (fn) => sends(fn, 0xfee0_1000, 0x741),
    keeps: (fn) => sends(fn, 0xfee0_1000, 0x141),
  },
  'msix/DESTINATION': {
    breaks: (fn) => sends(fn, 0xfee0_2000, 0x41),
    keeps: (fn) => sends(fn, 0xfee0_1000, 0x41),
  },
  'msix/TRIGGER': {
    breaks: (fn) => sends(fn, 0xfee0_1000, 0xc041),
    keeps: (fn) => sends(fn, 0xfee0_1000, 0x4041),
  },
  'msix/RESERVED': {
    breaks: (fn) => sends(fn, 0xfee0_1000, 0x1_0041),
    keeps: (fn) => sends(fn, 0xfee0_100c, 0x4141),
  },
});

export const PLACE_PROOFS = scripts<FunctionWatch, keyof typeof PLACES>(watching, {
  'pci/BAR-MOVE': {
    breaks: (fn) => fn.baseWritten(write(ADDRESS, DECODED)),
    keeps: (fn) => fn.baseWritten(write(ADDRESS, !DECODED)),
  },
  'pci/BAR-OVERLAP': {
    breaks: (fn) => fn.placed(0, ADDRESS, 'net1'),
    keeps: (fn) => fn.placed(0, ADDRESS, null),
  },
  'pci/BAR-ALIGN': {
    breaks: (fn) => {
      fn.baseWritten(write(ADDRESS + 0x10, !DECODED));
      fn.commandWritten(IO_SPACE);
    },
    keeps: (fn) => {
      fn.baseWritten(write(ADDRESS + 1, !DECODED));
      fn.commandWritten(IO_SPACE);
    },
  },
  'pci/BAR-RAM': {
    breaks: (fn) => fn.placed(1, 0x10_0000, 'RAM'),
    keeps: (fn) => fn.placed(1, 0xfebf_f000, null),
  },
  'pci/DECODE': {
    breaks: (fn) => fn.missed(0, ADDRESS, !DECODED),
    keeps: (fn) => fn.placed(0, ADDRESS, null),
  },
  'pci/BRIDGE-BARS': {
    breaks: (fn) => fn.busNumbersWritten(0xffff_ffff, 4),
    keeps: (fn) => fn.busNumbersWritten(0x00ff_0100, 4),
  },
  'pci/BAR-BEYOND': {
    breaks: (fn) => fn.beyond(1, 0xfebf_f040),
    keeps: (fn) => fn.placed(1, 0xfebf_f000, null),
  },
});

/** A base address of 16 KiB, its flag of 64 bits, and where it is. */
const [WIDE_SIZE, WIDE_ONES, WIDE_BASE] = [0x4000, 0xffff_c004, 0x80_e000_0000];
const [LOWER, UPPER] = [false, true];
/** The run is over once it is asked. */
const half = (journal: Journal) => ({
  wide: new WideWatch(() => 'nvme0 (00:05.0)', journal),
  end: () => journal.end(),
});

export const WIDE_PROOFS = scripts<ReturnType<typeof half>, keyof typeof WIDE>(half, {
  'pci/BAR64-UPPER': {
    breaks: ({ wide, end }) => {
      wide.halfRead(0, LOWER);
      end();
    },
    keeps: ({ wide, end }) => {
      wide.halfRead(0, LOWER);
      wide.halfRead(0, UPPER);
      end();
    },
  },
  'pci/BAR64-SIZE': {
    breaks: ({ wide }) => {
      wide.halfWritten(0, LOWER, WIDE_ONES, WIDE_SIZE);
      wide.decoded();
    },
    keeps: ({ wide }) => {
      wide.halfWritten(0, LOWER, WIDE_ONES, WIDE_SIZE);
      wide.halfWritten(0, UPPER, 0xffff_ffff, WIDE_SIZE);
      wide.decoded();
    },
  },
  'pci/BAR64-WHOLE': {
    breaks: ({ wide }) => wide.cut(0, WIDE_BASE, 0xe000_0000),
    keeps: ({ wide }) => wide.placed(0, WIDE_BASE),
  },
});
