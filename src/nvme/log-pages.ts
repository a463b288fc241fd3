import { firmware_slot_log, LOG, smart_log } from './registers/commands.ts';

const ERROR_BYTES = 64;
const CHANGED_BYTES = 4096;
const NOTIFICATION_BYTES = 64;
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
}

/** The bytes of a log page; null if there is none of that number. */
export function logPage(log: number, { settings, counts, changed }: Logged): Uint8Array | null {
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
      // No notification waits: none is ever made.
      return settings.offers.reservations ? new Uint8Array(NOTIFICATION_BYTES) : null;
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
