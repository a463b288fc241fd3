import { LOG } from './registers/commands.ts';

const ERROR_BYTES = 64;
const SMART_BYTES = 512;
const FIRMWARE_BYTES = 512;
const CHANGED_BYTES = 4096;
/** Kelvin. */
const TEMPERATURE = 313;
/** More than a list of changes has room for. */
const CHANGES_MOST = 1024;
const ALL = 0xffff_ffff;

/** What the log pages tell (NVM Express 1.4, 5.14.1). */
interface Logged {
  readonly settings: { readonly revision: string };
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
    default:
      return null;
  }
}

/** Data units are thousands of 512 bytes, rounded up. */
function smartPage({ reads, writes, read, written }: Logged['counts']): Uint8Array {
  const bytes = new Uint8Array(SMART_BYTES);
  const view = new DataView(bytes.buffer);
  const unitsOf = (moved: number) => BigInt(Math.ceil(moved / 512_000));
  view.setUint16(1, TEMPERATURE, true);
  bytes[3] = 100;
  bytes[4] = 10;
  view.setBigUint64(32, unitsOf(read), true);
  view.setBigUint64(48, unitsOf(written), true);
  view.setBigUint64(64, BigInt(reads), true);
  view.setBigUint64(80, BigInt(writes), true);
  return bytes;
}

function firmwarePage(revision: string): Uint8Array {
  const bytes = new Uint8Array(FIRMWARE_BYTES);
  bytes[0] = 1;
  bytes.set(new TextEncoder().encode(revision.padEnd(8).slice(0, 8)), 8);
  return bytes;
}

function changedPage(changed: ReadonlySet<number>): Uint8Array {
  const words = new Uint32Array(CHANGED_BYTES / 4);
  if (changed.size > CHANGES_MOST) words[0] = ALL;
  else words.set([...changed].sort((a, b) => a - b));
  return new Uint8Array(words.buffer);
}
