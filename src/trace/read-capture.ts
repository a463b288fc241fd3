import { gunzipSync } from 'node:zlib';
import { type Endian, struct } from '../core/struct.ts';
import {
  type CapturedFrame,
  Frames,
  MOST_FRAMES,
  need,
  requireEthernet,
  unreadable,
} from './captured-frame.ts';
import { isPcapng, readPcapng } from './pcapng.ts';

/** RFC 1952: ID1, ID2, and the only method. */
const GZIP = [0x1f, 0x8b, 8];
/** Maximum unpacked size. */
const UNPACKED_MOST = 512 << 20;

// draft-ietf-opsawg-pcap, sections 4 and 5. The writer's byte order is the file's.
const fileHeader = (endian: Endian) =>
  struct('pcap_file_header', endian, {
    magic: 'u32',
    major: 'u16',
    minor: 'u16',
    reserved1: 'u32',
    reserved2: 'u32',
    snaplen: 'u32',
    linktype: 'u32',
  });
const packetRecord = (endian: Endian) =>
  struct('pcap_packet_record', endian, {
    seconds: 'u32',
    fraction: 'u32',
    captured_length: 'u32',
    original_length: 'u32',
  });

const FILE = { le: fileHeader('le'), be: fileHeader('be') };
const RECORD = { le: packetRecord('le'), be: packetRecord('be') };

const MICROSECONDS = 0xa1b2_c3d4;
const NANOSECONDS = 0xa1b2_3c4d;

/** Byte order and nanoseconds per tick from the magic number; null if this is no pcap file. */
function formatOf(bytes: Uint8Array): { endian: Endian; tick: number } | null {
  if (bytes.length < 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  for (const endian of ['le', 'be'] as const) {
    const magic = view.getUint32(0, endian === 'le');
    if (magic === MICROSECONDS) return { endian, tick: 1000 };
    if (magic === NANOSECONDS) return { endian, tick: 1 };
  }
  return null;
}

function isPcap(bytes: Uint8Array): boolean {
  return formatOf(bytes) !== null;
}

/** Reads a classic pcap file, for which `isPcap` is true. @throws MisuseError with the offset of the fault. */
function readPcap(bytes: Uint8Array, most: number): CapturedFrame[] {
  const { endian, tick } = formatOf(bytes)!;
  const header = FILE[endian];
  const record = RECORD[endian];
  need(bytes, 0, header.size, 'the file header');
  const { major, linktype } = header.decode(bytes);
  if (major !== 2) throw unreadable(header.offset.major, major, 'version 2');
  requireEthernet(linktype, header.offset.linktype);

  const frames = new Frames(most);
  let first: { seconds: number; fraction: number } | undefined;
  for (let at = header.size; at < bytes.length; ) {
    need(bytes, at, record.size, 'a packet record');
    const { seconds, fraction, captured_length, original_length } = record.decode(bytes, at);
    at += record.size;
    need(bytes, at, captured_length, 'the packet');
    first ??= { seconds, fraction };
    // Subtract first: nanoseconds since 1970 do not fit a double.
    const since = (seconds - first.seconds) * 1e9 + (fraction - first.fraction) * tick;
    const data = bytes.subarray(at, at + captured_length);
    frames.add({ at: since, data, originalLength: original_length }, at);
    at += captured_length;
  }
  return frames.all;
}

/**
 * Reads a capture file, pcap or pcapng, of either byte order and any time resolution, gzip'd or not. Ethernet only. Blocks
 * without a frame are skipped. The frames are views of `bytes`, or of the unpacked data: nothing is copied.
 *
 * @example
 * const frames = readCapture(readFileSync('boot.pcapng'));
 * frames[0]!.at;       // 0
 * frames[1]!.at;       // 1500: one and a half microseconds later
 * frames[1]!.data;     // from the destination address on, without a frame check sequence
 *
 * @param most maximum number of frames: a file with more is refused.
 * @throws MisuseError, with the byte offset in its path, if the file is neither format, cut short, malformed, or of
 * another link type, or has too many frames.
 */
export function readCapture(bytes: Uint8Array, most: number = MOST_FRAMES): CapturedFrame[] {
  if (GZIP.every((byte, i) => bytes[i] === byte)) return readPlain(unpacked(bytes), most);
  return readPlain(bytes, most);
}

function readPlain(bytes: Uint8Array, most: number): CapturedFrame[] {
  if (isPcap(bytes)) return readPcap(bytes, most);
  if (isPcapng(bytes)) return readPcapng(bytes, most);
  throw unreadable(0, bytes.length < 4 ? `${bytes.length} bytes` : 'this', 'a pcap or pcapng file');
}

function unpacked(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: UNPACKED_MOST });
  } catch {
    throw unreadable(0, "what is gzip'd here", `whole, or of at most ${UNPACKED_MOST} bytes`);
  }
}
