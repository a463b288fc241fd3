import { IOREDTBL_HIGH, IOREDTBL_LOW, IOREGSEL, IOWIN } from '../../chipset/registers/ioapic.ts';
import {
  DIVIDE,
  EOI,
  ICR_HIGH,
  ICR_LOW,
  INITIAL_COUNT,
  LVT,
  SVR,
} from '../../chipset/registers/local-apic.ts';
import { behind } from '../../conformance/broken/behind.ts';
import { type BrokenDriver, breaking } from '../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS, MMIO } from '../../core/places.ts';
import { UartDriver } from '../../guest/drivers/uart16550.ts';
import { GuestInterrupts, virtioNet } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { ClauseId } from '../index.ts';

const { IO_APIC, LOCAL_APIC } = MMIO;
const { VECTOR, DELMOD, DESTMOD, INTPOL, TRIGGER, MASK } = IOREDTBL_LOW.mask;
const [COM1] = COM_PORTS;
const COM1_IRQ = 4;

/** The index of the first entry, and how many there are. */
const [FIRST_ENTRY, ENTRIES] = [IOREDTBL_LOW.offset, 24];

const machine = () => gceN1({ nics: [{ backend: 'loopback' }] });
const brokenIntx = breaking(virtioNet({ interrupts: 'intx' }), (nic) => nic.post(FRAME), machine);
const brokenMsix = breaking(virtioNet({ interrupts: 'msix' }), (nic) => nic.post(FRAME), machine);

/** The good network driver, whose line comes in by the IOAPIC; each half of an entry goes through `wrong`. */
function entries(
  name: string,
  clause: ClauseId,
  wrong: { readonly low?: (value: number) => number; readonly high?: (value: number) => number },
): BrokenDriver {
  return brokenIntx(name, clause, (port) => {
    const changed = rewriteEntries(port, (index, value) => {
      const half = (index & 1) === 0 ? wrong.low : wrong.high;
      return half === undefined ? value : half(value);
    });
    GuestInterrupts.of(changed).useIoApic();
    return changed;
  });
}

function rewriteEntries(port: GuestPort, rewrite: (index: number, value: number) => number): GuestPort {
  let selected = 0;
  return behind(port, {
    write: (at, value, width) => {
      if (at === IO_APIC + IOREGSEL.offset) selected = value;
      const isEntry = at === IO_APIC + IOWIN.offset && selected >= IOREDTBL_LOW.offset;
      port.write(at, isEntry ? rewrite(selected, value) : value, width);
    },
  });
}

/** Prints a byte by an interrupt that comes in by the IOAPIC. */
function printsByIoApic(port: GuestPort): void {
  GuestInterrupts.of(port).useIoApic();
  const uart = new UartDriver(port, COM1);
  uart.open();
  uart.listen(COM1_IRQ);
  uart.write(Uint8Array.of(0x21));
}

/** Does one thing to an APIC. */
function does(name: string, clause: ClauseId, run: (port: GuestPort) => void): BrokenDriver {
  return { clause, model: { name, drivers: [], run } };
}

