import { gunzipSync } from 'node:zlib';
import { type CapturedFrame, MOST_FRAMES, unreadable } from './captured-frame.ts';
import { isPcap, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';

/** RFC 1952: ID1, ID2, and the only method. */
const GZIP = [0x1f, 0x8b, 8];
/** Maximum unpacked size. */
const UNPACKED_MOST = 512 << 20;

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
