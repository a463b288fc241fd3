import type { Gpa } from '../core/bits.ts';
import { bytes, device, eisaId, integer, name, nameString, pack, scope, string } from './aml.ts';
import { table } from './header.ts';
import {
  busNumbers,
  interrupts,
  ioWindowAt,
  memory,
  memoryWindow,
  template,
  type Window,
  wideMemoryWindow,
} from './resources.ts';

/** What the DSDT of an Arm machine tells of. */
export interface ExpressConfig {
  /** Configuration space, a megabyte for each of so many buses. */
  readonly ecam: Gpa;
  readonly buses: number;
  /** Memory whose accesses are those to the 64 KiB of ports. */
  readonly ports: Gpa;
  /** Memory of PCI functions. */
  readonly memory: Window;
  readonly serial: readonly { readonly port: Gpa; readonly irq: number }[];
}

const MIB = 0x10_0000;
/** The second window, and the interrupts of the four links, as a T2A's guest printed them. */
const WIDE: Window = { first: 0x80_0000_0000, last: 0xff_ffff_ffff };
const LINKS = [35, 36, 37, 38] as const;
const UART_BYTES = 0x1000;
const ALL_PORTS: Window = { first: 0, last: 0xffff };

/** UARTs first, then the bus: a guest found them in this order. */
export function expressDsdt(config: ExpressConfig): Uint8Array {
  const uarts = config.serial.map(({ port, irq }, i) =>
    device(
      `COM${i}`,
      name('_HID', string('ARMH0011')),
      name('_UID', integer(i)),
      name('_CRS', template(memory(port, UART_BYTES), interrupts([irq]))),
    ),
  );
  return table('DSDT', 2, bytes(scope('\\_SB', ...uarts, ...LINKS.map(link), rootBridge(config))));
}

function link(irq: number, index: number) {
  return device(
    `GSI${index}`,
    name('_HID', eisaId('PNP0C0F')),
    name('_UID', integer(index)),
    name('_PRS', template(interrupts([irq]))),
    name('_CRS', template(interrupts([irq]))),
  );
}

function rootBridge({ ecam, buses, ports, memory: window }: ExpressConfig) {
  const reserved = { first: ecam, last: ecam + buses * MIB - 1 };
  return device(
    'PCI0',
    name('_HID', eisaId('PNP0A08')),
    name('_CID', eisaId('PNP0A03')),
    name('_SEG', integer(0)),
    name('_BBN', integer(0)),
    name('_UID', integer(0)),
    name('_CCA', integer(1)),
    name(
      '_CRS',
      template(
        busNumbers({ first: 0, last: buses - 1 }),
        memoryWindow(window),
        ioWindowAt(ALL_PORTS, ports),
        wideMemoryWindow(WIDE),
      ),
    ),
    name('_PRT', pack(...routes())),
    device('RES0', name('_HID', eisaId('PNP0C02')), name('_CRS', template(memoryWindow(reserved)))),
  );
}

/** INTA of slot n goes to link n & 3, the next pins to the next links, as on QEMU's machine. */
function routes() {
  return Array.from({ length: 32 * 4 }, (_, i) => {
    const [slot, pin] = [i >> 2, i & 3];
    return pack(
      integer(slot * 0x1_0000 + 0xffff),
      integer(pin),
      nameString(`GSI${(slot + pin) & 3}`),
      integer(0),
    );
  });
}
