import { struct } from '../core/struct.ts';
import { bytesOf, checksum } from './header.ts';

/** PCI interrupt routing for guests without ACPI. Source: Microsoft, PCI IRQ Routing Table Specification 1.0. */
export const PIR_HEADER = struct('PCI IRQ Routing Table', 'le', {
  Signature: { bytes: 4 },
  Version: 'u16',
  Table_Size: 'u16',
  Router_Bus: 'u8',
  Router_DevFunc: 'u8',
  PCI_Exclusive_IRQs: 'u16',
  Compatible_Router: 'u32',
  Miniport_Data: 'u32',
  Reserved: { bytes: 11 },
  Checksum: 'u8',
});

/** A slot's four pins: the link of each, and its possible IRQs. */
export const PIR_SLOT = struct('PCI IRQ Routing Slot', 'le', {
  Bus: 'u8',
  Device: 'u8',
  INTA_Link: 'u8',
  INTA_IRQs: 'u16',
  INTB_Link: 'u8',
  INTB_IRQs: 'u16',
  INTC_Link: 'u8',
  INTC_IRQs: 'u16',
  INTD_Link: 'u8',
  INTD_IRQs: 'u16',
  Slot: 'u8',
  Reserved: 'u8',
});

const VERSION = 0x0100;
/** The ISA bridge, 00:01.0, and the PIIX that it is compatible with (8086:122E). */
const ROUTER = 1 << 3;
const COMPATIBLE = 0x122e_8086;
/** A link is named by the PIRQRC that routes it. */
const PIRQRC_A = 0x60;
/** 3 to 7, 9 to 12, 14 and 15. */
const ROUTABLE = 0xdef8;
/** The bridges' own slots, and five to plug into: as many as SeaBIOS lists. */
const SLOTS = [1, 2, 3, 4, 5, 6];

export function pir(): Uint8Array {
  const slots = SLOTS.map(slotEntry);
  const length = PIR_HEADER.size + slots.length * PIR_SLOT.size;
  const bytes = PIR_HEADER.encode(
    {
      Signature: bytesOf('$PIR'),
      Version: VERSION,
      Table_Size: length,
      Router_DevFunc: ROUTER,
      Compatible_Router: COMPATIBLE,
    },
    new Uint8Array(length),
  );
  for (const [i, slot] of slots.entries()) bytes.set(slot, PIR_HEADER.size + i * PIR_SLOT.size);
  bytes[PIR_HEADER.offset.Checksum] = checksum(bytes);
  return bytes;
}

/** INTA of slot n goes to link (n - 1) & 3, the next pins to the next links. */
function slotEntry(slot: number): Uint8Array {
  const link = (pin: number) => PIRQRC_A + ((slot - 1 + pin) & 3);
  return PIR_SLOT.encode({
    Device: slot << 3,
    INTA_Link: link(0),
    INTA_IRQs: ROUTABLE,
    INTB_Link: link(1),
    INTB_IRQs: ROUTABLE,
    INTC_Link: link(2),
    INTC_IRQs: ROUTABLE,
    INTD_Link: link(3),
    INTD_IRQs: ROUTABLE,
    // Slot number 0 means soldered to the board.
    Slot: slot - 1,
  });
}
