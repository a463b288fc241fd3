import { EOI as APIC_EOI } from '../../src/chipset/registers/local-apic.ts';
import { OCW2 } from '../../src/chipset/registers/pic.ts';
import { REGISTER_B, REGISTER_C, RTCD, RTCI } from '../../src/chipset/registers/rtc.ts';
import { behind, rewriteConfig } from '../../src/conformance/broken/behind.ts';
import type { DriverModel } from '../../src/conformance/index.ts';
import { FRAME } from '../../src/conformance/reference.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { COM_PORTS, MMIO, PORT } from '../../src/core/places.ts';
import type { Register } from '../../src/core/register.ts';
import { UartDriver } from '../../src/guest/drivers/uart16550.ts';
import { enumerate, GuestInterrupts, virtioNet } from '../../src/guest/index.ts';
import { gceN1, type Machine } from '../../src/index.ts';
import { BAR0, CONFADD, CONFDATA } from '../../src/pci/registers.ts';
import { FCR, IER, IIR, LSR, MCR, RBR } from '../../src/serial/registers.ts';
import { behindEach, type Case, judged, type Play } from './play.ts';

const [COM1] = COM_PORTS;
const [COM1_IRQ, CLOCK_IRQ] = [4, 8];
const [SECOND, MILLISECOND] = [1_000_000_000, 1_000_000];
/** More turns than there are characters, and looks of a program that polls. */
const [TURNS, MANY] = [30, 300];
/** IIR's ID of an error. */
const LINE_STATUS = 3;
const EOI = OCW2.encode({ EOI: 1 });
const ALL_ONES = 0xffff_ffff;

type Wrong = Readonly<Record<string, (port: GuestPort) => GuestPort>>;

/** A program without drivers, behind each of these mistakes. */
function programs(run: (port: GuestPort, machine: Machine) => void, play: Play, mistakes: Wrong): Case[] {
  const model = (name: string, mistake: (port: GuestPort) => GuestPort): DriverModel => ({
    name,
    enumerate: () => [],
    drivers: [],
    run: (port, _handles, machine) => run(mistake(port), machine),
  });
  return Object.entries(mistakes).map(([name, mistake]) => ({
    broken: model(name, mistake),
    mended: model('mended', (port) => port),
    play,
  }));
}

/** Writes of ports go through `change`; null drops one. */
export const writes = (change: (at: number, value: number) => number | null) => (port: GuestPort) =>
  behind(port, {
    out: (at, value, width) => {
      const changed = change(at, value);
      if (changed !== null) port.out(at, changed, width);
    },
  });
const reads = (at: number, answer: (ask: () => number) => number) => (port: GuestPort) =>
  behind(port, {
    in: (from, width) => (from === at ? answer(() => port.in(from, width)) : port.in(from, width)),
  });

/** More characters come than the FIFO holds. */
function typing(machine: Machine, use: () => void): void {
  use();
  machine.serial[0]!.type('x'.repeat(100));
  machine.port.wait(() => false, SECOND);
}

const listens = (port: GuestPort) => {
  const uart = new UartDriver(port, COM1);
  uart.open();
  uart.listen(COM1_IRQ);
};
const prints = (port: GuestPort) => {
  const uart = new UartDriver(port, COM1);
  uart.open();
  uart.listen(COM1_IRQ);
  uart.write(Uint8Array.of(0x21));
};

const isEoi = (at: number, value: number) => at === PORT.PIC_MASTER + OCW2.offset && value === EOI;
const otherLevel = OCW2.encode({ EOI: 1, SL: 1 }) | (COM1_IRQ - 1);

const get = (port: GuestPort, { offset }: Register) => port.in(COM1 + offset, 1);
const put = (port: GuestPort, { offset }: Register, value: number) => port.out(COM1 + offset, value, 1);

/** Serves a serial port by a handler of its own, as IIR says; three characters came before that, and one is wrong. */
function serves(port: GuestPort, { serial: [com1] }: Machine): void {
  new UartDriver(port, COM1).open();
  com1!.type('abc');
  com1!.uart.inject(0x55, { framing: true });
  port.wait(() => false, MILLISECOND);
  put(port, FCR, FCR.encode({ ENABLE: 1 }));
  GuestInterrupts.of(port).listen(COM1_IRQ, 'edge', () => {
    for (let turn = 0; turn < TURNS; turn++) {
      const iir = get(port, IIR);
      if ((iir & IIR.mask.NONE) !== 0) return;
      if (IIR.decode(iir).ID === LINE_STATUS) get(port, LSR);
      else if ((get(port, LSR) & LSR.mask.DR) !== 0) get(port, RBR);
    }
  });
  put(port, MCR, MCR.mask.OUT2);
  put(port, IER, IER.mask.ERBFI | IER.mask.ELSI);
  com1!.type('x'.repeat(100));
  port.wait(() => false, SECOND);
}

