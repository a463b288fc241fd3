import { type CapturedFrame, MOST_FRAMES, unreadable } from './captured-frame.ts';
import { isPcap, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';

/**
 * Reads a capture file, pcap or pcapng, of either byte order and any time resolution. Ethernet only. Blocks that
 * hold no frame are skipped. The frames are views of `bytes`: nothing is copied.
 *
 * @example
 * const frames = readCapture(readFileSync('boot.pcapng'));
 * frames[0]!.at;       // 0
 * frames[1]!.at;       // 1500: one and a half microseconds later
 * frames[1]!.data;     // from the destination address on, without a frame check sequence
 *
 * @param most frames: a file that has more is refused.
 * @throws MisuseError, its path naming the byte offset, if the file is neither, cut short, malformed, or of
 * another link type, or has more frames.
 */
export function readCapture(bytes: Uint8Array, most: number = MOST_FRAMES): CapturedFrame[] {
  if (isPcap(bytes)) return readPcap(bytes, most);
  if (isPcapng(bytes)) return readPcapng(bytes, most);
  throw unreadable(0, bytes.length < 4 ? `${bytes.length} bytes` : 'this', 'a pcap or pcapng file');
}
