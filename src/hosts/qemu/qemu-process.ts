import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MisuseError } from '../../core/misuse.ts';

/**
 * The shell opens both FIFOs before QEMU runs, and QEMU inherits them: when it ends, for any reason, they end. If Linux
 * supports it, QEMU ends with its parent.
 */
const START = `exec 3>"$GUESTRIG_WIRE.out" 4<"$GUESTRIG_WIRE.in"
command -v setpriv >/dev/null && exec setpriv --pdeathsig KILL "$0" "$@"
exec "$0" "$@"`;

/** A running QEMU process, and the two ends of its qtest wire. */
export class QemuProcess {
  /** The folder for its files; it is removed with the process. */
  readonly folder: string;
  readonly to: number;
  readonly from: number;
  private readonly child: ChildProcess;

  /** @param argvOf gives its arguments, which may name files in the folder. */
  constructor(qemu: Qemu, argvOf: (folder: string) => readonly string[]) {
    this.folder = mkdtempSync(join(tmpdir(), 'guestrig-qemu-'));
    const wire = join(this.folder, 'wire');
    execFileSync('mkfifo', [`${wire}.in`, `${wire}.out`]);
    const said = openSync(join(this.folder, 'said'), 'w');
    const argv = [...argvOf(this.folder), ...['-qtest', `pipe:${wire}`, '-qtest-log', 'none']];
    this.child = spawn('/bin/sh', ['-c', START, qemu.binary, ...argv], {
      stdio: ['ignore', said, said],
      env: { ...process.env, GUESTRIG_WIRE: wire },
    });
    this.child.unref();
    closeSync(said);
    // In the shell's order: each waits for the other.
    this.from = openSync(`${wire}.out`, 'r');
    this.to = openSync(`${wire}.in`, 'w');
  }

  /** Its last line of errors. */
  get said(): string {
    return readFileSync(join(this.folder, 'said'), 'utf8').trim().split('\n').at(-1)!;
  }

  /** Ends it, and removes its files. */
  close(): void {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true });
  }
}

/** The oldest QEMU supported, and the Debian release that has it. */
interface QemuNeeds {
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
