import { scripts } from '../script.proof.ts';
import { type IO_APIC, IoApicWatch } from './apic.ts';
import { type LOCAL_APIC, LocalApicWatch } from './local-apic.ts';

/** The lines of PCI interrupts, and entries of them: level and edge, vector 2bh. */
const PCI_IRQ = 11;
const [LEVEL, EDGE] = [0x802b, 0x002b];
const FIRST = 0x0000_0000;
const THIRD = 0x0200_0000;
/** One local APIC, whose LDR has 1. */
const APICS = { cpus: 1, hasLogical: (id: number) => (id & 1) !== 0 };

export const IO_APIC_PROOFS = scripts<IoApicWatch, keyof typeof IO_APIC>(
  (journal) =>
    new IoApicWatch('ioapic', { apics: APICS, levelOf: (irq) => (irq === PCI_IRQ ? 'PCI' : null) }, journal),
  {
    'ioapic/TRIGGER': {
      breaks: (ioapic) => ioapic.sent(PCI_IRQ, EDGE, FIRST),
      keeps: (ioapic) => ioapic.sent(PCI_IRQ, LEVEL, FIRST),
    },
    'ioapic/VECTOR': {
      breaks: (ioapic) => ioapic.sent(4, 0x0b, FIRST),
      keeps: (ioapic) => ioapic.sent(4, EDGE, FIRST),
    },
    'ioapic/DELIVERY': {
      breaks: (ioapic) => ioapic.sent(4, 0x32b, FIRST),
      keeps: (ioapic) => ioapic.sent(4, 0x12b, FIRST),
    },
    'ioapic/DESTINATION': {
      breaks: (ioapic) => ioapic.sent(4, EDGE, THIRD),
      keeps: (ioapic) => ioapic.sent(4, EDGE, FIRST),
    },
    'ioapic/POLARITY': {
      breaks: (ioapic) => ioapic.sent(4, EDGE | 0x2000, FIRST),
      keeps: (ioapic) => ioapic.sent(4, EDGE, FIRST),
    },
    'ioapic/RESERVED': {
      breaks: (ioapic) => ioapic.upperWritten(4, 1),
      keeps: (ioapic) => ioapic.upperWritten(4, THIRD),
    },
    'ioapic/WIDTH': {
      breaks: (ioapic) => ioapic.lost(1, 0x18),
      keeps: (ioapic) => ioapic.entryWritten(4, EDGE),
    },
    'ioapic/INDEX': {
      breaks: (ioapic) => ioapic.lost(4, 0x40),
      keeps: (ioapic) => ioapic.entryWritten(23, EDGE),
    },
  },
);

export const LOCAL_APIC_PROOFS = scripts<LocalApicWatch, keyof typeof LOCAL_APIC>(
  (journal) => {
    journal.handler = 1;
    return new LocalApicWatch('apic', APICS, journal);
  },
  {
    'apic/EOI-IDLE': {
      breaks: (apic) => apic.ended(-1),
      keeps: (apic) => apic.ended(0x41),
    },
    'apic/ENABLE': {
      breaks: (apic) => {
        apic.switched(false, 0xff);
        apic.lost(0x41);
      },
      keeps: (apic) => apic.switched(true, 0xff),
    },
    'apic/SPURIOUS-VECTOR': {
      breaks: (apic) => apic.switched(true, 0x0e),
      keeps: (apic) => apic.switched(true, 0x10),
    },
    'apic/LOCAL-OFF': {
      breaks: (apic) => apic.localWritten(true),
      keeps: (apic) => apic.localWritten(false),
    },
    'apic/WIDTH': {
      breaks: (apic) => apic.narrow(0xb0, 1),
      keeps: (apic) => apic.switched(true, 0xff),
    },
    'apic/TIMER-VECTOR': {
      breaks: (apic) => apic.timerStarted(0, 0),
      keeps: (apic) => apic.timerStarted(0x40, 0),
    },
    'apic/TIMER-MODE': {
      breaks: (apic) => apic.timerStarted(0x40, 2),
      keeps: (apic) => apic.timerStarted(0x40, 1),
    },
    'apic/DIVIDE': {
      breaks: (apic) => apic.timerDivided(16),
      keeps: (apic) => apic.timerDivided(0x0b),
    },
    'apic/IPI': {
      breaks: (apic) => apic.commanded(0x4060, 0x0200_0000),
      keeps: (apic) => apic.commanded(0x4060, 0),
    },
  },
);
