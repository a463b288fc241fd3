import { hex } from '../../core/bits.ts';

/** The first byte that found no room: those after it are lost by the same mistake, and make no finding of their own. */
export class Loss {
  private byte = -1;
  private waiting = 0;
  private fifoOn = false;

  /** @param waiting the byte that `byte` replaced, without a FIFO; -1 if there was room. */
  take(byte: number, waiting: number, fifoOn: boolean): void {
    if (waiting < 0 || (this.byte >= 0 && this.fifoOn === fifoOn)) return;
    this.byte = byte;
    this.waiting = waiting;
    this.fifoOn = fifoOn;
  }

  forget(): void {
    this.byte = -1;
  }

  /** `wrote 0x65 'e' to THR while 0x68 'h' was still waiting: 'h' is lost`. */
  text(verb: string, to: string): string {
    const came = `${verb} ${byteText(this.byte)}${to} while`;
    return this.fifoOn
      ? `${came} 16 bytes were waiting in the FIFO: ${shortText(this.byte)} is lost`
      : `${came} ${byteText(this.waiting)} was still waiting: ${shortText(this.waiting)} is lost`;
  }
}

function byteText(byte: number): string {
  return isPrintable(byte) ? `0x${hex(byte, 2)} ${shortText(byte)}` : shortText(byte);
}

function shortText(byte: number): string {
  return isPrintable(byte) ? `'${String.fromCharCode(byte)}'` : `0x${hex(byte, 2)}`;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}