/** Polls a serial port at which characters come, each by itself, and then two together, the second of which is wrong. */
function polls(port: GuestPort, { serial: [com1] }: Machine): void {
  new UartDriver(port, COM1).open();
  const take = () => {
    if ((get(port, LSR) & LSR.mask.DR) !== 0) get(port, RBR);
  };
  for (let i = 0; i < MANY; i++) take();
  com1!.type('ab');
  com1!.uart.inject(0x55, { framing: true });
  for (let i = 0; i < MANY; i++) take();
  com1!.type('c');
  com1!.uart.inject(0x55, { framing: true });
  port.wait(() => false, MILLISECOND);
  for (let i = 0; i < MANY; i++) take();
}

/** A value that is read of a register of the clock. */
function clock(port: GuestPort, { offset }: Register): number {
  port.out(PORT.RTC + RTCI.offset, offset, 1);
  return port.in(PORT.RTC + RTCD.offset, 1);
}

/** Has the clock interrupt with each second. */
function ticks(port: GuestPort): void {
  GuestInterrupts.of(port).listen(CLOCK_IRQ, 'edge', () => void clock(port, REGISTER_C));
  const control = clock(port, REGISTER_B);
  port.out(PORT.RTC + RTCD.offset, control | REGISTER_B.mask.UIE, 1);
  port.wait(() => false, 3 * SECOND);
}

/** Register C of the clock is not read. */
function asksNotWhy(port: GuestPort): GuestPort {
  let selected = 0;
  return behind(port, {
    out: (at, value, width) => {
      if (at === PORT.RTC + RTCI.offset) selected = value;
      port.out(at, value, width);
    },
    in: (at, width) =>
      at === PORT.RTC + RTCD.offset && selected === REGISTER_C.offset ? 0 : port.in(at, width),
  });
}

/** Every second look at IIR says that there is nothing left. */
function servesOnce(port: GuestPort): GuestPort {
  let looks = 0;
  return reads(COM1 + IIR.offset, (ask) => (looks++ % 2 === 0 ? ask() : IIR.mask.NONE))(port);
}

const usual = judged({ machine: gceN1 });

/** A guest that looks for functions behind a port, and then uses a card. */
const looking = (name: string, mistake: (port: GuestPort) => GuestPort): DriverModel => ({
  name,
  enumerate: (port) => enumerate(mistake(port)),
  drivers: [virtioNet({ interrupts: 'polled' })],
  run: () => {},
});
const NAMESPACES = [{ bytes: 1 << 20 }];
/** Two controllers, whose registers have addresses of 64 bits. */
const twoControllers = () =>
  gceN1({
    nvme: [{ namespaces: NAMESPACES }, { model: 'nvme_card', namespaces: NAMESPACES }],
    firmware: { barsAbove4G: true },
  });

/** Reads the identity of the host bridge. */
function identifies(port: GuestPort): void {
  port.out(CONFADD.offset, CONFADD.mask.ENABLE, 4);
  port.in(CONFDATA, 4);
}

export const CHIPSET_CASES: readonly Case[] = [
  ...programs(prints, usual, {
    'ends another level': writes((at, value) => (isEoi(at, value) ? otherLevel : value)),
  }),
  ...programs(listens, judged({ machine: gceN1, act: typing }), {
    'forgets OUT2': writes((at, value) => (at === COM1 + MCR.offset ? value & ~MCR.mask.OUT2 : value)),
    'forgets EOI': writes((at, value) => (isEoi(at, value) ? null : value)),
  }),
  ...programs(identifies, judged({ machine: () => gceN1({ firmware: false }) }), {
    'writes CONFADD by words': (port) =>
      behind(port, {
        out: (at, value, width) => {
          port.out(at, value & 0xffff, width === 4 ? 2 : width);
          if (width === 4) port.out(at + 2, value >>> 16, 2);
        },
      }),
  }),
  {
    broken: looking('leaves the lower half of a base address as it sized it', (port) =>
      rewriteConfig(port, (at, value) => (at === BAR0 && value !== ALL_ONES ? null : value)),
    ),
    mended: looking('mended', (port) => port),
    play: judged({ machine: twoControllers }),
  },
  ...programs(ticks, usual, { 'does not ask the clock why': asksNotWhy }),
  ...programs(serves, usual, {
    'does not ask LSR what is wrong': reads(COM1 + LSR.offset, () => LSR.mask.DR),
    'serves once': servesOnce,
  }),
  ...programs(polls, usual, {
    'does not look whether there is a character': reads(COM1 + LSR.offset, () => LSR.mask.DR),
    'reads each twice': reads(COM1 + RBR.offset, (ask) => {
      const first = ask();
      ask();
      return first;
    }),
  }),
  ...behindEach(
    virtioNet({ interrupts: 'msix' }),
    (nic, port) => {
      nic.post(FRAME);
      port.wait(() => false, SECOND);
    },
    judged({ machine: () => gceN1({ nics: [{ backend: 'loopback' }] }) }),
    {
      'ends an interrupt by a byte': (port) =>
        behind(port, {
          write: (at, value, width) =>
            port.write(at, value, at === MMIO.LOCAL_APIC + APIC_EOI.offset ? 1 : width),
        }),
    },
  ),
];
