import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Qemu } from './find-qemu.ts';

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
