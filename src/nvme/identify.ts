import type { Namespace } from './namespace.ts';
import { ENTRY_SIZE, NVME_ID } from './registers/bar0.ts';
import {
  FUSES,
  IDENTIFY_BYTES,
  identify_controller,
  identify_namespace,
  LBADS_SHIFT,
  NIDT,
  namespace_descriptor,
  ONCS,
  SGLS,
  VENDOR_AREA,
  VWC,
  WRITE_PROTECTED,
} from './registers/identify.ts';
import { RESCAP } from './registers/reservations.ts';
import { LIMITS, type NvmeSettings } from './settings.ts';

/** NVM Express 1.4. */
export const VERSION = 0x0001_0400;
const IO_CONTROLLER = 1;
/** One firmware slot, which is read only. */
const FIRMWARE_SLOTS = 0x03;
/** A least and a most size of entries, both the same. */
const BOTH = 0x11;
/** OAES: a notice when namespaces change. */
export const NAMESPACE_NOTICE = 1 << 8;
/** Kelvin: from where on the temperature is a warning, and critical. */
const [WARNING, CRITICAL] = [343, 353];
/** Of a disk of Compute Engine: a write of 128 KiB within one MiB is atomic. */
const ATOMIC = { NSFEAT: 0x02, WRITE: 128 << 10, BOUNDARY: 1 << 20 };
const NGUID_BYTES = 16;
/** The one controller of all local SSDs: between its names and the spaces behind them is a NUL. */
const LOCAL_SSD = 'nvme_card';
const OPTIONAL = ONCS.COMPARE | ONCS.DSM | ONCS.WRITE_ZEROES | ONCS.VERIFY;

/** The answer to Identify Controller; what was not seen of Compute Engine is as little as a driver needs. */
export function identifyController(settings: NvmeSettings): Uint8Array {
  const { model, revision, mdts, namespacesMost, writeCache, offers } = settings;
  const names = model === LOCAL_SSD ? `${model}\0` : model;
  const bytes = new Uint8Array(IDENTIFY_BYTES);
  return identify_controller.encode(
    {
      vid: NVME_ID.vendor,
      ssvid: NVME_ID.vendor,
      sn: padded(names, identify_controller.members.sn.bytes),
      mn: padded(names, identify_controller.members.mn.bytes),
      fr: padded(revision, identify_controller.members.fr.bytes),
      mdts,
      ver: VERSION,
      oaes: NAMESPACE_NOTICE,
      cntrltype: IO_CONTROLLER,
      ...LIMITS,
      frmw: FIRMWARE_SLOTS,
      wctemp: WARNING,
      cctemp: CRITICAL,
      sqes: ENTRY_SIZE.IOSQES * BOTH,
      cqes: ENTRY_SIZE.IOCQES * BOTH,
      nn: namespacesMost,
      oncs: OPTIONAL | (offers.reservations ? ONCS.RESERVATIONS : 0),
      fuses: offers.fused ? FUSES : 0,
      sgls: offers.sgl ? SGLS : 0,
      vwc: writeCache ? VWC.PRESENT | VWC.BROADCAST : VWC.BROADCAST,
    },
    bytes,
  );
}

/** Identify Namespace, as a disk of 10 GiB was seen to answer. */
export function identifyNamespace({ blocks, shift, medium, settings }: Namespace): Uint8Array {
  const bytes = new Uint8Array(IDENTIFY_BYTES);
  const inBlocks = (size: number) => (size >> shift) - 1;
  identify_namespace.encode(
    {
      nsze: BigInt(blocks),
      ncap: BigInt(blocks),
      nsfeat: ATOMIC.NSFEAT,
      nawun: inBlocks(ATOMIC.WRITE),
      nawupf: inBlocks(ATOMIC.WRITE),
      nabsn: inBlocks(ATOMIC.BOUNDARY),
      nabspf: inBlocks(ATOMIC.BOUNDARY),
      rescap: settings.reservations === undefined ? 0 : RESCAP,
      nsattr: medium.readOnly ? WRITE_PROTECTED : 0,
      nguid: nguidOf(settings.nguid),
      lbaf0: shift << LBADS_SHIFT,
    },
    bytes,
  );
  bytes.set(new TextEncoder().encode(settings.vendorText), VENDOR_AREA);
  return bytes;
}

/** The list of the names of a namespace. */
export function describeNamespace({ settings }: Namespace): Uint8Array {
  const bytes = new Uint8Array(IDENTIFY_BYTES);
  if (settings.nguid === '') return bytes;
  namespace_descriptor.encode({ nidt: NIDT.NGUID, nidl: NGUID_BYTES }, bytes);
  bytes.set(nguidOf(settings.nguid), namespace_descriptor.size);
  return bytes;
}

function nguidOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(NGUID_BYTES);
  bytes.set(Buffer.from(hex, 'hex').subarray(0, NGUID_BYTES));
  return bytes;
}

/** Text as identify data has it, with spaces behind. */
function padded(text: string, length: number): Uint8Array {
  return new TextEncoder().encode(text.padEnd(length).slice(0, length));
}
