/**
 * Fixed addresses of a PC, used by both sides: the machine that maps them and the guest that probes them.
 * Sources: 82371AB, I/O space registers; PCI 3.0, 3.2.2.3.2; QEMU's firmware configuration device; IBM PC/AT.
 */
export const PORT = {
  /** The master 8259A takes ICW1, OCW2 and OCW3 here, ICW2 to ICW4 and OCW1 at the next port. */
  PIC_MASTER: 0x20,
  PIT: 0x40,
  KEYBOARD_DATA: 0x60,
  /** NMI status and control: the gate and the output of counter 2. */
  NMISC: 0x61,
  KEYBOARD_COMMAND: 0x64,
  RTC: 0x70,
  DMA_PAGES: 0x80,
  /** INIT and A20. */
  PORT92: 0x92,
  PIC_SLAVE: 0xa0,
  /** Commands to the firmware's SMI handler, and their status at the next port. */
  APM: 0xb2,
  /** Edge or level: a bit for each of IRQ 0 to 7, and for the others at the next port. */
  ELCR: 0x4d0,
  FW_CFG: 0x510,
  CONFADD: 0xcf8,
  RESET_CONTROL: 0xcf9,
  CONFDATA: 0xcfc,
} as const;

/** COM1 to COM4. */
export const COM_PORTS = [0x3f8, 0x2f8, 0x3e8, 0x2e8] as const;

/** The four UARTs of an Arm machine: the first is where QEMU's has its own, and a T2A's guest saw all of them. */
export const PL011_PLACES = [0x0900_0000, 0x0900_1000, 0x0900_2000, 0x0900_3000] as const;

export const MMIO = { IO_APIC: 0xfec0_0000, LOCAL_APIC: 0xfee0_0000 } as const;
