import { ACPI_ENABLE } from '../../chipset/piix4-acpi.ts';
import { STATUS as KEYBOARD_STATUS } from '../../chipset/registers/i8042.ts';
import { DIVIDE, ICR_HIGH, ICR_LOW } from '../../chipset/registers/local-apic.ts';
import { OCW2 } from '../../chipset/registers/pic.ts';
import { TCW } from '../../chipset/registers/pit.ts';
import { PMCNTRL, PMEN, PMSTS, PMTMR } from '../../chipset/registers/pm-io.ts';
import { REGISTER_B, REGISTER_C, RTCD, RTCI } from '../../chipset/registers/rtc.ts';
import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS, MMIO, PORT } from '../../core/places.ts';
import { SECOND } from '../../guest/driver-error.ts';
import {
  acceptable,
  assignBars,
  DEVICE_STATUS,
  enumerate,
  GuestInterrupts,
  PitDriver,
  RtcDriver,
  routeLines,
  ScsiHost,
  TRANSPORT_FEATURES,
  UartDriver,
  VirtioDriver,
  virtioNet,
  virtioRng,
  virtioScsi,
} from '../../guest/index.ts';
import { readCapacity10 } from '../../guest/scsi/commands.ts';
import { GCE_N1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import { device_status, queue_size, VIRTIO_PCI_CAP } from '../../virtio/transport/modern/registers.ts';
import { attachedBehind, behind } from '../broken/behind.ts';
import { capabilityOf, readWindow } from '../broken/behind-capabilities.ts';
import { answerCommon, CommonRegister } from '../broken/behind-modern.ts';
import type { DriverModel } from '../model/model.ts';
import { referenceDrivers, referenceModel, useDevices } from '../reference.ts';
import { BAR_WINDOWS } from '../scenarios/power-on.ts';

const [COM1] = COM_PORTS;
const COM1_IRQ = 4;
const { LOCAL_APIC } = MMIO;
const EOI = OCW2.encode({ EOI: 1 });
const SPECIFIC_EOI = OCW2.encode({ EOI: 1, SL: 1 });

/** Drivers that are listening. */
const listening = new WeakMap<GuestPort, UartDriver>();

/** Prints a line, and reads what was typed, by interrupts; it goes on listening, behind the port that `by` gives. */
function listeningModel(name: string, by: (port: GuestPort) => GuestPort): DriverModel {
  return {
    name,
    drivers: [],
    run: (port) => {
      const uart = listening.get(port) ?? listen(by(port));
      listening.set(port, uart);
      uart.write(Buffer.from('hello\r\n'));
      uart.read(1_000_000);
    },
  };
}

function listen(port: GuestPort): UartDriver {
  const uart = new UartDriver(port, COM1);
  uart.open();
  uart.listen(COM1_IRQ);
  return uart;
}

export const listens = listeningModel('reference UART, by interrupts', (port) => port);

/** Its EOI names the level. */
export const namesLevels = listeningModel('reference UART that names what it ends', (port) =>
  behind(port, {
    out: (at, value, width) =>
      port.out(at, at === PORT.PIC_MASTER && value === EOI ? SPECIFIC_EOI | COM1_IRQ : value, width),
  }),
);

/** A byte with a framing error comes while it listens. */
export const hearsNoise: DriverModel = {
  ...listens,
  name: 'reference UART on a line with noise',
  run: (port, handles, machine) => {
    listens.run!(port, handles, machine);
    machine.serial[0]!.uart.inject(0x55, { framing: true });
    listens.run!(port, handles, machine);
  },
};

const REQUESTQ = 0;
const ROOM = 32;

/** Has the entropy device fill a buffer, and does not wait for it. */
type Ask = () => void;

/** Of the entropy device: resets its queue by itself while it runs, sets the queue up again, and goes on with it. */
export const queueResetter: Driver<Ask> = {
  ...virtioRng(),
  attach: (port, bdf) => {
    const device = new VirtioDriver(port, bdf, 'virtio-rng', { interrupts: 'polled' });
    device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
    const first = device.addQueue(REQUESTQ, () => {});
    device.ready();
    device.resetQueue(first);
    const queue = device.addQueue(REQUESTQ, () => {});
    const buffer = port.allocate(ROOM, 1);
    return () => {
      queue.add([], [{ address: buffer, length: ROOM }]);
      device.kick(queue);
    };
  },
};

/** As Compute Engine's firmware routes PIRQA to PIRQD. */
const LINKS = [10, 10, 11, 11] as const;
/** Of an audible tone, in units of the timer. */
const TONE = 0xa0;
/** Commands of the keyboard controller. */
const [READ_COMMAND_BYTE, WRITE_COMMAND_BYTE, ENABLE_SCANNING] = [0x20, 0x60, 0xf4];
/** Of the local APIC's timer. */
const TICKS = 1000;
const BY_ONE = DIVIDE.encode({ B3: 1, B1_0: 3 });
/** Fewer than any queue here has. */
const FEW = 64;
/** A hundred times a second. */
const PERIOD = 11_932;
/** Virtual nanoseconds: enough for a count to change. */
const A_WHILE = 1_000_000;

/** Places its functions itself, as a firmware does. */
export const placing: DriverModel = {
  ...referenceModel('msix'),
  enumerate: (port: GuestPort) => {
    const functions = assignBars(port, enumerate(port), BAR_WINDOWS);
    routeLines(port, functions, LINKS);
    return functions;
  },
};

/** Routes lines again, as an operating system may. */
export const routing: DriverModel = {
  name: 'reference that routes its lines',
  drivers: [],
  run: (port) => routeLines(port, enumerate(port), LINKS),
};

/** Lines come in by the IOAPIC, and once the timer of the local APIC does, and an interrupt that it sends itself. */
export const byApics: DriverModel = {
  ...referenceModel('intx'),
  name: 'reference, by the APICs',
  enumerate: (port: GuestPort) => {
    const interrupts = GuestInterrupts.of(port);
    interrupts.useIoApic();
    port.write(LOCAL_APIC + DIVIDE.offset, BY_ONE, 4);
    interrupts.after(TICKS, () => {});
    port.write(LOCAL_APIC + ICR_HIGH.offset, 0, 4);
    port.write(LOCAL_APIC + ICR_LOW.offset, interrupts.message(() => {}).data, 4);
    const uart = new UartDriver(port, COM1);
    uart.open();
    uart.listen(COM1_IRQ);
    uart.write(Uint8Array.of(0x21));
    return enumerate(port);
  },
};

/** As a driver that uses the shorter READ CAPACITY, and the longer if the number is too large. */
export const asksTenFirst: DriverModel = {
  name: 'reference that asks READ CAPACITY(10) first',
  drivers: referenceDrivers('polled'),
  run: (_port, handles) => {
    for (const host of handles) {
      if (!(host instanceof ScsiHost)) continue;
      host.execute(1, 0, readCapacity10());
      host.readCapacity(1);
      host.read(1, 0, 1);
    }
  },
};

/** Reads the command byte of the keyboard controller, and writes it back. */
function usesKeyboard(port: GuestPort): void {
  const writes = (at: number, value: number) => {
    port.wait(() => (port.in(PORT.KEYBOARD_COMMAND, 1) & KEYBOARD_STATUS.mask.IBF) === 0, SECOND);
    port.out(at, value, 1);
  };
  writes(PORT.KEYBOARD_COMMAND, READ_COMMAND_BYTE);
  const value = port.in(PORT.KEYBOARD_DATA, 1);
  writes(PORT.KEYBOARD_COMMAND, WRITE_COMMAND_BYTE);
  writes(PORT.KEYBOARD_DATA, value);
  writes(PORT.KEYBOARD_DATA, ENABLE_SCANNING);
  port.in(PORT.KEYBOARD_DATA, 1);
}

/** Waits for the power button, and turns the machine off. */
function turnsOff(port: GuestPort, machine: Machine): void {
  const { pmba } = GCE_N1.firmware.pc!;
  port.in(pmba + PMTMR.offset, 4);
  port.out(PORT.APM, ACPI_ENABLE, 1);
  port.out(pmba + PMEN.offset, PMEN.mask.PWRBTN, 2);
  machine.pressPowerButton();
  port.out(pmba + PMSTS.offset, PMSTS.mask.PWRBTN, 2);
  port.out(pmba + PMEN.offset, 0, 2);
  port.out(pmba + PMCNTRL.offset, PMCNTRL.mask.SUS_EN | PMCNTRL.mask.SCI_EN, 2);
}

/** Sets the clock to its own time, runs a counter, and uses the keyboard controller and power management. */
export const timing: DriverModel = {
  name: 'reference clock and timer',
  drivers: [],
  run: (port, _handles, machine) => {
    usesKeyboard(port);
    turnsOff(port, machine);
    const rtc = new RtcDriver(port);
    rtc.set(rtc.read());
    const timer = new PitDriver(port, 0);
    timer.start(PERIOD);
    timer.count();
    port.wait(() => false, A_WHILE);
    timer.count();
    // A tone of counter 2, by the low byte alone.
    port.out(PORT.PIT + TCW.offset, TCW.encode({ SC: 2, RW: 1, MODE: 3 }), 1);
    port.out(PORT.PIT + 2, TONE, 1);
  },
};

/** Has the clock interrupt at the end of an update, and asks it why. */
export const alarmed: DriverModel = {
  name: 'reference clock that wants to interrupt',
  drivers: [],
  run: (port) => {
    const get = (index: number) => {
      port.out(PORT.RTC + RTCI.offset, index, 1);
      return port.in(PORT.RTC + RTCD.offset, 1);
    };
    const control = get(REGISTER_B.offset);
    port.out(PORT.RTC + RTCD.offset, control | REGISTER_B.mask.UIE | REGISTER_B.mask.PIE, 1);
    port.wait(() => (get(REGISTER_C.offset) & REGISTER_C.mask.IRQF) !== 0, 2 * SECOND);
    get(REGISTER_B.offset);
    port.out(PORT.RTC + RTCD.offset, control, 1);
  },
};

/** A reference driver that does something more, by itself or behind the port that `more` returns. */
function doing<Handle>(
  name: string,
  good: Driver<Handle>,
  more: (port: GuestPort, bdf: number) => GuestPort,
): DriverModel {
  return {
    name,
    drivers: [attachedBehind(good, more)],
    run: useDevices,
  };
}

const rng = virtioRng({ interrupts: 'polled' });

export const byHeader: DriverModel = {
  name: 'reference, legacy',
  drivers: [virtioScsi({ legacy: true }), virtioNet({ legacy: true }), virtioRng({ legacy: true })],
  run: useDevices,
};

export const secondTry = doing(
  'reference, at the second try',
  virtioNet({ interrupts: 'polled' }),
  (port, bdf) => {
    const given = new VirtioDriver(port, bdf, 'virtio-net', { interrupts: 'polled' });
    given.transport.raise(DEVICE_STATUS.mask.FAILED);
    return port;
  },
);

export const smallQueues = doing('reference with small queues', rng, (port, bdf) => {
  const size = new CommonRegister(port, bdf, queue_size);
  return answerCommon(port, bdf, queue_size, (ask) => {
    size.write(Math.min(ask(), FEW));
    return ask();
  });
});

/** Reads the status before it has mapped anything. */
export const throughWindow = doing('reference that reads by the window', rng, (port, bdf) => {
  const { bar, offset } = capabilityOf(port, bdf, ({ type }) => type === VIRTIO_PCI_CAP.COMMON);
  readWindow(port, bdf, { bar, offset: offset + device_status.offset, length: device_status.width });
  return port;
});

export const resetter: DriverModel = {
  name: 'reference that resets a queue',
  drivers: [queueResetter],
  run: (_port, handles) => {
    for (const ask of handles) (ask as Ask)();
  },
};
