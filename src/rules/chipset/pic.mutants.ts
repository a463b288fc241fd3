import { ICW1, ICW2, ICW4, OCW1, OCW2, OCW3 } from '../../chipset/registers/pic.ts';
import { PIRQRC } from '../../chipset/registers/piix4-isa.ts';
import { behind } from '../../conformance/broken/behind.ts';
import { type BrokenDriver, breaking } from '../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS, PORT } from '../../core/places.ts';
import { SECOND } from '../../guest/driver-error.ts';
import { UartDriver } from '../../guest/drivers/uart16550.ts';
import { GuestInterrupts, virtioNet, writeRegister } from '../../guest/index.ts';
import { PicDriver } from '../../guest/interrupts/pic.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { IER, IIR, MCR } from '../../serial/registers.ts';
import type { ClauseId } from '../index.ts';

const [COM1] = COM_PORTS;
const COM1_IRQ = 4;
const EOI = OCW2.encode({ EOI: 1 });
const CHIPS: readonly number[] = [PORT.PIC_MASTER, PORT.PIC_SLAVE];
const [TIMER_IRQ, CLOCK_IRQ] = [0, 8];
/** The vectors of IRQ 0 and IRQ 8, as our pair has them. */
const [FIRST_VECTOR, SLAVE_VECTOR] = [0x20, 0x28];
const SPECIFIC_EOI = OCW2.encode({ EOI: 1, SL: 1 });
const READ_IRR = OCW3.encode({ OCW3: 1, RR: 1 });
const ELCR_PORTS: readonly number[] = [PORT.ELCR, PORT.ELCR + 1];
const ISA_BRIDGE = 0x08;
const START = ICW1.encode({ ICW1: 1, IC4: 1 });
const [MASTER_WIRING, SLAVE_WIRING] = [0x04, 0x02];
const ALL_MASKED = 0xff;
/** Of IRQ 0, in real mode. */
const BIOS_VECTOR = 0x08;
const MODE_8086 = ICW4.encode({ uPM: 1 });

/** A port that does something before each write that `when` selects. */
function before(port: GuestPort, when: (at: number, value: number) => boolean, what: () => void): GuestPort {
  return behind(port, {
    out: (at, value, width) => {
      if (when(at, value)) what();
      port.out(at, value, width);
    },
  });
}

const isEoi = (at: number, value: number) => at === PORT.PIC_MASTER + OCW2.offset && value === EOI;

/** Prints a byte by interrupts. */
function prints(name: string, clause: ClauseId, mistake: (port: GuestPort) => GuestPort): BrokenDriver {
  return {
    clause,
    model: {
      name,
      drivers: [],
      run: (port) => {
        const uart = new UartDriver(mistake(port), COM1);
        uart.open();
        uart.listen(COM1_IRQ);
        uart.write(Uint8Array.of(0x21));
      },
    },
  };
}

/** No other word that a good driver writes there is 01. */
const isMode = (at: number, value: number) => CHIPS.includes(at - ICW4.offset) && value === MODE_8086;

/** Sets the controllers up, and does no more. */
function sets(name: string, clause: ClauseId, run: (port: GuestPort) => void): BrokenDriver {
  return { clause, model: { name, drivers: [], run } };
}

function rewriting(port: GuestPort, rewrite: (at: number, value: number) => number): GuestPort {
  return behind(port, { out: (at, value, width) => port.out(at, rewrite(at, value), width) });
}

/** Sets the controllers up and opens the line of the clock, which is the slave's. */
function opensClock(
  name: string,
  clause: ClauseId,
  rewrite: (at: number, value: number) => number,
): BrokenDriver {
  return sets(name, clause, (port) => {
    const mistaken = rewriting(port, rewrite);
    new PicDriver(mistaken).open(mistaken, CLOCK_IRQ, 'edge');
  });
}

