import { hex } from '../../core/bytes-rig.ts';
import { netWatch } from '../../machine/devices/net.ts';
import { Sink } from '../../net/backends/rig.ts';
import { LegacyRig } from '../rig.ts';
import { VirtioNet, type VirtioNetOptions } from './device.ts';

/** Feature bits, by their numbers. */
export const CSUM = 0;
export const GUEST_CSUM = 1;
export const CTRL_GUEST_OFFLOADS = 2;
export const GUEST_TSO4 = 7;
export const HOST_TSO4 = 11;
const MAC = 5;
export const HOST_ECN = 13;
export const MRG_RXBUF = 15;
export const STATUS = 16;
export const CTRL_VQ = 17;
export const MQ = 22;
export const ANY_LAYOUT = 27;

export const RX = 0;
export const TX = 1;
/** Without MQ, however many pairs the device has. */
export const CONTROL = 2;

/** A frame of `length` bytes without headers: its bytes count up. */
export const plain = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);

/** Ten bytes of payload over TCP over IPv4, with a partial checksum and 66 bytes of headers; segments of four make three. */
export const LARGE = hex(`42010a800001 42010a800002 0800 4500003e ffff4000 40060000 0a800002 0a800001
  c0000050 fffffffe 01020304 80191000 15330000 0101080a 11111111 22222222 6162636465666768696a`);

/** The header of a frame, all fields little-endian: ten bytes, twelve with `buffers`. */
export function header(
  fields: {
    flags?: number;
    gso?: number;
    hdrLen?: number;
    size?: number;
    start?: number;
    offset?: number;
  } = {},
  buffers?: number,
): Uint8Array {
  const { flags = 0, gso = 0, hdrLen = 0, size = 0, start = 0, offset = 0 } = fields;
  const words = [hdrLen, size, start, offset, ...(buffers === undefined ? [] : [buffers])];
  return Uint8Array.from([flags, gso, ...words.flatMap((word) => [word & 0xff, word >> 8])]);
}

/** For tests: a NIC with rings of 16 on a wire without a responder. */
export class NetRig extends LegacyRig<VirtioNet> {
  readonly wire = new Sink();

  constructor(options: Partial<VirtioNetOptions> = {}) {
    super(
      (board) =>
        new VirtioNet('net0', board, {
          mac: hex('42010a800002'),
          pairs: 1,
          ringSize: 16,
          ringFeatures: [ANY_LAYOUT],
          mergeable: true,
          ...options,
        }),
      0,
      netWatch(null),
    );
    this.device.plug(this.wire);
  }

  /** Accepts MAC, as every driver of a card should. */
  override start(...features: readonly number[]): this {
    return super.start(MAC, ...features);
  }

  /** Frames that reached the wire, in hexadecimal. */
  get sentFrames(): string[] {
    return this.wire.frames.map((frame) => Buffer.from(frame).toString('hex'));
  }

  /** Fills receive queue `index` with a buffer of each length; returns their heads. */
  stock(index: number, ...lengths: readonly number[]): number[] {
    return lengths.map((length) => this.send(index, length));
  }

  /** The findings of the network clauses: `TX-D3: flags are 1`. */
  get said(): string[] {
    return this.journal.findings.map(
      ({ clause, said }) => `${clause.replace(/^virtio.(NET-)?/, '')}: ${said}`,
    );
  }
}
