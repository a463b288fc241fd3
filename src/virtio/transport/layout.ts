import type { Width } from '../../core/bits.ts';
import type { Struct } from '../../core/struct.ts';
import type { PciFunction } from '../../pci/pci-function.ts';
import type { VirtioDevice } from '../device.ts';
import type { TransportInterrupts } from './interrupts.ts';
import type { DriverSession } from './session.ts';

const FIELD_WIDTH = { u8: 1, u16: 2, u32: 4 } as const;

/** Device configuration byte by byte: only the device type knows its fields. Beyond its end it is all ones. */
export function readDeviceConfig(device: VirtioDevice, offset: number, width: Width): number {
  const { frozen } = device.suspension;
  let value = 0;
  for (let i = offset + width - 1; i >= offset; i--)
    value = (value << 8) | (i < device.configBytes ? (frozen?.[i] ?? device.readConfig(i)) : 0xff);
  device.onConfigRead?.(offset, width);
  return value >>> 0;
}

export function writeDeviceConfig(device: VirtioDevice, offset: number, value: number, width: Width): void {
  if (device.suspension.asleep) return;
  for (let i = 0; i < width; i++)
    if (offset + i < device.configBytes) device.writeConfig(offset + i, (value >>> (i * 8)) & 0xff);
}

/**
 * For each byte of a structure, the width of the access that begins there; inside a field, the negative width. A u64 is
 * two of 4 bytes.
 */
export function accessWidths({ members, offset, size }: Struct): Int8Array {
  const widths = new Int8Array(size);
  const field = (at: number, width: number) => widths.fill(-width, at, at + width).fill(width, at, at + 1);
  for (const [name, member] of Object.entries(members)) {
    const at = offset[name]!;
    if (typeof member !== 'string') widths.fill(1, at, at + member.bytes);
    else if (member !== 'u64') field(at, FIELD_WIDTH[member]);
    else for (const half of [at, at + 4]) field(half, 4);
  }
  return widths;
}

/** The parts that the interfaces of one function share. */
export interface FunctionParts {
  readonly fn: PciFunction;
  readonly session: DriverSession;
  readonly interrupts: TransportInterrupts;
  /** The driver wrote 0 to the status. */
  readonly reset: () => void;
}
