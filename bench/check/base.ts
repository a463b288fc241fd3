import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Checked, LIMITS_FILE } from './limits.ts';

/** The commit that last changed the limits; null if this is HEAD, where the limits alone count, or outside a repository. */
export function baseCommit(): string | null {
  const git = (...argv: string[]) => spawnSync('git', argv, { encoding: 'utf8' }).stdout.trim();
  const commit = git('log', '-1', '--format=%H', '--', LIMITS_FILE);
  return commit === '' || commit === git('rev-parse', 'HEAD') ? null : commit;
}

/** The code that the limits were last set for, built anew: on a machine where it misses one too, the machine is the reason. */
export class Base {
  private readonly folder: string;

  constructor(commit: string) {
    this.folder = mkdtempSync(join(tmpdir(), 'guestrig-base-'));
    const archive = join(this.folder, 'base.tar');
    execFileSync('git', ['archive', '-o', archive, commit]);
    execFileSync('tar', ['-xf', archive, '-C', this.folder]);
    symlinkSync(resolve('node_modules'), join(this.folder, 'node_modules'));
  }

  /** What its own check measures, which ends with status 1 at a miss. */
  ratioOf(name: string): number | null {
    const argv = ['run', '-s', 'bench', '--', 'check', '--json', '--only', name];
    const { stdout } = spawnSync('npm', argv, { cwd: this.folder, encoding: 'utf8' });
    // Beside packages of today it may not compile: then the limits alone count.
    const checked = stdout.startsWith('[') ? (JSON.parse(stdout) as Checked[]) : [];
    return checked.find((one) => one.name === name)?.measured ?? null;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