/** Mistakes with the APICs. */
export const MUTANTS: readonly BrokenDriver[] = [
  entries('takes PCI lines for edges, by the IOAPIC', 'ioapic/TRIGGER', { low: (value) => value & ~TRIGGER }),
  entries('has the IOAPIC send the number of a line', 'ioapic/VECTOR', {
    low: (value) => (value & MASK ? value : (value & ~VECTOR) | 11),
  }),
  entries('has the IOAPIC send in a mode that means nothing', 'ioapic/DELIVERY', {
    low: (value) => value | (DELMOD & 0x300),
  }),
  entries('has the IOAPIC send to APIC 7', 'ioapic/DESTINATION', {
    high: () => IOREDTBL_HIGH.encode({ DEST: 7 }),
  }),
  entries('has the IOAPIC send to a logical ID, and leaves LDR alone', 'ioapic/DESTINATION', {
    low: (value) => value | DESTMOD,
    high: () => IOREDTBL_HIGH.encode({ DEST: 1 }),
  }),
  brokenMsix('leaves the local APIC off', 'apic/ENABLE', (port) =>
    behind(port, {
      write: (at, value, width) =>
        port.write(at, at === LOCAL_APIC + SVR.offset ? value & ~SVR.mask.ENABLE : value, width),
    }),
  ),
  does('ends an interrupt of the local APIC twice', 'apic/EOI-IDLE', (port) =>
    printsByIoApic(
      behind(port, {
        write: (at, value, width) => {
          port.write(at, value, width);
          if (at === LOCAL_APIC + EOI.offset) port.write(at, value, width);
        },
      }),
    ),
  ),
  does('starts the timer before it has a vector', 'apic/TIMER-VECTOR', (port) => {
    port.write(LOCAL_APIC + LVT.offset, 0, 4);
    port.write(LOCAL_APIC + INITIAL_COUNT.offset, 1000, 4);
  }),
  entries('writes an APIC ID to the lowest bits', 'ioapic/RESERVED', { high: () => 1 }),
  entries('has the IOAPIC send NMIs', 'ioapic/DELIVERY', {
    low: (value) => (value & MASK ? value : value | 0x400),
  }),
  does('starts the timer in a mode without counts', 'apic/TIMER-MODE', (port) => {
    port.write(LOCAL_APIC + LVT.offset, LVT.encode({ VECTOR: 0x40, TIMER_MODE: 2 }), 4);
    port.write(LOCAL_APIC + INITIAL_COUNT.offset, 1000, 4);
  }),
  does('divides by 16 by writing 16', 'apic/DIVIDE', (port) => {
    port.write(LOCAL_APIC + DIVIDE.offset, 16, 4);
  }),
  does('sends an interrupt before it says to which processor', 'apic/IPI', (port) => {
    port.write(LOCAL_APIC + ICR_HIGH.offset, ICR_HIGH.encode({ DEST: 3 }), 4);
    port.write(LOCAL_APIC + ICR_LOW.offset, ICR_LOW.encode({ VECTOR: 0x60 }), 4);
  }),
  does('sends an interrupt without a vector', 'apic/IPI', (port) => {
    port.write(LOCAL_APIC + ICR_LOW.offset, ICR_LOW.encode({ SHORTHAND: 1 }), 4);
  }),
  does('gives spurious interrupts the vector of an exception', 'apic/SPURIOUS-VECTOR', (port) => {
    port.write(LOCAL_APIC + SVR.offset, SVR.encode({ ENABLE: 1, VECTOR: 0x0e }), 4);
  }),
  does('sets up the timer before the local APIC is on', 'apic/LOCAL-OFF', (port) => {
    port.write(LOCAL_APIC + SVR.offset, 0xff, 4);
    port.write(LOCAL_APIC + LVT.offset, 0x40, 4);
    port.write(LOCAL_APIC + SVR.offset, 0x1ff, 4);
  }),
  does('turns the local APIC on by bytes', 'apic/WIDTH', (port) => {
    port.write(LOCAL_APIC + SVR.offset, 0xff, 1);
  }),
  does('has an ISA line active-low', 'ioapic/POLARITY', (port) => {
    printsByIoApic(rewriteEntries(port, (index, value) => ((index & 1) === 0 ? value | INTPOL : value)));
  }),
  does('writes an entry by bytes', 'ioapic/WIDTH', (port) => {
    port.write(IO_APIC + IOREGSEL.offset, FIRST_ENTRY, 4);
    port.write(IO_APIC + IOWIN.offset, 0x20, 1);
  }),
  does('masks one entry more than there are', 'ioapic/INDEX', (port) => {
    port.write(IO_APIC + IOREGSEL.offset, FIRST_ENTRY + 2 * ENTRIES, 4);
    port.write(IO_APIC + IOWIN.offset, MASK, 4);
  }),
];
