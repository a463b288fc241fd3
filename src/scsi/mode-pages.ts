import {
  CACHING_FLAGS,
  CACHING_PAGE,
  CONTROL_FLAGS2,
  CONTROL_PAGE,
  CONTROL_SWP,
} from './commands/registers.ts';

const { WCE } = CACHING_FLAGS.mask;
const { SWP } = CONTROL_SWP.mask;
const { D_SENSE } = CONTROL_FLAGS2.mask;
const [RECOVERY, CACHING, CONTROL, EXCEPTIONS] = [0x01, 0x08, 0x0a, 0x1c];
/** Bytes of most pages, with their headers. */
const USUAL = 12;

/** A mode page: its bytes with their header as they are, as they were made, and those bits that MODE SELECT may change. */
export interface ModePage {
  readonly code: number;
  readonly current: Uint8Array;
  readonly initial: Uint8Array;
  readonly changeable: Uint8Array;
}

/**
 * The mode pages of a disk, by ascending code. A PersistentDisk has one, caching, and nothing of it can be changed (seen on
 * Compute Engine); a disk with all commands has four, takes DPO and FUA, and can be made to write through, to be read only, or to
 * describe its sense data.
 *
 * @example
 * const modes = new ModePages(true);
 * modes.pages.map(({ code }) => code);          // 1, 8, 10, 28
 * modes.writesBack;                             // true
 */
export class ModePages {
  readonly pages: readonly ModePage[];
  /** Also the DPOFUA bit of the mode parameter header. */
  readonly hasAll: boolean;
  /** Self-tests by their codes, the latest first: like the pages, they are the disk's, and not an initiator's. */
  selfTests: readonly number[] = [];
  private readonly caching: ModePage;
  private readonly control: ModePage;

  constructor(hasAll: boolean) {
    this.hasAll = hasAll;
    this.caching = page(CACHING, CACHING_PAGE.size, CACHING_PAGE.offset.flags, WCE, hasAll ? WCE : 0);
    this.control = page(CONTROL, USUAL, CONTROL_PAGE.offset.flags4, 0, SWP);
    this.control.changeable[CONTROL_PAGE.offset.flags2] = D_SENSE;
    this.pages = hasAll
      ? [page(RECOVERY, USUAL), this.caching, this.control, page(EXCEPTIONS, USUAL)]
      : [this.caching];
  }

  /** WCE: what was written may be lost with power until it is flushed. */
  get writesBack(): boolean {
    return (this.caching.current[CACHING_PAGE.offset.flags]! & WCE) !== 0;
  }

  /** SWP: the initiator wants no writes. */
  get isProtected(): boolean {
    return (this.control.current[CONTROL_PAGE.offset.flags4]! & SWP) !== 0;
  }

  /** D_SENSE: sense data in descriptor format. */
  get describes(): boolean {
    return (this.control.current[CONTROL_PAGE.offset.flags2]! & D_SENSE) !== 0;
  }

  reset(): void {
    for (const { current, initial } of this.pages) current.set(initial);
  }
}

/** A page of `size` bytes, zeros but for `bits` at `at`, of which `changeable` can change. */
function page(code: number, size: number, at = 2, bits = 0, changeable = 0): ModePage {
  const initial = Uint8Array.of(code, size - 2, ...new Uint8Array(size - 2));
  const mask = initial.slice();
  initial[at] = bits;
  mask[at] = changeable;
  return { code, current: initial.slice(), initial, changeable: mask };
}
