import { execFileSync } from 'node:child_process';
import { MisuseError } from '../../core/misuse.ts';

/** The oldest QEMU supported, and the Debian release that has it. */
export interface QemuNeeds {
  readonly major: number;
  readonly minor: number;
  readonly debian: string;
}

/** The first that has vfio-user-pci. */
export const SERVES_DEVICES: QemuNeeds = { major: 10, minor: 1, debian: 'forky' };
/** The first with the PIIX4 as south bridge. */
export const HAS_PIIX4: QemuNeeds = { major: 8, minor: 2, debian: 'trixie' };
/** The first that ends when its parent is gone, however that ended. */
const ENDS_WITH_PARENT = { major: 10, minor: 2 } as const;
type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT = 'qemu-system-x86_64';

/** A QEMU that fulfils it. */
export interface Qemu {
  readonly binary: string;
  readonly version: string;
  /** It knows `-run-with exit-with-parent`. */
  readonly endsWithParent: boolean;
}

/**
 * @param named by the command line; else the environment's GUESTRIG_QEMU, and else the one in PATH.
 * @throws MisuseError for none, and for one that is too old.
 */
export function findQemu(
  named: string | undefined,
  needs: QemuNeeds,
  environment: Environment = process.env,
): Qemu {
  const binary = named ?? (environment.GUESTRIG_QEMU || DEFAULT);
  const install = installText(needs);
  const [, version = '', major = '', minor = ''] =
    /version ((\d+)\.(\d+)[\d.]*)/.exec(saidBy(binary, ['--version'], install, environment)) ?? [];
  if (version === '') throw new MisuseError('--on', binary, '', `${binary} is no QEMU: ${install}`);
  const have = numberOf({ major: Number(major), minor: Number(minor) });
  if (have < numberOf(needs))
    throw new MisuseError('--on', binary, '', `${binary} is QEMU ${version}, which is too old: ${install}`);
  return { binary, version, endsWithParent: have >= numberOf(ENDS_WITH_PARENT) };
}

/** Whether its time stands still until it is advanced: Debian builds it without that. */
export function hasQtestClock({ binary }: Qemu): boolean {
  return /^qtest$/m.test(saidBy(binary, ['-accel', 'help'], '', process.env));
}

function installText({ major, minor, debian }: QemuNeeds): string {
  return `install QEMU ${major}.${minor} or later (of Debian: qemu-system-x86 of ${debian} or later; examples/qemu/gets-qemu.sh fetches one), or name one: --on qemu:FILE`;
}

function numberOf({ major, minor }: { readonly major: number; readonly minor: number }): number {
  return major * 1000 + minor;
}

function saidBy(binary: string, argv: readonly string[], install: string, env: Environment): string {
  try {
    return execFileSync(binary, argv, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A program that runs and ends otherwise is not QEMU.
    if (code === undefined || code === null) return '';
    const why = code === 'ENOENT' ? 'there is no' : 'cannot run';
    throw new MisuseError('--on', binary, '', `${why} ${binary}: ${install}`);
  }
}
