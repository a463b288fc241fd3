import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import { configRead, configWrite, readRegister } from '../../guest/index.ts';
import { CAPABILITIES_POINTER, CAPABILITY_ID } from '../../pci/registers.ts';
import {
  CAP_BAR,
  CAP_LEN,
  CAP_LENGTH,
  CAP_OFFSET,
  CFG_TYPE,
  PCI_CFG_DATA,
  VIRTIO_PCI_CAP,
} from '../../virtio/transport/modern/registers.ts';
import { misreadConfig } from './misreads.ts';

/** Of a type that the standard reserves. */
const RESERVED_TYPE = 0xff;

/** A virtio capability, and where in configuration space it is. */
interface VirtioCapability {
  readonly at: number;
  readonly type: number;
  readonly bar: number;
  /** Where in the BAR the structure is, and how many bytes it takes. */
  readonly offset: number;
  readonly length: number;
  /** Bytes of the capability. */
  readonly size: number;
}

/** The first virtio capability that `which` accepts. */
export function capabilityOf(
  port: GuestPort,
  bdf: number,
  which: (capability: VirtioCapability) => boolean,
): VirtioCapability {
  let at = readRegister(port, bdf, CAPABILITIES_POINTER);
  for (; at !== 0; at = configRead(port, bdf, at + 1, 1)) {
    if (configRead(port, bdf, at, 1) !== CAPABILITY_ID.VENDOR) continue;
    const field = (register: Register) => readRegister(port, bdf, register, at);
    const capability = {
      at,
      type: field(CFG_TYPE),
      bar: field(CAP_BAR),
      offset: field(CAP_OFFSET),
      length: field(CAP_LENGTH),
      size: field(CAP_LEN),
    };
    if (which(capability)) return capability;
  }
  throw new Error('no such capability');
}

/** The driver skips the first capability that `which` accepts. */
export function passOver(
  port: GuestPort,
  bdf: number,
  which: (capability: VirtioCapability) => boolean,
): GuestPort {
  return misreadConfig(port, bdf, CFG_TYPE, RESERVED_TYPE, capabilityOf(port, bdf, which).at);
}

/** Reads through the window in configuration space. */
export function readWindow(
  port: GuestPort,
  bdf: number,
  { bar, offset, length }: { readonly bar: number; readonly offset: number; readonly length: number },
): number {
  const { at } = capabilityOf(port, bdf, ({ type }) => type === VIRTIO_PCI_CAP.PCI);
  configWrite(port, bdf, at + CAP_BAR.offset, bar, CAP_BAR.width);
  configWrite(port, bdf, at + CAP_OFFSET.offset, offset, CAP_OFFSET.width);
  configWrite(port, bdf, at + CAP_LENGTH.offset, length, CAP_LENGTH.width);
  return readRegister(port, bdf, PCI_CFG_DATA, at);
}
