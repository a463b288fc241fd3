import { firmware_slot_log, LOG, smart_log } from './registers/commands.ts';
import { reservation_notification } from './registers/reservations.ts';

const ERROR_BYTES = 64;
const CHANGED_BYTES = 4096;
/** Kelvin; and percent of the spare, with what is too little. */
const [TEMPERATURE, SPARE, LITTLE] = [313, 100, 10];
const SLOT_1 = 1;
/** More than a list of changes has room for. */
const CHANGES_MOST = 1024;
const ALL = 0xffff_ffff;

/** What the log pages tell (NVM Express 1.4, 5.14.1). */
interface Logged {
  readonly settings: { readonly revision: string; readonly offers: { readonly reservations: boolean } };
  readonly counts: {
    readonly reads: number;
    readonly writes: number;
    /** Bytes. */
    readonly read: number;
    readonly written: number;
  };
  /** Namespaces that changed since the page was read. */
  readonly changed: Set<number>;
  readonly notifications: Notifications;
}

/** As many as the page can count behind the one that it has. */
const NOTIFICATIONS_MOST = 256;

/** What other hosts did to reservations; a reset forgets it. The oldest is read first, and those that find no room are counted. */
export class Notifications {
  private count = 0n;
  private readonly waiting: { count: bigint; readonly type: number; readonly nsid: number }[] = [];

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  add(type: number, nsid: number): void {
    // It goes from the last one to 1.
    this.count = BigInt.asUintN(64, this.count + 1n) || 1n;
    if (this.waiting.length < NOTIFICATIONS_MOST) this.waiting.push({ count: this.count, type, nsid });
    else this.waiting.at(-1)!.count = this.count;
  }

  /** The oldest was read. */
  read(): void {
    this.waiting.shift();
  }

  clear(): void {
    this.waiting.length = 0;
  }

  page(): Uint8Array {
    const [oldest] = this.waiting;
    if (oldest === undefined) return new Uint8Array(reservation_notification.size);
    return reservation_notification.encode({ ...oldest, available: this.waiting.length - 1 });
  }
}

/** The bytes of a log page; null if there is none of that number. */
export function logPage(
  log: number,
  { settings, counts, changed, notifications }: Logged,
): Uint8Array | null {
  switch (log) {
    case LOG.ERROR:
      return new Uint8Array(ERROR_BYTES);
    case LOG.SMART:
      return smartPage(counts);
    case LOG.FIRMWARE_SLOT:
      return firmwarePage(settings.revision);
    case LOG.CHANGED_NAMESPACES:
      return changedPage(changed);
    case LOG.RESERVATION:
      return settings.offers.reservations ? notifications.page() : null;
    default:
      return null;
  }
}

/** Data units are thousands of 512 bytes, rounded up. */
function smartPage({ reads, writes, read, written }: Logged['counts']): Uint8Array {
  const unitsOf = (moved: number) => BigInt(Math.ceil(moved / 512_000));
  return smart_log.encode({
    composite_temperature: TEMPERATURE,
    available_spare: SPARE,
    available_spare_threshold: LITTLE,
    data_units_read: unitsOf(read),
    data_units_written: unitsOf(written),
    host_read_commands: BigInt(reads),
    host_write_commands: BigInt(writes),
  });
}

function firmwarePage(revision: string): Uint8Array {
  const revision_slot1 = new TextEncoder().encode(revision.padEnd(8).slice(0, 8));
  return firmware_slot_log.encode({ active_firmware_info: SLOT_1, revision_slot1 });
}

function changedPage(changed: ReadonlySet<number>): Uint8Array {
  const words = new Uint32Array(CHANGED_BYTES / 4);
  if (changed.size > CHANGES_MOST) words[0] = ALL;
  else words.set([...changed].sort((a, b) => a - b));
  return new Uint8Array(words.buffer);
}
