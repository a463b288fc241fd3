import { execFileSync } from 'node:child_process';
import { MisuseError } from '../../core/misuse.ts';

/** The first that has vfio-user-pci. */
const NEEDED = { major: 10, minor: 1 } as const;
/** The first that ends when who started it is gone, however that went. */
const ENDS_WITH_PARENT = { major: 10, minor: 2 } as const;
const DEFAULT = 'qemu-system-x86_64';
const INSTALL = `install QEMU ${NEEDED.major}.${NEEDED.minor} or later (of Debian: qemu-system-x86 of forky or later), or name one: --on qemu:FILE`;

/** A QEMU that can do it. */
export interface Qemu {
  readonly binary: string;
  /** It knows `-run-with exit-with-parent`. */
  readonly endsWithParent: boolean;
}

/**
 * @param named by the command line; else the environment's GUESTRIG_QEMU, and else the one in PATH.
 * @throws MisuseError for none, and for one that is too old.
 */
export function findQemu(named: string | undefined, environment: NodeJS.ProcessEnv = process.env): Qemu {
  const binary = named ?? (environment.GUESTRIG_QEMU || DEFAULT);
  const [, version = '', major = '', minor = ''] =
    /version ((\d+)\.(\d+)[\d.]*)/.exec(versionOf(binary, environment)) ?? [];
  if (version === '') throw new MisuseError('--on', binary, '', `${binary} is no QEMU: ${INSTALL}`);
  const have = numberOf({ major: Number(major), minor: Number(minor) });
  if (have < numberOf(NEEDED))
    throw new MisuseError('--on', binary, '', `${binary} is QEMU ${version}, which is too old: ${INSTALL}`);
  return { binary, endsWithParent: have >= numberOf(ENDS_WITH_PARENT) };
}

function numberOf({ major, minor }: { readonly major: number; readonly minor: number }): number {
  return major * 1000 + minor;
}

function versionOf(binary: string, env: NodeJS.ProcessEnv): string {
  try {
    return execFileSync(binary, ['--version'], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // What runs and ends otherwise is something, but none.
    if (code === undefined || code === null) return '';
    const why = code === 'ENOENT' ? 'there is no' : 'cannot run';
    throw new MisuseError('--on', binary, '', `${why} ${binary}: ${INSTALL}`);
  }
}
