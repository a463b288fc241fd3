/**
 * Builds the package where npm creates one: in plain JavaScript, since the build tools may not be installed yet.
 *
 * `prepack` comes with `npm pack`: it builds anew, and first installs what builds if the clone
 * is fresh. Then it leaves in package.json what users need, no script and no tool of ours, and in pages no blanks that only line
 * up a table's source. `postpack` puts both back. What is published is the tarball: `npm publish guestrig-*.tgz`.
 * `preprepare` comes with every `npm install` in a clone, and npm does that for a dependency from git: it builds what is missing,
 * and not for `npm ci`, which makes a place to work in, where nothing needs what is built. It is not named `prepare`, or npm would
 * ask for approval of a script where the package is installed from a file.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const { npm_command: command, npm_lifecycle_event: event } = process.env;
const MANIFEST = `${ROOT}package.json`;
const WHOLE = `${ROOT}.cache/package.json`;
const PAGES = `${ROOT}.cache/pages.json`;
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
  publishManifest();
  publishPages();
} else if (event === 'postpack') {
  renameSync(WHOLE, MANIFEST);
  for (const [page, text] of Object.entries(JSON.parse(readFileSync(PAGES, 'utf8'))))
    writeFileSync(`${ROOT}${page}`, text);
} else if (command !== 'ci' && !has('dist/index.js') && hasTools()) npm('run', 'build');

function publishManifest() {
  const whole = readFileSync(MANIFEST, 'utf8');
  const { scripts, devDependencies, ...rest } = JSON.parse(whole);
  mkdirSync(`${ROOT}.cache`, { recursive: true });
  writeFileSync(WHOLE, whole);
  writeFileSync(MANIFEST, `${JSON.stringify(rest, null, 2)}\n`);
}

/** A table is a quarter blanks, and reads the same without. */
function publishPages() {
  const names = readdirSync(`${ROOT}docs`, { recursive: true }).map((name) => `docs/${name}`);
  const pages = ['CHANGELOG.md', 'CONTRIBUTING.md', ...names.filter((name) => name.endsWith('.md'))];
  const whole = pages.map((page) => [page, readFileSync(`${ROOT}${page}`, 'utf8')]);
  writeFileSync(PAGES, JSON.stringify(Object.fromEntries(whole)));
  for (const [page, text] of whole) writeFileSync(`${ROOT}${page}`, text.replaceAll(/^\|.*$/gm, unpadded));
}

function unpadded(row) {
  return row.replaceAll(/ {2,}\|/g, ' |').replaceAll(/-{4,}/g, '---');
}

/** Output goes to standard error: `npm pack --json` prints its list, and nothing else. */
function npm(...words) {
  const { status } = spawnSync('npm', words, {
    cwd: ROOT,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
