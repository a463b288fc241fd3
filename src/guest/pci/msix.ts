import { bdfText, type Gpa } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import {
  BAR_COUNT,
  CAPABILITY_ID,
  COMMAND,
  MESSAGE_ADDRESS,
  MESSAGE_DATA,
  MESSAGE_UPPER_ADDRESS,
  MSIX_CONTROL,
  MSIX_ENTRY_SIZE,
  MSIX_TABLE,
  VECTOR_CONTROL,
} from '../../pci/registers.ts';
import { DriverError } from '../driver-error.ts';
import { barAddress } from './bars.ts';
import { disable, enable, findCapability, readRegister, writeRegister } from './config.ts';

const { ENABLE, FUNCTION_MASK } = MSIX_CONTROL.mask;
const { MASK } = VECTOR_CONTROL.mask;
const { INTERRUPT_DISABLE } = COMMAND.mask;

/** A message-signalled interrupt: the store that a device makes to raise it. */
export interface Message {
  readonly address: Gpa;
  readonly data: number;
}

/**
 * A function's MSI-X table. Memory space must be enabled, since the table lies behind a memory BAR.
 *
 * @example
 * const msix = MsixDriver.of(port, bdf);              // null: the function has no MSI-X
 * msix?.start();                                // enabled, every entry masked, INTx off
 * msix?.route(0, { address: 0xfee00000, data: 0x40 });
 * msix?.stop();                                 // disabled, INTx back
 */
export class MsixDriver {
  /** Entries in the table. */
  readonly vectors: number;
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly capability: number;
  private readonly table: Gpa;

  private constructor(port: GuestPort, bdf: number, capability: number, table: Gpa) {
    this.port = port;
    this.bdf = bdf;
    this.capability = capability;
    this.table = table;
    this.vectors = MSIX_CONTROL.decode(this.control).TABLE_SIZE + 1;
  }

  static of(port: GuestPort, bdf: number): MsixDriver | null {
    const capability = findCapability(port, bdf, CAPABILITY_ID.MSIX);
    if (capability === null) return null;
    const table = readRegister(port, bdf, MSIX_TABLE, capability);
    const index = table & MSIX_TABLE.mask.BIR;
    const bar = index < BAR_COUNT ? barAddress(port, bdf, index) : null;
    if (bar === null || bar.kind === 'io')
      throw new DriverError(port, bdfText(bdf), 'the MSI-X table lies in no memory');
    return new MsixDriver(port, bdf, capability, bar.address + ((table & MSIX_TABLE.mask.OFFSET) >>> 0));
  }

  get enabled(): boolean {
    return (this.control & ENABLE) !== 0;
  }

  /** Enables MSI-X under the function mask, masks every entry, and only then clears the function mask. */
  start(): void {
    this.control = this.control | ENABLE | FUNCTION_MASK;
    for (let entry = 0; entry < this.vectors; entry++) this.mask(entry);
    enable(this.port, this.bdf, INTERRUPT_DISABLE);
    this.control = this.control & ~FUNCTION_MASK;
  }

  /** Masks every entry, disables MSI-X and re-enables INTx. */
  stop(): void {
    for (let entry = 0; entry < this.vectors; entry++) this.mask(entry);
    this.control = this.control & ~(ENABLE | FUNCTION_MASK);
    disable(this.port, this.bdf, INTERRUPT_DISABLE);
  }

  /** Sets an entry's message and unmasks it. Address and data change only while it is masked. */
  route(entry: number, message: Message): void {
    this.mask(entry);
    const at = this.table + entry * MSIX_ENTRY_SIZE;
    this.port.write(at + MESSAGE_ADDRESS.offset, message.address % 0x1_0000_0000, 4);
    this.port.write(at + MESSAGE_UPPER_ADDRESS.offset, Math.floor(message.address / 0x1_0000_0000), 4);
    this.port.write(at + MESSAGE_DATA.offset, message.data, 4);
    this.setMask(entry, false);
  }

  mask(entry: number): void {
    this.setMask(entry, true);
  }

  private setMask(entry: number, masked: boolean): void {
    const at = this.table + entry * MSIX_ENTRY_SIZE + VECTOR_CONTROL.offset;
    const old = this.port.read(at, 4);
    this.port.write(at, masked ? old | MASK : old & ~MASK, 4);
    // A read flushes posted writes: the mask takes effect before anything that follows.
    this.port.read(at, 4);
  }

  private get control(): number {
    return readRegister(this.port, this.bdf, MSIX_CONTROL, this.capability);
  }

  private set control(value: number) {
    writeRegister(this.port, this.bdf, MSIX_CONTROL, value, this.capability);
  }
}

/** How a driver here hears of its device if nothing else is asked for: it knows the interrupt controllers of a PC alone. */
export function usualMode(port: GuestPort, msix: MsixDriver | null): 'polled' | 'intx' | 'msix' {
  if (port.ecam !== undefined) return 'polled';
  return msix === null ? 'intx' : 'msix';
}
