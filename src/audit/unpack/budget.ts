import { MisuseError } from '../../core/misuse.ts';

const MIB = 1 << 20;
/** Several times the size of any distribution's initramfs or kernel. */
const MOST = 1024 * MIB;

/** The bytes that one file may unpack to, over all of its archives. */
export class Budget {
  private readonly most: number;
  private left: number;

  constructor(most = MOST) {
    this.most = most;
    this.left = most;
  }

  /** @throws MisuseError if more was unpacked. */
  spend(what: string, bytes: number): void {
    this.left -= bytes;
    if (this.left < 0)
      throw new MisuseError(
        what,
        this.most,
        'smaller',
        `unpacks to more than ${Math.ceil(this.most / MIB)} MiB`,
      );
  }
}
