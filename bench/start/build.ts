import { spawnSync } from 'node:child_process';

/** Builds the package, whose own folder `root` is: in it, `guestrig` is what is built of it. */
export function buildPackage(root: string): void {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the package could not be built');
}
