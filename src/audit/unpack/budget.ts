import { MisuseError } from '../../core/misuse.ts';

const MIB = 1 << 20;
/** Several times what any distribution's initramfs or kernel holds. */
const MOST = 1024 * MIB;

/** The bytes that may be unpacked of one file, however many archives it is made of. */
export class Budget {
  private readonly most: number;
  private left: number;

  constructor(most = MOST) {
    this.most = most;
    this.left = most;
  }

  /** @throws MisuseError once more has come out. */
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
