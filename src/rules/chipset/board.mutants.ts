import { SCI_IRQ } from '../../acpi/config.ts';
import { ACPI_ENABLE } from '../../chipset/piix4-acpi.ts';
import { PMCNTRL, PMEN, PMSTS, PMTMR } from '../../chipset/registers/pm-io.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { PORT } from '../../core/places.ts';
import { SECOND } from '../../guest/driver-error.ts';
import { GuestInterrupts } from '../../guest/index.ts';
import { GCE_N1 } from '../../machine/gce-n1.ts';
import type { ClauseId } from '../index.ts';

const { pmba: PM } = GCE_N1.firmware.pc!;
const { SUS_TYP, SUS_EN, SCI_EN } = PMCNTRL.mask;
const [DATA, COMMAND] = [PORT.KEYBOARD_DATA, PORT.KEYBOARD_COMMAND];
const [READ_COMMAND_BYTE, WRITE_COMMAND_BYTE, SELF_TEST] = [0x20, 0x60, 0xaa];
const SET_LIGHTS = 0xed;

/** Does one thing, and lets time pass. */
function does(
  name: string,
  clause: ClauseId,
  run: (port: GuestPort) => void,
  act?: BrokenDriver['act'],
): BrokenDriver {
  const model = {
    name,
    drivers: [],
    run: (port: GuestPort) => {
      run(port);
      port.wait(() => false, SECOND);
    },
  };
  return { clause, model, ...(act !== undefined && { act }) };
}

/** Writes a command as a driver does that waits. */
function command(port: GuestPort, value: number): void {
  port.in(COMMAND, 1);
  port.out(COMMAND, value, 1);
}

/** Takes the SCI of the power button as an edge. */
function takesAnEdge(
  name: string,
  clause: ClauseId,
  prepare: (interrupts: GuestInterrupts) => void,
): BrokenDriver {
  return does(
    name,
    clause,
    (port) => {
      const interrupts = GuestInterrupts.of(port);
      prepare(interrupts);
      interrupts.listen(SCI_IRQ, 'edge', () => port.out(PM + PMSTS.offset, PMSTS.mask.PWRBTN, 2));
      port.out(PORT.APM, ACPI_ENABLE, 1);
      port.out(PM + PMEN.offset, PMEN.mask.PWRBTN, 2);
    },
    (machine, use) => {
      use();
      machine.pressPowerButton();
      machine.port.wait(() => false, SECOND);
    },
  );
}

/** Mistakes with the keyboard controller and with power management. */
export const MUTANTS: readonly BrokenDriver[] = [
  does('writes to the keyboard controller without a look', 'i8042/BUSY', (port) => {
    port.out(COMMAND, WRITE_COMMAND_BYTE, 1);
    port.out(DATA, 0x30, 1);
  }),
  does('says which byte it writes, and does not', 'i8042/BYTE', (port) => {
    command(port, WRITE_COMMAND_BYTE);
    command(port, WRITE_COMMAND_BYTE);
    port.in(COMMAND, 1);
    port.out(DATA, 0x30, 1);
  }),
  does('asks the keyboard controller, and for something else', 'i8042/ANSWER', (port) => {
    command(port, READ_COMMAND_BYTE);
    command(port, SELF_TEST);
    port.in(DATA, 1);
  }),
  does('turns the lights of a keyboard on, and hears no ACK', 'i8042/ACK', (port) => {
    for (const byte of [SET_LIGHTS, 7]) {
      port.in(COMMAND, 1);
      port.out(DATA, byte, 1);
    }
  }),
  does('polls the keyboard by its data', 'i8042/EMPTY', (port) => {
    for (let i = 0; i < 100; i++) port.in(DATA, 1);
  }),
  does('turns the machine off as another board', 'acpi/SLEEP-TYPE', (port) =>
    port.out(PM + PMCNTRL.offset, SUS_TYP | SUS_EN | SCI_EN, 2),
  ),
  does('reads the power management timer by words', 'acpi/TIMER-WIDTH', (port) => {
    for (const at of [0, 2]) port.in(PM + PMTMR.offset + at, 2);
  }),
  does('asks for ACPI as another board', 'acpi/SMI-COMMAND', (port) => port.out(PORT.APM, 0xa0, 1)),
  does(
    'clears an event by writing 0',
    'acpi/STATUS-CLEAR',
    (port) => {
      for (let i = 0; i < 3; i++) port.out(PM + PMSTS.offset, 0, 2);
    },
    (machine, use) => {
      machine.pressPowerButton();
      use();
    },
  ),
  does('turns the machine off as QEMU', 'acpi/PLACE', (port) => port.out(0x604, 0x2000, 2)),
  takesAnEdge('takes the SCI for an edge', 'pirq/ELCR', () => {}),
  takesAnEdge('takes the SCI for an edge, by the IOAPIC', 'ioapic/TRIGGER', (interrupts) =>
    interrupts.useIoApic(),
  ),
  does(
    'waits for the power button in legacy mode',
    'acpi/SCI-EN',
    (port) => {
      port.out(PM + PMCNTRL.offset, port.in(PM + PMCNTRL.offset, 2) & ~SCI_EN, 2);
      port.out(PM + PMEN.offset, PMEN.mask.PWRBTN, 2);
    },
    (machine, use) => {
      use();
      machine.pressPowerButton();
    },
  ),
];
