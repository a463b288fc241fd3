import type { PciEvents } from '../../pci/events.ts';
import { COMMAND, MESSAGE_DATA } from '../../pci/registers.ts';
import { scripts } from '../script.proof.ts';
import type { FUNCTION } from './function.ts';
import { FunctionWatch } from './function-watch.ts';

const { IO_SPACE } = COMMAND.mask;
const ALL_ONES = 0xffff_ffff;
const ADDRESS = 0xc001;
const IO = true;
const DECODED = true;
const PENDING = true;
const OPEN = true;
const ENABLED = true;
const LIVE = true;

const asked = (fn: PciEvents) => fn.baseWritten(0, IO, ALL_ONES, !DECODED);

export const FUNCTION_PROOFS = scripts<FunctionWatch, keyof typeof FUNCTION>(
  (journal) => new FunctionWatch(() => 'net0 (00:04.0)', journal),
  {
    'pci/BAR-RESTORE': {
      breaks: (fn) => {
        asked(fn);
        fn.commandWritten(IO_SPACE);
      },
      keeps: (fn) => {
        asked(fn);
        fn.baseWritten(0, IO, ADDRESS, !DECODED);
        fn.commandWritten(IO_SPACE);
      },
    },
    'pci/BAR-DECODE': {
      breaks: (fn) => fn.baseWritten(0, IO, ALL_ONES, DECODED),
      keeps: (fn) => fn.baseWritten(0, IO, ALL_ONES, !DECODED),
    },
    'pci/BUS-MASTER': {
      breaks: (fn) => fn.messageDue(1, !OPEN),
      keeps: (fn) => fn.queueKicked('transmit queue 1', OPEN),
    },
    'pci/MSIX-ACCESS': {
      breaks: (fn) => fn.msixWritten(0, 0x1000, 2, !PENDING),
      keeps: (fn) => fn.msixWritten(0, 0xfee0_1000, 4, !PENDING),
    },
    'pci/MSIX-MASKED': {
      breaks: (fn) => fn.entryWritten(0, MESSAGE_DATA, ENABLED, LIVE),
      keeps: (fn) => fn.entryWritten(0, MESSAGE_DATA, ENABLED, !LIVE),
    },
    'pci/MSIX-PBA': {
      breaks: (fn) => fn.msixWritten(0x30, 0, 4, PENDING),
      keeps: (fn) => fn.msixWritten(0x20, 0, 4, !PENDING),
    },
  },
);
