import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The package's folder: from there, `guestrig` resolves to the built package. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What was measured on, and the figures of each cell. */
export interface Measured<Figures> {
  readonly device: string;
  readonly node: string;
  readonly rounds: number;
  readonly cells: readonly Figures[];
}

/** The same, with the machine's load average over the last minute, before. */
export interface MeasuredUnder<Figures> extends Measured<Figures> {
  readonly load: number;
}

export function measured<Figures>(rounds: number, cells: readonly Figures[]): Measured<Figures> {
  const device = `${cpus()[0]!.model.trim()}, ${cpus().length} CPUs`;
  return { device, node: process.version, rounds, cells };
}

export function buildPackage(): void {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('the package could not be built');
}
