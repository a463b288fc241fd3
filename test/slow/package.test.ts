import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { workFolder } from './work-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const work = workFolder();
/** The package as it is published, but for its dependencies. */
const built = join(work, 'guestrig');
/** Somebody's project that has it installed. */
const project = join(work, 'project');
const { exports: entries, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

beforeAll(() => {
  for (const name of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'assets', 'docs'])
    cpSync(join(ROOT, name), join(built, name), { recursive: true });
  run(ROOT, 'npm', 'run', 'build', '--', '--outDir', join(built, 'dist'));
  symlinkSync(join(ROOT, 'node_modules'), join(built, 'node_modules'));
  mkdirSync(join(project, 'node_modules', '@types'), { recursive: true });
  symlinkSync(built, join(project, 'node_modules', 'guestrig'));
  symlinkSync(join(ROOT, 'node_modules', '@types', 'node'), join(project, 'node_modules', '@types', 'node'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
});

/** What a program prints; if it fails, all that it said is the error. */
function run(cwd: string, program: string, ...argv: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, argv, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

describe('the package', () => {
  test('holds dist, assets and docs, no test and no source of one', () => {
    const [{ files }] = JSON.parse(run(built, 'npm', 'pack', '--dry-run', '--json'));
    const paths: string[] = files.map(({ path }: { path: string }) => path);
    const strays = paths.filter(
      (path) => !/^(dist|assets|docs)\/|^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(path),
    );
    const wanted = [
      'dist/cli/main.js',
      'assets/disk.ext4.gz',
      'assets/traffic.pcapng.gz',
      'docs/fidelity.md',
      'docs/registers/serial.md',
      'CHANGELOG.md',
    ];

    expect(strays).toEqual([]);
    expect(paths.filter((path) => /\.test\.|\brig\./.test(path))).toEqual([]);
    expect(wanted.filter((path) => !paths.includes(path))).toEqual([]);
  });

  test('runs its probe from any folder', () => {
    const report = JSON.parse(
      run(project, 'node', 'node_modules/guestrig/dist/cli/main.js', 'probe', '--json'),
    );

    expect(report).toMatchObject({ schema: 1, profile: 'gce-n1', disks: [{ blocks: 16_384 }] });
    expect(report.verdicts.filter(({ outcome }: { outcome: string }) => outcome === 'fail')).toEqual([]);
  });

  test('says its version and has a line for the shell', () => {
    const main = join(built, 'dist', 'cli', 'main.js');

    expect(run(project, 'node', main, '--version')).toBe(`${version}\n`);
    expect(readFileSync(main, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test.each(Object.keys(entries))('gives what it exports as %s', (entry) => {
    const name = `guestrig${entry.slice(1)}`;
    const attributes = entry.endsWith('.json') ? "{ with: { type: 'json' } }" : '{}';

    const names = run(
      project,
      'node',
      '--no-warnings',
      '-p',
      `import('${name}', ${attributes}).then((all) => console.log(Object.keys(all).length)), ''`,
    );

    expect(Number(names)).toBeGreaterThan(0);
  });

  test('has types that a strict project compiles with', () => {
    const imports = Object.keys(entries).filter((entry) => !entry.endsWith('.json'));
    const lines = imports.map((entry, i) => `import * as all${i} from 'guestrig${entry.slice(1)}';`);
    const use = [
      "import { gceN1 } from 'guestrig';",
      "const sent: readonly Uint8Array[] = gceN1({ nics: [{ backend: 'loopback' }] }).nics[0]!.sent;",
      `console.log(sent, ${imports.map((_, i) => `all${i}`).join(', ')});`,
    ];
    writeFileSync(join(project, 'use.ts'), [...lines, ...use].join('\n'));
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];

    const said = () =>
      run(project, 'node', join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags, 'use.ts');

    expect(said).not.toThrow();
  });
});
