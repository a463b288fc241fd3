import { put32 } from '../../frame/big-endian.ts';

/** Bytes of the length before each frame, big-endian. */
const PREFIX = 4;
/** QEMU's own bound (NET_BUFSIZE): a greater length means that the peer speaks another protocol. */
const FRAME_MOST = 4096 + 65536;

/** Bytes that wait for a peer that does not read; frames beyond are lost, as in a full transmit queue. */
const WAITING_MOST = 4 << 20;

/** Whether a stream with so many waiting bytes takes another frame. */
export function takesFrame({ writableLength }: { readonly writableLength: number }): boolean {
  return writableLength < WAITING_MOST;
}

/** A frame encoded as in a stream of QEMU's `-netdev socket`. */
export function prefixed(frame: Uint8Array): Uint8Array {
  const message = new Uint8Array(PREFIX + frame.length);
  put32(message, 0, frame.length);
  message.set(frame, PREFIX);
  return message;
}

/** Splits such a stream into frames again, however it was cut. */
export class FrameStream {
  private readonly to: (frame: Uint8Array) => void;
  private bytes: Buffer = Buffer.alloc(0);

  constructor(to: (frame: Uint8Array) => void) {
    this.to = to;
  }

  /** False if the stream has another format. */
  take(chunk: Buffer): boolean {
    let bytes = this.bytes.length === 0 ? chunk : Buffer.concat([this.bytes, chunk]);
    while (bytes.length >= PREFIX) {
      const length = bytes.readUInt32BE(0);
      if (length > FRAME_MOST) return false;
      if (bytes.length < PREFIX + length) break;
      this.to(bytes.subarray(PREFIX, PREFIX + length));
      bytes = bytes.subarray(PREFIX + length);
    }
    this.bytes = bytes;
    return true;
  }
}
