/**
 * Builds the package where npm creates one: in plain JavaScript, since the build tools may not be installed yet.
 *
 * `prepack` runs with `npm pack` and `npm publish`: it always builds, and first installs the build tools if the clone is
 * fresh. `prepare` runs with the install of a dependency from git, which has no other script, but also with every `npm
 * install` in a clone: it builds what is missing, but not for `npm ci`, which sets up a clone to work in, where the build
 * is not needed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const { npm_command: command, npm_lifecycle_event: event } = process.env;
const has = (path) => existsSync(`${ROOT}${path}`);
const hasTools = () => has('node_modules/esbuild') && has('node_modules/typescript');

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
