/**
 * The commands that the disk driver sends (SPC-4, SBC-3), each as its CDB. Integers in SCSI are big-endian. They
 * are written here separately from the target's tables, so that the two sides check each other.
 */

/** Lengths of data-out and data-in. */
export interface ScsiCommand {
  readonly name: string;
  readonly cdb: Uint8Array;
  /** The maximum that the initiator accepts. */
  readonly dataIn?: number;
  readonly dataOut?: Uint8Array;
}

const LBA_10_MAX = 0xffff_ffff;
const BLOCKS_10_MAX = 0xffff;

export function testUnitReady(): ScsiCommand {
  return { name: 'TEST UNIT READY', cdb: new Uint8Array(6) };
}

export function inquiry(length: number): ScsiCommand {
  return { name: 'INQUIRY', cdb: Uint8Array.of(0x12, 0, 0, length >> 8, length & 0xff, 0), dataIn: length };
}

export function inquiryPage(page: number, length: number): ScsiCommand {
  const cdb = Uint8Array.of(0x12, 1, page, length >> 8, length & 0xff, 0);
  return { name: 'INQUIRY', cdb, dataIn: length };
}

export function reportLuns(length: number): ScsiCommand {
  const cdb = new Uint8Array(12);
  cdb[0] = 0xa0;
  viewOf(cdb).setUint32(6, length);
  return { name: 'REPORT LUNS', cdb, dataIn: length };
}

export function readCapacity10(): ScsiCommand {
  const cdb = new Uint8Array(10);
  cdb[0] = 0x25;
  return { name: 'READ CAPACITY(10)', cdb, dataIn: 8 };
}

export function readCapacity16(): ScsiCommand {
  const cdb = new Uint8Array(16);
  cdb[0] = 0x9e;
  cdb[1] = 0x10;
  viewOf(cdb).setUint32(10, 32);
  return { name: 'READ CAPACITY(16)', cdb, dataIn: 32 };
}

/** Current values of `page`; 3Fh asks for all pages. */
export function modeSense6(page: number, length: number): ScsiCommand {
  return { name: 'MODE SENSE(6)', cdb: Uint8Array.of(0x1a, 0, page, 0, length, 0), dataIn: length };
}

export function synchronizeCache10(): ScsiCommand {
  const cdb = new Uint8Array(10);
  cdb[0] = 0x35;
  return { name: 'SYNCHRONIZE CACHE(10)', cdb };
}

export function read(lba: number, blocks: number, bytes: number): ScsiCommand {
  if (fitsTen(lba, blocks)) return { name: 'READ(10)', cdb: access10(0x28, lba, blocks), dataIn: bytes };
  return { name: 'READ(16)', cdb: access16(0x88, lba, blocks), dataIn: bytes };
}

export function write(lba: number, blocks: number, data: Uint8Array): ScsiCommand {
  if (fitsTen(lba, blocks)) return { name: 'WRITE(10)', cdb: access10(0x2a, lba, blocks), dataOut: data };
  return { name: 'WRITE(16)', cdb: access16(0x8a, lba, blocks), dataOut: data };
}

/** A run of blocks. */
export interface Extent {
  readonly lba: number;
  readonly blocks: number;
}

/** The parameter list: its length, the descriptors' length, four reserved bytes, 16 bytes per descriptor. */
export function unmap(extents: readonly Extent[]): ScsiCommand {
  const list = new Uint8Array(8 + 16 * extents.length);
  const view = viewOf(list);
  view.setUint16(0, list.length - 2);
  view.setUint16(2, 16 * extents.length);
  extents.forEach(({ lba, blocks }, i) => {
    view.setBigUint64(8 + 16 * i, BigInt(lba));
    view.setUint32(16 + 16 * i, blocks);
  });
  const cdb = new Uint8Array(10);
  cdb[0] = 0x42;
  viewOf(cdb).setUint16(7, list.length);
  return { name: 'UNMAP', cdb, dataOut: list };
}

function fitsTen(lba: number, blocks: number): boolean {
  return lba <= LBA_10_MAX && blocks <= BLOCKS_10_MAX;
}

function access10(opcode: number, lba: number, blocks: number): Uint8Array {
  const cdb = new Uint8Array(10);
  cdb[0] = opcode;
  viewOf(cdb).setUint32(2, lba);
  viewOf(cdb).setUint16(7, blocks);
  return cdb;
}

function access16(opcode: number, lba: number, blocks: number): Uint8Array {
  const cdb = new Uint8Array(16);
  cdb[0] = opcode;
  viewOf(cdb).setBigUint64(2, BigInt(lba));
  viewOf(cdb).setUint32(10, blocks);
  return cdb;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
