import type { Nanos } from '../core/bits.ts';
import { MisuseError } from '../core/misuse.ts';

/** One frame of a capture file. */
export interface CapturedFrame {
  /** Nanoseconds after the first frame of the file; negative if a file is out of order. */
  readonly at: Nanos;
  /** The bytes captured: a view of the file, not a copy. */
  readonly data: Uint8Array;
  /** Length of the frame on the wire; more than `data.length` if the capture cut it. */
  readonly originalLength: number;
  /** From the capturing interface's point of view, if the file has it: `in` was received, `out` sent. */
  readonly direction?: 'in' | 'out';
}

/** LINKTYPE_ETHERNET of the registry at tcpdump.org. */
export const LINKTYPE_ETHERNET = 1;

const LINK_NAMES: Readonly<Record<number, string>> = {
  0: 'BSD loopback',
  101: 'raw IP',
  105: 'IEEE 802.11',
  113: 'Linux cooked',
  127: 'radiotap',
  276: 'Linux cooked v2',
};

/** As many as fit into 700 MiB of memory, including their views. */
export const MOST_FRAMES = 4_000_000;

/** The frames of one capture, up to a limit. */
export class Frames {
  readonly all: CapturedFrame[] = [];
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  /** @throws MisuseError for one beyond the limit; `offset` is its place in the file. */
  add(frame: CapturedFrame, offset: number): void {
    if (this.all.length === this.most)
      throw unreadable(offset, 'another frame', `one of the ${this.most} that are read`);
    this.all.push(frame);
  }
}

/** The one kind of error for a file that cannot be read. */
export function unreadable(offset: number, value: unknown, expected: string): MisuseError {
  return new MisuseError(`capture at byte ${offset}`, value, expected);
}

/** Throws unless `count` bytes lie at `offset`. */
export function need(bytes: Uint8Array, offset: number, count: number, what: string): void {
  const left = bytes.length - offset;
  if (count > left) throw unreadable(offset, left, `${count} bytes left (${what})`);
}

/** Throws, naming the link type, unless it is Ethernet without a frame check sequence. */
export function requireEthernet(linkType: number, offset: number): void {
  if (linkType === LINKTYPE_ETHERNET) return;
  const name = LINK_NAMES[linkType];
  const said = name === undefined ? `${linkType}` : `${linkType} (${name})`;
  throw unreadable(offset, `link type ${said}`, 'link type 1 (Ethernet)');
}
