import { MisuseError } from '../core/misuse.ts';
import { formatOf } from '../media/magics.ts';
import { unpackWhole } from './unpack/unpack.ts';

const MIB = 1 << 20;
/** More than any kernel unpacks to, with room. */
const MOST = 256 * MIB;
/** Limit of text, every line of which is kept: the largest has 300 KiB. */
const MOST_CONFIG = 16 * MIB;
/** CONFIG_IKCONFIG puts a gzip of the configuration behind these bytes. */
const BEFORE_CONFIG = 'IKCFG_ST';

/** The setup header of Linux's boot protocol, in the image's first sectors. */
const HDRS = 0x202;
const VERSION = 0x206;
const SETUP_SECTS = 0x1f1;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const PAYLOAD_SINCE = 0x0208;
const SECTOR = 512;
/** Behind the compressed kernel follows its unpacked length; gzip itself ends so. */
const SIZE_BYTES = 4;

/**
 * The text of a configuration: of a `.config`, a `config.gz`, or a kernel that contains it (bzImage or vmlinux, also
 * gzipped).
 *
 * @throws MisuseError in one line for any other file, or a kernel built without CONFIG_IKCONFIG.
 */
export async function configText(file: string, bytes: Uint8Array, most = MOST): Promise<string> {
  const what = `config ${file}`;
  const whole = formatOf(bytes) === null ? viewOf(bytes) : await unpackWhole(what, bytes, most);
  if (!whole.includes(0)) return plain(what, whole);
  const own = whole.indexOf(BEFORE_CONFIG);
  if (own >= 0) return inner(what, whole, own);
  if (!isBzImage(whole)) throw noConfig(what, isElf(whole) ? 'a kernel' : 'neither text nor a kernel');
  const kernel = await unpackWhole(what, payload(what, whole), most);
  const at = kernel.indexOf(BEFORE_CONFIG);
  if (at < 0) throw noConfig(what, 'a kernel');
  return inner(what, kernel, at);
}

async function inner(what: string, image: Buffer, at: number): Promise<string> {
  const gzip = image.subarray(at + BEFORE_CONFIG.length);
  return (await unpackWhole(`${what}, in the kernel`, gzip, MOST_CONFIG)).toString('utf8');
}

function plain(what: string, text: Buffer): string {
  if (text.length > MOST_CONFIG)
    throw new MisuseError(what, text.length, '', `holds more than ${MOST_CONFIG / MIB} MiB of text`);
  return text.toString('utf8');
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function noConfig(what: string, found: string): MisuseError {
  const kernel = found === 'a kernel';
  const said = kernel ? 'is a kernel that carries no configuration (CONFIG_IKCONFIG)' : `is ${found}`;
  return new MisuseError(what, found, 'a kernel configuration', said);
}

function isElf(image: Buffer): boolean {
  return image.toString('latin1', 0, 4) === '\x7fELF';
}

function isBzImage(image: Buffer): boolean {
  return image.length > PAYLOAD_LENGTH + 4 && image.toString('latin1', HDRS, HDRS + 4) === 'HdrS';
}

function payload(what: string, image: Buffer): Buffer {
  if (image.readUInt16LE(VERSION) < PAYLOAD_SINCE)
    throw new MisuseError(
      what,
      '',
      '',
      'is a kernel older than 2.6.26, which does not say where it is packed',
    );
  const protectedMode = ((image[SETUP_SECTS] || 4) + 1) * SECTOR;
  const start = protectedMode + image.readUInt32LE(PAYLOAD_OFFSET);
  const end = start + image.readUInt32LE(PAYLOAD_LENGTH) - SIZE_BYTES;
  if (end > image.length || end <= start)
    throw new MisuseError(what, end, '', 'is a kernel image that was cut off');
  const packed = image.subarray(start, end);
  return formatOf(packed) === 'gzip' ? image.subarray(start, end + SIZE_BYTES) : packed;
}
