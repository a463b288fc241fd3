import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './programs.ts';

/** The package, packed by a clone in `folder` of the work tree of `root`. @returns the tarball. */
export async function tarballOf(root: string, folder: string): Promise<string> {
  await freshClone(root, folder);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const [{ filename }] = JSON.parse(await run(folder, 'npm', 'pack', '--json'));
  return join(folder, filename);
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

const AUTHOR = ['-c', 'user.name=guestrig', '-c', 'user.email=guestrig@localhost'];

/**
 * A clone in `folder` of the work tree of `root`, with uncommitted changes, and nothing else: no node_modules, no
 * dist. It needs no history, which a checkout in CI may lack.
 */
export async function freshClone(root: string, folder: string): Promise<void> {
  const listed = await run(root, 'git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  const deleted = await run(root, 'git', 'ls-files', '-z', '--deleted');
  const gone = new Set(deleted.split('\0'));
  for (const path of listed.split('\0').filter((one) => one !== '' && !gone.has(one)))
    cpSync(join(root, path), join(folder, path));
  await run(folder, 'git', 'init', '--quiet');
  await run(folder, 'git', 'add', '--all');
  await run(folder, 'git', ...AUTHOR, 'commit', '--quiet', '--message', 'all');
}
