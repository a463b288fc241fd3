import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const KEYS = '/usr/share/keyrings/debian-archive-keyring.pgp';

/** In milliseconds: a slower command hangs. */
const PATIENCE = 90_000;
/** Two at once would refuse each other the lists of packages: one waits for the other. */
const LOCK = join(tmpdir(), 'guestrig-apt.lock');
/** A mirror that is not there is one at once. */
const NETWORK = ['-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=15'];

/** @throws Error, of one line, if the network does not have it or does not answer. */
function apt(cwd: string, program: string, ...argv: string[]): string {
  const asked = program === 'apt-get' ? [...NETWORK, ...argv] : argv;
  try {
    return execFileSync('flock', [LOCK, program, ...asked], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
  } catch (error) {
    const { code, stderr } = error as { readonly code?: string; readonly stderr?: string };
    const said = code === 'ETIMEDOUT' ? `nothing after ${PATIENCE / 1000} s` : lastLine(stderr ?? `${error}`);
    throw new Error(`${program} ${argv.at(-1)}: ${said}`);
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)!;
}

/** The release that the machine has, as its own sources name it. */
export class Debian {
  private readonly folder: string;
  private readonly options: readonly string[];

  constructor(folder: string, options: readonly string[] = []) {
    this.folder = folder;
    this.options = options;
    apt(folder, 'apt-get', ...options, '-qq', 'update');
  }

  /** Another suite of the same mirror, beside the machine's own lists. */
  static suite(folder: string, suite: string): Debian {
    for (const name of ['lists/partial', 'cache/archives/partial'])
      mkdirSync(join(folder, name), { recursive: true });
    const targets = apt(folder, 'apt-get', 'indextargets', '--format', '$(REPO_URI)');
    const mirror = targets.split('\n').find((uri) => /debian\/?$/.test(uri));
    writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${KEYS}] ${mirror} ${suite} main\n`);
    const set = (name: string, value: string) => ['-o', `${name}=${value}`];
    return new Debian(folder, [
      ...set('Dir::Etc::sourcelist', join(folder, 'sources.list')),
      ...set('Dir::Etc::sourceparts', '/dev/null'),
      ...set('Dir::State::lists', join(folder, 'lists')),
      ...set('Dir::Cache', join(folder, 'cache')),
    ]);
  }

  /** The package that a metapackage depends on: `linux-image-amd64` for the newest kernel. */
  dependency(name: string): string {
    const found = /Depends: (\S+)/.exec(apt(this.folder, 'apt-cache', ...this.options, 'depends', name));
    if (found === null) throw new Error(`apt-cache depends ${name}: there is no such package`);
    return found[1]!;
  }

  /** Unpacks a package, installing nothing. @returns where. */
  unpack(name: string): string {
    const into = join(this.folder, name);
    mkdirSync(into);
    apt(into, 'apt-get', ...this.options, 'download', name);
    const file = readdirSync(into).find((entry) => entry.endsWith('.deb'))!;
    apt(into, 'dpkg-deb', '-x', file, '.');
    return into;
  }
}
