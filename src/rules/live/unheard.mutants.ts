import { IOREGSEL, IOWIN } from '../../chipset/registers/ioapic.ts';
import { LVT, TPR } from '../../chipset/registers/local-apic.ts';
import { OCW1 } from '../../chipset/registers/pic.ts';
import { behind } from '../../conformance/broken/behind.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS, MMIO, PORT } from '../../core/places.ts';
import { SECOND } from '../../guest/driver-error.ts';
import { GuestInterrupts, PitDriver, UartDriver } from '../../guest/index.ts';

const { IO_APIC, LOCAL_APIC } = MMIO;
const [COM1] = COM_PORTS;
const COM1_IRQ = 4;
const TIMER = 0;
/** Of the local APIC's timer. */
const TICKS = 1000;
const MASKED = 0x1_0000;
/** OCW1 with the line of COM1 open, with that of the timer, and with none. */
const [OPEN, OPEN_TO_TIMER, ALL] = [0xff & ~(1 << COM1_IRQ), 0xfe, 0xff];

/** Waits for an interrupt that does not come. */
function waits(name: string, run: (port: GuestPort) => void, act?: BrokenDriver['act']): BrokenDriver {
  const model = {
    name,
    drivers: [],
    run: (port: GuestPort) => {
      run(port);
      port.wait(() => false, SECOND);
    },
  };
  return { clause: 'live/UNHEARD', model, ...(act !== undefined && { act }) };
}

/** Listens for keys behind the port that `wrong` gives. */
function listening(name: string, wrong: (port: GuestPort) => GuestPort): BrokenDriver {
  return waits(
    name,
    (port) => {
      const uart = new UartDriver(wrong(port), COM1);
      uart.open();
      uart.listen(COM1_IRQ);
    },
    (machine, use) => {
      machine.serial[0]!.type('x');
      use();
    },
  );
}

/** Writes to a register of the local APIC. */
const apic = (port: GuestPort, at: number, value: number) => port.write(LOCAL_APIC + at, value, 4);

/** Good drivers that wait for an interrupt, and one thing keeps it back. */
export const MUTANTS: readonly BrokenDriver[] = [
  listening('leaves its line masked', (port) =>
    behind(port, {
      out: (at, value, width) =>
        port.out(at, at === PORT.PIC_MASTER + OCW1.offset && value === OPEN ? ALL : value, width),
    }),
  ),
  listening('leaves its line masked, while the timer ticks', (port) => {
    const masking = behind(port, {
      out: (at, value, width) =>
        port.out(
          at,
          at === PORT.PIC_MASTER + OCW1.offset && value === (OPEN & OPEN_TO_TIMER) ? OPEN_TO_TIMER : value,
          width,
        ),
    });
    new PitDriver(port, 0).start(TICKS);
    GuestInterrupts.of(masking).listen(TIMER, 'edge', () => {});
    return masking;
  }),
  listening('leaves interrupts off', (port) => behind(port, { unmask: () => {} })),
  listening('leaves the entry of its pin masked', (port) => {
    const masking = behind(port, {
      write: (at, value, width) =>
        port.write(at, at === IO_APIC + IOWIN.offset && value > 0 ? value | MASKED : value, width),
    });
    GuestInterrupts.of(masking).useIoApic();
    return masking;
  }),
  waits('takes the timer from the pin that other boards have', (port) => {
    const moved = behind(port, {
      write: (at, value, width) =>
        port.write(at, at === IO_APIC + IOREGSEL.offset && (value & ~1) === 0x10 ? value + 4 : value, width),
    });
    const interrupts = GuestInterrupts.of(moved);
    interrupts.useIoApic();
    interrupts.listen(TIMER, 'edge', () => {});
  }),
  waits('leaves the priority of its task high', (port) => {
    GuestInterrupts.of(port).after(TICKS, () => {});
    apic(port, TPR.offset, 0xf0);
  }),
  waits('leaves the entry of its timer masked', (port) => {
    const masking = behind(port, {
      write: (at, value, width) =>
        port.write(at, at === LOCAL_APIC + LVT.offset ? value | MASKED : value, width),
    });
    GuestInterrupts.of(masking).after(TICKS, () => {});
  }),
];
