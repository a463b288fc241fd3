import { PORT92 } from '../chipset/registers/piix4-isa.ts';
import { TCW } from '../chipset/registers/pit.ts';
import type { GuestPort } from '../core/guest-port.ts';
import { COM_PORTS, PORT } from '../core/places.ts';
import { DLL, DLM, FCR, IER, LCR, MCR } from '../serial/registers.ts';
import type { FirmwareKind } from './firmware-option.ts';

const { PIC_MASTER, PIC_SLAVE, PIT, KEYBOARD_COMMAND, KEYBOARD_DATA } = PORT;
const [COM1] = COM_PORTS;
const EIGHT_BITS = LCR.encode({ WLS: 3 });

/** Vectors and masks of the 8259 pair, master first. */
interface PicState {
  readonly vectors: readonly [number, number];
  readonly masks: readonly [number, number];
}

/**
 * SeaBIOS opens the lines of timer, keyboard, floppy, clock, mouse, coprocessor and first IDE channel, whether they are
 * there or not. A UEFI masks all before its drivers begin; its vectors are those of EDK II's driver of the pair.
 */
export const PIC_LEFT: Readonly<Record<FirmwareKind, PicState>> = {
  bios: { vectors: [0x08, 0x70], masks: [0xb8, 0x8e] },
  uefi: { vectors: [0x68, 0x70], masks: [0xff, 0xff] },
};

/** The state in which `kind` leaves the fixed ports of a PC. */
export function setUpIsa(port: GuestPort, kind: FirmwareKind, elcr: readonly [number, number]): void {
  for (const [at, value] of [...picWrites(kind), ...DEVICES]) port.out(at, value, 1);
  for (const [i, value] of elcr.entries()) port.out(PORT.ELCR + i, value, 1);
  for (const [{ offset }, value] of COM1_WRITES[kind]) port.out(COM1 + offset, value, 1);
  if (kind === 'bios') port.out(PORT.PORT92, port.in(PORT.PORT92, 1) | PORT92.mask.A20, 1);
}

function picWrites(kind: FirmwareKind): readonly (readonly [number, number])[] {
  const { vectors, masks } = PIC_LEFT[kind];
  return [
    [PIC_MASTER, 0x11],
    [PIC_SLAVE, 0x11],
    [PIC_MASTER + 1, vectors[0]],
    [PIC_SLAVE + 1, vectors[1]],
    [PIC_MASTER + 1, 0x04],
    [PIC_SLAVE + 1, 0x02],
    [PIC_MASTER + 1, 0x01],
    [PIC_SLAVE + 1, 0x01],
    [PIC_MASTER + 1, masks[0]],
    [PIC_SLAVE + 1, masks[1]],
  ];
}

/**
 * Counter 0 of the 8254 in mode 2 from 65,536, 18.2 times a second; the keyboard on, translated and with IRQ 1, the
 * mouse off: as SeaBIOS leaves them.
 */
const DEVICES = [
  [PIT + TCW.offset, 0x34],
  [PIT, 0x00],
  [PIT, 0x00],
  [KEYBOARD_COMMAND, 0x60],
  [KEYBOARD_DATA, 0x61],
] as const;

/**
 * SeaBIOS logs to COM1 and sets only the format: FIFOs, modem lines and baud rate keep their values. A UEFI has its
 * console there, at 115,200 baud and without handshake.
 */
const COM1_WRITES = {
  bios: [
    [LCR, EIGHT_BITS],
    [IER, 0x00],
  ],
  uefi: [
    [IER, 0x00],
    [FCR, FCR.encode({ ENABLE: 1, RESET_RCVR: 1, RESET_XMIT: 1 })],
    [LCR, EIGHT_BITS | LCR.mask.DLAB],
    [DLL, 0x01],
    [DLM, 0x00],
    [LCR, EIGHT_BITS],
    [MCR, 0x00],
  ],
} as const;
