import { hex } from '../core/bits.ts';
import { PORT } from '../core/places.ts';
import {
  type Aml,
  ARG0,
  and,
  byteFields,
  bytes,
  device,
  dwordOf,
  eisaId,
  giveBack,
  integer,
  method,
  name,
  nameString,
  or,
  pack,
  pciConfig,
  scope,
  store,
  when,
} from './aml.ts';
import { LINK_IRQS, SCI_IRQ, type TablesConfig } from './config.ts';
import { noops, table } from './header.ts';
import {
  busNumbers,
  FIRST_INTERRUPT,
  interrupts,
  io,
  ioWindow,
  irq,
  memoryWindow,
  sharedIrq,
  template,
} from './resources.ts';

const PRESENT = 0x0f;
/** As PRESENT, for a device without a user interface; and without decoding. */
const LINK_ON = 0x0b;
const LINK_OFF = 0x09;
const PIRQRC_A = 0x60;
const PIRQRC_DISABLE = 0x80;
const LINKS = ['LNKA', 'LNKB', 'LNKC', 'LNKD'] as const;
const ROUTES = ['PRQ0', 'PRQ1', 'PRQ2', 'PRQ3'] as const;
const GPE_COUNT = 16;
const LAST_SLOT = 31;

type SerialPort = TablesConfig['serial'][number];

/**
 * The parts that are the same on every such machine, or follow from its ports and windows.
 *
 * @param length the table's length in a firmware's logs, the same for all machines. Ours is shorter, and padded.
 */
export function dsdt(config: TablesConfig, length: number): Uint8Array {
  const body = bytes(
    scope('\\_SB', rootBridge(config), ...LINKS.map((_, index) => link(index)), sciLink()),
    scope('\\_GPE', ...generalPurposeEvents()),
  );
  return table('DSDT', 1, body, noops(length, body));
}

function rootBridge({ pci, serial }: TablesConfig): Aml {
  return device(
    'PCI0',
    name('_HID', eisaId('PNP0A03')),
    name('_UID', integer(0)),
    name(
      '_CRS',
      template(
        busNumbers({ first: 0, last: 0xff }),
        io(PORT.CONFADD, 8),
        ...pci.io.map(ioWindow),
        ...pci.memory.map(memoryWindow),
      ),
    ),
    name('_PRT', pack(...routes())),
    isaBridge(serial, pci.numbersSlots),
    ...(pci.numbersSlots ? slots() : []),
  );
}

/** The numbers by which a guest names what is in a slot, as Linux names a NIC ens4. Slot 1 is that of the ISA bridge. */
function slots(): Aml[] {
  return Array.from({ length: LAST_SLOT - 1 }, (_, i) => {
    const slot = i + 2;
    return device(`S${hex(slot, 2).toUpperCase()}`, name('_ADR', integer(slot * 0x1_0000)), slotNumber(slot));
  });
}

function slotNumber(slot: number): Aml {
  return name('_SUN', integer(slot));
}

/** INTA of slot n goes to link (n - 1) & 3, the next pins to the next links; slot 1's INTA is the SCI. */
function routes(): Aml[] {
  const sci = nameString('LNKS');
  const sources = LINKS.map(nameString);
  return Array.from({ length: 32 * 4 }, (_, i) => {
    const slot = i >> 2;
    const pin = i & 3;
    const source = slot === 1 && pin === 0 ? sci : sources[(slot + pin + 3) & 3]!;
    return pack(integer(slot * 0x1_0000 + 0xffff), integer(pin), source, integer(0));
  });
}

function isaBridge(serial: TablesConfig['serial'], isNumbered: boolean): Aml {
  return device(
    'ISA',
    name('_ADR', integer(0x0001_0000)),
    ...(isNumbered ? [slotNumber(1)] : []),
    pciConfig('PIRQ', PIRQRC_A, ROUTES.length),
    byteFields('PIRQ', ROUTES),
    isaDevice('RTC', 'PNP0B00', io(PORT.RTC, 2), irq(8)),
    isaDevice('KBD', 'PNP0303', io(PORT.KEYBOARD_DATA, 1), io(PORT.KEYBOARD_COMMAND, 1), irq(1)),
    isaDevice('MOU', 'PNP0F13', irq(12)),
    ...serial.map((port, index) =>
      device(
        `COM${index + 1}`,
        name('_HID', eisaId('PNP0501')),
        name('_UID', integer(index + 1)),
        name('_STA', integer(PRESENT)),
        name('_CRS', template(io(port.port, 8), lineOf(port, serial))),
      ),
    ),
  );
}

function lineOf(port: SerialPort, all: readonly SerialPort[]): Aml {
  const alone = all.every((other) => other === port || other.irq !== port.irq);
  return alone ? irq(port.irq) : sharedIrq(port.irq);
}

function isaDevice(path: string, id: string, ...resources: Aml[]): Aml {
  return device(
    path,
    name('_HID', eisaId(id)),
    name('_STA', integer(PRESENT)),
    name('_CRS', template(...resources)),
  );
}

/** A PCI interrupt link: PIRQRC of the ISA bridge, of which bit 7 disables. */
function link(index: number): Aml {
  const route = nameString(`\\_SB.PCI0.ISA.${ROUTES[index]}`);
  const off = integer(PIRQRC_DISABLE);
  return device(
    LINKS[index]!,
    name('_HID', eisaId('PNP0C0F')),
    name('_UID', integer(index + 1)),
    name('_PRS', template(interrupts(LINK_IRQS))),
    name('CURR', template(interrupts([0]))),
    method('_STA', 0, false, when(and(route, off), giveBack(integer(LINK_OFF))), giveBack(integer(LINK_ON))),
    method('_DIS', 0, false, or(route, off, route)),
    method(
      '_CRS',
      0,
      true,
      dwordOf(nameString('CURR'), FIRST_INTERRUPT, 'LINE'),
      store(and(route, integer(0x0f)), nameString('LINE')),
      when(and(route, off), store(integer(0), nameString('LINE'))),
      giveBack(nameString('CURR')),
    ),
    method('_SRS', 1, true, dwordOf(ARG0, FIRST_INTERRUPT, 'LINE'), store(nameString('LINE'), route)),
  );
}

/** The link of the power management function's interrupt. */
function sciLink(): Aml {
  const fixed = template(interrupts([SCI_IRQ]));
  return device(
    'LNKS',
    name('_HID', eisaId('PNP0C0F')),
    name('_UID', integer(LINKS.length + 1)),
    name('_PRS', fixed),
    name('_STA', integer(LINK_ON)),
    method('_DIS', 0, false),
    name('_CRS', fixed),
    method('_SRS', 1, false),
  );
}

/** A handler for each event, without effect: an event without a handler would be counted as an error. */
function generalPurposeEvents(): Aml[] {
  return Array.from({ length: GPE_COUNT }, (_, event) =>
    method(`_L${event.toString(16).toUpperCase().padStart(2, '0')}`, 0, false),
  );
}
