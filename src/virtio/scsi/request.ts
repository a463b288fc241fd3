import { Segments } from '../../core/segments.ts';
import { Command } from '../../scsi/command.ts';
import { SCSI_RESPONSE } from './registers.ts';

/** A request in flight: made once, used again. */
export class Request {
  /** The chain to give back. */
  chain = 0;
  target = 0;
  lun = 0;
  /** The driver's 64-bit id, in two halves. */
  tagLow = 0;
  tagHigh = 0;
  /** To be carried out; false once `response` and the command's status say how it ends. */
  ready = false;
  response: number = SCSI_RESPONSE.OK;
  /** Virtual time at which it is done. */
  due = 0;
  readonly command = new Command();
  readonly readable = new Segments();
  readonly writable = new Segments();

  sameTag(other: Request): boolean {
    return (
      this.tagLow === other.tagLow &&
      this.tagHigh === other.tagHigh &&
      this.target === other.target &&
      this.lun === other.lun
    );
  }
}
