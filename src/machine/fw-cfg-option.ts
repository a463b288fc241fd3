import * as v from 'valibot';
import { flag, isNumbered, object } from './option-kinds.ts';

/** The file that the device always has. */
const OWN_FILE = 'etc/e820';
const NAME = `a name of 1 to 55 ASCII characters, not ${OWN_FILE}`;
const FILE = 'a whole number from 0, a text or bytes';
/** As many as have keys, but for the device's own. */
const MOST = 0x4000 - 0x20 - 1;
const FILES = `an object of at most ${MOST} files`;

/** The contents of a file of the device. */
type FwCfgFile = number | string | Uint8Array;

function isFile(x: unknown): boolean {
  return typeof x === 'string' || x instanceof Uint8Array || (Number.isSafeInteger(x) && (x as number) >= 0);
}

const anyFiles = v.record(
  v.pipe(
    v.string(NAME),
    v.regex(/^[\x21-\x7e]{1,55}$/, NAME),
    v.check((name) => name !== OWN_FILE, NAME),
  ),
  // A check, not a type: an error names the file that is wrong.
  v.pipe(
    v.custom<FwCfgFile>(() => true),
    v.check((file: FwCfgFile) => isFile(file), FILE),
  ),
  FILES,
);
const refused = v.never(FILES) as unknown as typeof anyFiles;
const files = v.lazy((input) => (isTooMany(input) ? refused : anyFiles));

function isTooMany(input: unknown): boolean {
  return (
    isNumbered(input) || (typeof input === 'object' && input !== null && Object.keys(input).length > MOST)
  );
}

export const fwCfg = v.union(
  [
    flag,
    object({
      /** Further files by their names: a number is 64 bits, low byte first, and a text UTF-8. Default none. */
      files: v.optional(files),
    }),
  ],
  'true, false or an object (example {"files": {"etc/sercon-port": 1016}})',
);

export type FwCfgFiles = Readonly<Record<string, Uint8Array>>;

/** @returns null where the device is not there. */
export function fwCfgFiles(option: v.InferOutput<typeof fwCfg>): FwCfgFiles | null {
  if (option === false) return null;
  const given = option === true ? {} : (option.files ?? {});
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, bytesOf(value)]));
}

function bytesOf(value: FwCfgFile): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value);
  if (typeof value !== 'number') return value.slice();
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}