/** Mistakes in how interrupts are set up and ended. */
export const MUTANTS: readonly BrokenDriver[] = [
  // Serves the serial port's interrupt and returns without telling the interrupt controller.
  {
    clause: 'pic/EOI',
    model: {
      name: 'forgets the end of interrupt',
      run: (port) => {
        const uart = new UartDriver(withoutEoi(port), COM1);
        uart.open();
        uart.listen(COM1_IRQ);
        uart.write(Uint8Array.of(0x21));
      },
    },
  },
  // Does not set the processor bit of the interrupt controllers, which leaves them in the 8085's mode.
  {
    clause: 'pic/INIT',
    model: {
      name: 'writes 0 to ICW4',
      run: (port) => {
        new PicDriver(rewriting(port, (at, value) => (isMode(at, value) ? 0 : value))).open(
          port,
          COM1_IRQ,
          'edge',
        );
      },
    },
  },
  opensClock('gives the slave vectors from 2C on', 'pic/BASE-ALIGN', (at, value) =>
    at === PORT.PIC_SLAVE + ICW2.offset && value === SLAVE_VECTOR ? value + 4 : value,
  ),
  opensClock('gives both controllers the same vectors', 'pic/BASE-SAME', (at, value) =>
    at === PORT.PIC_SLAVE + ICW2.offset && value === SLAVE_VECTOR ? FIRST_VECTOR : value,
  ),
  opensClock('leaves the input of the slave masked', 'pic/CASCADE-CLOSED', (at, value) =>
    at === PORT.PIC_MASTER + OCW1.offset && value > SLAVE_VECTOR ? value | MASTER_WIRING : value,
  ),
  // Enables interrupts with the controllers as the BIOS left them, and waits long enough for a tick of its timer.
  {
    clause: 'pic/VECTOR',
    model: {
      name: "leaves the interrupt controllers the BIOS's",
      // Ours mask them.
      drivers: [],
      run: (port) => {
        port.unmask();
        port.wait(() => false, SECOND);
      },
    },
  },
  prints('asks for IRR in the middle of the initialisation', 'pic/SEQUENCE', (port) =>
    before(
      port,
      (at, value) => at === PORT.PIC_MASTER + ICW2.offset && value === FIRST_VECTOR,
      () => port.out(PORT.PIC_MASTER, READ_IRR, 1),
    ),
  ),
  prints('gives the slave the ICW3 of the master', 'pic/CASCADE', (port) =>
    rewriting(port, (at, value) =>
      at === PORT.PIC_SLAVE + 1 && value === SLAVE_WIRING ? MASTER_WIRING : value,
    ),
  ),
  sets('opens the line of the timer without a handler', 'pic/EOI', (port) => {
    new PicDriver(port).open(port, TIMER_IRQ, 'edge');
    port.unmask();
    port.wait(() => false, SECOND);
  }),
  sets('takes the master for the only controller, and opens the clock', 'pic/INIT', (port) => {
    new PicDriver(port).open(port, CLOCK_IRQ, 'edge');
    port.out(PORT.PIC_MASTER, START | ICW1.mask.SNGL, 1);
    for (const value of [FIRST_VECTOR, MODE_8086, ALL_MASKED & ~MASTER_WIRING])
      port.out(PORT.PIC_MASTER + 1, value, 1);
  }),
  sets(
    'writes the mask where ICW1 promises ICW4',
    'pic/ICW4',
    (port) => new PicDriver(rewriting(port, (at, value) => (isMode(at, value) ? ALL_MASKED : value))),
  ),
  sets('gives the controllers the vectors of a BIOS', 'pic/BASE', (port) => new PicDriver(port, BIOS_VECTOR)),
  sets('leaves the lines open without 8086 mode', 'pic/INIT', (port) => {
    for (const value of [START, FIRST_VECTOR, MASTER_WIRING, 0])
      port.out(PORT.PIC_MASTER + (value === START ? 0 : 1), value, 1);
  }),
  prints('ends the level of another line', 'pic/EOI-LEVEL', (port) =>
    before(port, isEoi, () => port.out(PORT.PIC_MASTER, SPECIFIC_EOI | (COM1_IRQ - 1), 1)),
  ),
  prints('ends an interrupt twice', 'pic/EOI-IDLE', (port) =>
    before(port, isEoi, () => port.out(PORT.PIC_MASTER, EOI, 1)),
  ),
  prints('ends an interrupt by a word', 'pic/WIDTH', (port) =>
    behind(port, { out: (at, value, width) => port.out(at, value, isEoi(at, value) ? 2 : width) }),
  ),
  prints('ends an interrupt of the master at the slave, too', 'pic/EOI-IDLE', (port) =>
    before(port, isEoi, () => port.out(PORT.PIC_SLAVE, EOI, 1)),
  ),
  {
    clause: 'pic/SPURIOUS',
    act: (machine, use) => {
      use();
      machine.glitch(COM1_IRQ);
      machine.port.wait(() => false, SECOND);
    },
    model: {
      name: 'ends an interrupt that was not requested',
      drivers: [],
      run: (port) => {
        const uart = new UartDriver(port, COM1);
        uart.open();
        uart.listen(COM1_IRQ);
        port.handle(FIRST_VECTOR + 7, () => port.out(PORT.PIC_MASTER, EOI, 1));
      },
    },
  },
  {
    clause: 'pic/EDGE',
    act: (machine, use) => {
      use();
      machine.serial[0]!.type('a');
      machine.port.wait(() => false, SECOND);
    },
    model: {
      name: 'takes note of a byte and leaves it',
      drivers: [],
      run: (port) => {
        new UartDriver(port, COM1).open();
        GuestInterrupts.of(port).listen(COM1_IRQ, 'edge', () => void port.in(COM1 + IIR.offset, 1));
        port.out(COM1 + MCR.offset, MCR.mask.OUT2, 1);
        port.out(COM1 + IER.offset, IER.mask.ERBFI, 1);
      },
    },
  },
  breaking(
    virtioNet({ interrupts: 'intx' }),
    (nic) => nic.send(FRAME),
    () => gceN1({ nics: [{ backend: 'loopback' }] }),
  )('takes PCI lines for edges', 'pirq/ELCR', (port) => {
    for (const at of ELCR_PORTS) port.out(at, 0, 1);
    return behind(port, {
      out: (at, value, width) => {
        if (!ELCR_PORTS.includes(at)) port.out(at, value, width);
      },
    });
  }),
  {
    clause: 'pirq/RESERVED',
    model: {
      name: 'routes a PCI interrupt to the clock',
      drivers: [],
      run: (port) => writeRegister(port, ISA_BRIDGE, PIRQRC[0]!, 8),
    },
  },
  {
    clause: 'pirq/RESERVED',
    model: {
      name: 'routes a PCI interrupt to IRQ 16',
      drivers: [],
      run: (port) => writeRegister(port, ISA_BRIDGE, PIRQRC[3]!, 16),
    },
  },
];

function withoutEoi(port: GuestPort): GuestPort {
  return behind(port, {
    out: (at, value, width) => {
      if (at !== PORT.PIC_MASTER + OCW2.offset || value !== EOI) port.out(at, value, width);
    },
  });
}
