import { MisuseError } from '../core/misuse.ts';
import type { FirmwareBoot, LinuxBoot } from '../hosts/v86/index.ts';
import { withFile, wrongFile } from '../media/file-errors.ts';
import { readInput } from './input.ts';

/** The files of a guest. */
const FILES = ['kernel', 'initrd', 'firmware'] as const;

export interface GuestArguments {
  /** Either this or `firmware`. */
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly firmware?: string;
}

export function guestOf({ kernel, initrd, append, firmware }: GuestArguments): LinuxBoot | FirmwareBoot {
  if (kernel === undefined) {
    if (firmware === undefined) throw new MisuseError('boot', kernel, '', 'needs --kernel or --firmware');
    return { firmware: readInput('firmware', firmware) };
  }
  const ramDisk = initrd === undefined ? undefined : readInput('initrd', initrd);
  return { kernel: readInput('kernel', kernel), initrd: ramDisk, append };
}

/** An error inside one of the guest's files names that file: `kernel: …` becomes `kernel vmlinux: …`. */
export function namingFile(args: GuestArguments, error: unknown): unknown {
  const kind = error instanceof MisuseError && FILES.find((name) => name === error.path);
  const file = kind ? args[kind] : undefined;
  return kind && file
    ? wrongFile(kind, file, withFile(error.message.slice(kind.length).replace(/^:? /, ''), file))
    : error;
}
