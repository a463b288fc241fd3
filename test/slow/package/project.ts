import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './programs.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The package as a fresh clone packs it: the clone, the tarball, the paths in it, and their bytes. */
interface Packed {
  readonly clone: string;
  readonly tarball: string;
  readonly files: readonly string[];
  readonly bytes: number;
}

/** Packs it, unless that is done already. A test file that asks for it meanwhile waits. */
export async function packed(): Promise<Packed> {
  const script = join(import.meta.dirname, 'pack.ts');
  await run(ROOT, 'flock', script, process.execPath, '--import', 'tsx', script);
  const folder = join(ROOT, '.cache', 'packed');
  const { filename, files, unpackedSize } = JSON.parse(readFileSync(join(folder, 'said.json'), 'utf8'));
  const clone = join(folder, 'clone');
  return {
    clone,
    tarball: join(clone, filename),
    files: files.map(({ path }: { path: string }) => path),
    bytes: unpackedSize,
  };
}

/** Puts into `folder` the packed package, and beside it the packages of ours. */
export async function withPackage(folder: string): Promise<void> {
  const ours = join(ROOT, 'node_modules');
  const modules = join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const name of readdirSync(ours)) symlinkSync(join(ours, name), join(modules, name));
  const { tarball } = await packed();
  await run(modules, 'tar', '-xzf', tarball);
  renameSync(join(modules, 'package'), join(modules, 'guestrig'));
}

/** The output of a program in a project. */
interface Said {
  readonly status: number | null;
  readonly text: string;
}

/**
 * A driver's own project: an example in a folder of its own, with the package from a tarball and what else it needs from the
 * registry.
 *
 * @example
 * const project = await DriverProject.of('examples/ci', folder, tarball);
 * project.run('npm', 'test').status;
 */
export class DriverProject {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async of(example: string, folder: string, tarball: string): Promise<DriverProject> {
    cpSync(example, folder, { recursive: true });
    mkdirSync(join(folder, 'vendor'));
    cpSync(tarball, join(folder, 'vendor', 'guestrig.tgz'));
    await run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline');
    return new DriverProject(folder);
  }

  /** As a person would run it there, outside a test. */
  run(program: string, ...argv: readonly string[]): Said {
    const { stdout, stderr, status } = spawnSync(program, argv, {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', CI: '1', GITHUB_ACTIONS: '', VITEST: '' },
    });
    return { status, text: `${stdout}${stderr}` };
  }

  text(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  /** Runs `act` while one place of a file is replaced. */
  withMistake<T>(file: string, place: string, mistake: string, act: () => T): T {
    const good = this.text(file);
    if (!good.includes(place)) throw new Error(`${file} has no ${place}`);
    writeFileSync(join(this.folder, file), good.replace(place, mistake));
    try {
      return act();
    } finally {
      writeFileSync(join(this.folder, file), good);
    }
  }
}
