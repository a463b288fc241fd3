import { MisuseError } from '../core/misuse.ts';
import { type CapturedFrame, LINKTYPE_ETHERNET } from './captured-frame.ts';
import { BLOCK, BYTE_ORDER_MAGIC, DIRECTION, LAYOUTS, OPTION, padded } from './pcapng.ts';

const { section, interface: description, enhanced, option, trailer } = LAYOUTS.le;

/** A frame to write; `originalLength` defaults to the length of `data`. */
export type FrameToWrite = Pick<CapturedFrame, 'at' | 'data'> &
  Partial<Pick<CapturedFrame, 'originalLength' | 'direction'>> & {
    /** The number returned by `addInterface`; default the first. */
    readonly interface?: number;
    /** Comments that Wireshark shows with the frame. */
    readonly comments?: readonly string[];
  };

/**
 * Writes a pcapng file of Ethernet interfaces block by block: the header at once, then a block per frame.
 * Times are nanoseconds of virtual time, shown by Wireshark as time since 1970.
 *
 * @example
 * const file = openSync('net.pcapng', 'w');
 * const writer = new CaptureWriter((block) => writeSync(file, block), 'nic0');
 * writer.add({ at: machine.clock.now, data: frame, direction: 'out' });
 * closeSync(file);                                // valid after each block
 *
 * Each block is a new array, which the receiver may keep.
 *
 * @throws MisuseError from `add`, if `at` is not an integer from 0 to 2^53 − 1.
 */
export class CaptureWriter {
  private readonly write: (block: Uint8Array) => void;
  private interfaces = 1;

  constructor(write: (block: Uint8Array) => void, interfaceName: string) {
    this.write = write;
    write(sectionHeader());
    write(interfaceDescription(interfaceName));
  }

  /** Adds an interface. @returns its number, for `add`. */
  addInterface(name: string): number {
    this.write(interfaceDescription(name));
    return this.interfaces++;
  }

  add(frame: FrameToWrite): void {
    this.write(enhancedPacket(frame));
  }
}

/** A whole pcapng file in memory. @throws MisuseError as `CaptureWriter` does. */
export function writePcapng(frames: readonly FrameToWrite[], interfaceName: string): Uint8Array {
  const blocks: Uint8Array[] = [];
  const writer = new CaptureWriter((block) => blocks.push(block), interfaceName);
  for (const frame of frames) writer.add(frame);
  const file = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    file.set(block, at);
    at += block.length;
  }
  return file;
}

function blockOf(size: number): { block: Uint8Array; total_length: number } {
  const total_length = size + trailer.size;
  const block = new Uint8Array(total_length);
  trailer.encode({ total_length }, block, size);
  return { block, total_length };
}

/** Section length −1: unknown, since the file grows. */
function sectionHeader(): Uint8Array {
  const { block, total_length } = blockOf(section.size);
  const byte_order_magic = BYTE_ORDER_MAGIC;
  return section.encode(
    { type: BLOCK.SECTION, total_length, byte_order_magic, major: 1, section_length: 2n ** 64n - 1n },
    block,
  );
}

function interfaceDescription(interfaceName: string): Uint8Array {
  const name = new TextEncoder().encode(interfaceName);
  if (name.length > 0xffff) throw new MisuseError('interfaceName', name.length, 'at most 65535 bytes');
  const resolution = description.size + option.size + padded(name.length);
  const end = resolution + option.size + padded(1);
  const { block, total_length } = blockOf(end + option.size);
  description.encode({ type: BLOCK.INTERFACE, total_length, linktype: LINKTYPE_ETHERNET }, block);
  putOption(block, description.size, OPTION.IF_NAME, name);
  putOption(block, resolution, OPTION.IF_TSRESOL, Uint8Array.of(9));
  return block;
}

function enhancedPacket(frame: FrameToWrite): Uint8Array {
  const { at, data, originalLength = data.length, interface: interface_id = 0 } = frame;
  if (!Number.isSafeInteger(at) || at < 0) throw new MisuseError('at', at, 'nanoseconds from 0 to 2^53 − 1');
  const options = optionsOf(frame);
  const size = enhanced.size + padded(data.length);
  const { block, total_length } = blockOf(options.reduce((end, [, value]) => end + optionSize(value), size));
  enhanced.encode(
    {
      type: BLOCK.ENHANCED_PACKET,
      total_length,
      interface_id,
      timestamp_high: Math.floor(at / 2 ** 32),
      timestamp_low: at % 2 ** 32,
      captured_length: data.length,
      original_length: originalLength,
    },
    block,
  );
  block.set(data, enhanced.size);
  let place = size;
  for (const [code, value] of options) {
    putOption(block, place, code, value);
    place += optionSize(value);
  }
  return block;
}

/** Ends with the end-of-options option, if there are any. */
function optionsOf({ direction, comments = [] }: FrameToWrite): [code: number, value: Uint8Array][] {
  const options: [number, Uint8Array][] = comments.map((text) => [
    OPTION.COMMENT,
    new TextEncoder().encode(text),
  ]);
  if (direction !== undefined) options.push([OPTION.EPB_FLAGS, Uint8Array.of(DIRECTION[direction], 0, 0, 0)]);
  return options.length === 0 ? [] : [...options, [OPTION.END, new Uint8Array(0)]];
}

function optionSize(value: Uint8Array): number {
  return option.size + padded(value.length);
}

function putOption(block: Uint8Array, at: number, code: number, value: Uint8Array): void {
  option.encode({ code, length: value.length }, block, at);
  block.set(value, at + option.size);
}
