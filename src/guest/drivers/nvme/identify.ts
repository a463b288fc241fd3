import { PAGE } from '../../../nvme/registers/bar0.ts';
import {
  identify_controller,
  identify_namespace,
  LBADS_SHIFT,
  VENDOR_AREA,
  VWC,
} from '../../../nvme/registers/identify.ts';

/** Blocks of 512 bytes, which the standard has for the least, up to 64 KiB. */
const SHIFTS = { least: 9, most: 16 };

/** A controller, from Identify. */
export interface NvmeControllerFacts {
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  /** What is written is durable only once it is flushed. */
  readonly hasWriteCache: boolean;
  /** Optional commands, as ONCS has them. */
  readonly optional: number;
  /** Kinds of events that it tells of, as OAES has them. */
  readonly events: number;
  /** Bytes that a command moves at most. */
  readonly most: number;
}

/** A namespace, from Identify. */
export interface NvmeNamespaceFacts {
  readonly nsid: number;
  readonly blocks: number;
  /** Bytes of a block. */
  readonly blockSize: number;
  /** What the vendor's part begins with, up to the first zero. */
  readonly vendorText: string;
}

export function controllerOf(bytes: Uint8Array): NvmeControllerFacts {
  const { mn, sn, fr, vwc, oncs, oaes, mdts } = identify_controller.decode(bytes);
  return {
    model: textOf(mn),
    serial: textOf(sn),
    firmware: textOf(fr),
    hasWriteCache: (vwc & VWC.PRESENT) !== 0,
    optional: oncs,
    events: oaes,
    most: mdts === 0 ? Number.POSITIVE_INFINITY : PAGE * 2 ** mdts,
  };
}

export function namespaceOf(nsid: number, bytes: Uint8Array): NvmeNamespaceFacts {
  const { nsze, ncap, lbaf0 } = identify_namespace.decode(bytes);
  const shift = (lbaf0 >>> LBADS_SHIFT) & 0xff;
  const vendor = bytes.subarray(VENDOR_AREA);
  const end = vendor.indexOf(0);
  return {
    nsid,
    // Without capacity it has none to use, and with blocks of a strange size none that can be used.
    blocks: ncap === 0n || shift < SHIFTS.least || shift > SHIFTS.most ? 0 : Number(nsze),
    blockSize: 2 ** shift,
    vendorText: textOf(vendor.subarray(0, end < 0 ? vendor.length : end)),
  };
}

/** Without the spaces behind, and a NUL where a controller has one. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes).replace(/[\0 ]+$/, '');
}
