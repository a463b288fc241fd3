/**
 * Builds the package where npm creates one: in plain JavaScript, since the build tools may not be installed yet.
 *
 * `prepack` comes with `npm pack` and `npm publish`: it builds anew, with the page that is not committed, and first installs what
 * builds if the clone is fresh.
 * `preprepare` comes with every `npm install` in a clone, and npm does that for a dependency from git: it builds what is missing,
 * and not for `npm ci`, which makes a place to work in, where nothing needs what is built. It is not named `prepare`, or npm would
 * ask for approval of a script where the package is installed from a file.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const { npm_command: command, npm_lifecycle_event: event } = process.env;
const has = (path) => existsSync(`${ROOT}${path}`);
const hasTools = () => has('node_modules/rollup') && has('node_modules/typescript');

if (event === 'prepack') {
  if (!hasTools())
    npm(
      'ci',
      '--ignore-scripts',
      '--include=dev',
      '--no-audit',
      '--no-fund',
      '--dry-run=false',
      '--json=false',
    );
  npm('run', 'build');
  npm('run', 'docs', '--', 'registers');
} else if (command !== 'ci' && !has('dist/index.js') && hasTools()) npm('run', 'build');

/** Output goes to standard error: `npm pack --json` prints its list, and nothing else. */
function npm(...words) {
  const { status } = spawnSync('npm', words, {
    cwd: ROOT,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
