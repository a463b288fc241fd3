import { BOOT_FLAG, HDRS, SETUP_HEADER_AT, setup_header, XLF_KERNEL_64 } from './boot-params.ts';
import { isElf, readElf } from './elf-image.ts';
import { HIGH, type KernelImage, noKernel, wideKernel, wrongKernel } from './image.ts';

const SECTOR = 512;
/** The unit of syssize. */
const PARAGRAPH = 16;
/** setup_sects of 0 means 4. */
const SETUP_SECTS_DEFAULT = 4;
/** loadflags: protected-mode code goes to 1 MiB. */
const LOADED_HIGH = 1;
/** Protocol 2.06, of 2007: the oldest with all fields that we fill in. Later fields are absent from an older header. */
const VERSION_MIN = 0x0206;
const SINCE = { payload: 0x0208, init_size: 0x020a, xloadflags: 0x020c } as const;

/**
 * Where a bzImage's code is loaded and begins: boot protocol, "Loading the rest of the kernel". Even one with 64-bit
 * code begins with 32-bit code.
 *
 * @param wide there is a processor of 64 bits.
 * @throws MisuseError, in one line, for a header that does not match the file.
 */
function readBzImage(bytes: Uint8Array, wide: boolean): KernelImage {
  if (bytes.length < SETUP_HEADER_AT + setup_header.size) throw noKernel(bytes);
  const header = setup_header.decode(bytes, SETUP_HEADER_AT);
  const { boot_flag, version, loadflags, xloadflags, syssize, init_size } = header;
  if (boot_flag !== BOOT_FLAG || header.header !== HDRS) throw noKernel(bytes);
  if (version < VERSION_MIN)
    throw wrongKernel(
      `has boot protocol ${text(version)}, and ${text(VERSION_MIN)} is the oldest that is started`,
    );
  const has64 = version >= SINCE.xloadflags && (xloadflags & XLF_KERNEL_64) !== 0;
  if (has64 && !wide) throw wideKernel('an x86-64 bzImage');
  if ((loadflags & LOADED_HIGH) === 0) throw wrongKernel('is a zImage, and a bzImage is wanted');
  // iPXE's lkrn, which calls the BIOS that has loaded it.
  if (header.code32_start === 0)
    throw wrongKernel(
      "has no 32-bit entry (code32_start is 0), as iPXE's lkrn: it wants a BIOS that loads it from a disk",
    );
  const sectors = header.setup_sects || SETUP_SECTS_DEFAULT;
  const code = bytes.subarray((1 + sectors) * SECTOR);
  if (code.length === 0) throw wrongKernel(`was cut off within its ${sectors} sectors of setup`);
  if (Math.ceil(code.length / PARAGRAPH) < syssize)
    throw wrongKernel(`was cut off: of ${syssize * PARAGRAPH} bytes of code ${code.length} are there`);
  const { payload_offset, payload_length } = header;
  if (version >= SINCE.payload && payload_offset + payload_length > code.length)
    throw wrongKernel('has a payload beyond the end of its file');
  const size = Math.max(code.length, version >= SINCE.init_size ? init_size : 0);
  // From there it moves itself up, before it unpacks itself.
  const home = has64 ? Math.max(HIGH, Number(header.pref_address)) : HIGH;
  const pieces = [{ at: HIGH, bytes: code, size: code.length }];
  return { pieces, entry: HIGH, wide: false, header, end: home + size };
}

function text(version: number): string {
  return `${version >> 8}.${String(version & 0xff).padStart(2, '0')}`;
}

/**
 * A `vmlinux` or a bzImage.
 *
 * @param wide there is a processor of 64 bits.
 * @throws MisuseError, in one line, for a file that is not an x86 Linux kernel, or not one for a 32-bit
 * processor.
 */
export function readKernel(bytes: Uint8Array, wide = false): KernelImage {
  return isElf(bytes) ? readElf(bytes, wide) : readBzImage(bytes, wide);
}
