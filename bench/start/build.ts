import { spawnSync } from 'node:child_process';

/** Builds the package, whose folder `root` is: from there, `guestrig` resolves to the built package. */
export function buildPackage(root: string): void {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the package could not be built');
}
