import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './programs.ts';

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
