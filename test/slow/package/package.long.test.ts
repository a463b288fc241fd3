import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { STABLE } from '../../../docs/generate/stable.ts';
import { partOf } from '../../repeats.ts';
import { workFolder } from '../work-folder.ts';
import { run } from './programs.ts';
import { packed } from './project.ts';
import { nodeOf, nodesOf, packagesOf } from './registry.ts';
import { DISPOSED, STREAMS, TYPED, typesConfig, USE } from './uses.ts';
import { COMPILERS, NODES } from './versions.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const compilers = join(ROOT, '.cache', 'compilers');
const work = workFolder();
/** A user's project that has only the package installed. */
const project = join(work, 'project');
const installed = join(project, 'node_modules', 'guestrig');
const { exports: entries, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** `guestrig`, `guestrig/guest`, …; the entry for a test runner is run by one, in readme.long.test.ts. */
const modules = Object.keys(entries)
  .filter((entry) => !entry.endsWith('.json') && entry !== './vitest')
  .map((entry) => `guestrig${entry.slice(1)}`);
const entryFiles = (entry: string) => ['js', 'd.ts'].map((kind) => `${entry}/index.${kind}`);
let files: readonly string[] = [];
let bytes = 0;
let clone: string;

const textOf = (path: string) => readFileSync(join(installed, path), 'utf8');
/** Lines are cut, if need be in the middle of a string. */
const codeOf = (path: string) => textOf(path).replaceAll('\\\n', '');
const projectIn = (folder: string) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  return folder;
};
const install = (folder: string, what: string) =>
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', what);

beforeAll(async () => {
  const made = await packed();
  ({ files, bytes, clone } = made);
  await install(projectIn(project), made.tarball);
  await packagesOf(
    compilers,
    Object.fromEntries(COMPILERS.map((each) => [`ts${each}`, `typescript@~${each}.0`])),
  );
  await nodesOf(ROOT);
}, 300_000);

describe('the package that a fresh clone packs', () => {
  test('is built, and has no source, no test and no map of sources', () => {
    const wanted = [
      'dist/LICENSES.md',
      'dist/cli/main.js',
      'dist/index.js',
      'dist/index.d.ts',
      'assets/probe.br',
      'LICENSE',
    ];

    expect(wanted.filter((path) => !files.includes(path))).toEqual([]);
    expect(files.filter((path) => /\.map$|^(?!examples).*\.test\.|\.proof\.|\brig\./.test(path))).toEqual([]);
    expect(files.filter((path) => /^(src|test|bench|fuzz|tools|docs\/generate)\//.test(path))).toEqual([]);
  });

  test('is few files: of each entry its code and its types, and what these share', () => {
    const built = files.filter((path) => /^dist\/.*\.(js|d\.ts)$/.test(path));

    expect(modules.map((name) => name.replace('guestrig', 'dist')).flatMap(entryFiles)).toSatisfy(
      (paths: string[]) => paths.every((path) => built.includes(path)),
    );
    expect(built.length).toBeLessThan(50);
    expect(files.length).toBeLessThan(166);
    expect(bytes).toBeLessThan(4.1e6);
  });

  test.each(modules)('says at the top of the declarations of %s what is experimental', (name) => {
    expect(textOf(`${name.replace('guestrig', 'dist')}/index.d.ts`)).toMatch(/^\/\*\*[^/]+@experimental /);
  });

  test('says of each name whether it is experimental, where an editor shows it', () => {
    const declarations = (name: string) => join(installed, name.replace('guestrig', 'dist'), 'index.d.ts');
    const program = ts.createProgram(modules.map(declarations), {
      module: ts.ModuleKind.NodeNext,
      skipLibCheck: true,
    });
    const checker = program.getTypeChecker();
    const exported = modules.flatMap((entry) =>
      checker
        .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(declarations(entry))!)!)
        .map((each) => ({
          isStable: STABLE[entry]?.includes(each.name) === true,
          symbol: each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each,
        })),
    );
    const stable = new Set(exported.filter(({ isStable }) => isStable).map(({ symbol }) => symbol));
    const isMarked = ({ symbol }: { symbol: ts.Symbol }) =>
      symbol.getJsDocTags(checker).some(({ name }) => name === 'experimental');
    const wrong = exported.filter((each) => isMarked(each) === stable.has(each.symbol));

    expect(exported.length).toBeGreaterThan(300);
    expect(wrong.map(({ symbol }) => symbol.name)).toEqual([]);
  });

  test('names only existing files', () => {
    const manifest = JSON.parse(textOf('package.json'));

    expect(['repository', 'bugs', 'homepage'].filter((key) => key in manifest)).toEqual([]);
  });

  test('has every file that its pages link to', () => {
    const pages = files.filter((path) => path.endsWith('.md'));
    const links = pages.flatMap((page) =>
      [...textOf(page).matchAll(/\]\(([^)\s#]+)/g)]
        .filter(([, to]) => !/^\w+:/.test(to!))
        .map(([, to]) => ({ page, to: posix.join(posix.dirname(page), to!) })),
    );

    expect(links.length).toBeGreaterThan(100);
    expect(links.filter(({ to }) => !files.some((path) => path === to || path.startsWith(`${to}/`)))).toEqual(
      [],
    );
  });

  test('has a program load two files, and no broken driver, no suite and no hashes', () => {
    const loaded = new Set(['dist/index.js']);
    // The set grows while it is gone through.
    for (const path of loaded)
      for (const [, to] of textOf(path).matchAll(/\b(?:from|import)\s*["'](\.[^"'\s]+\.js)["']/g))
        loaded.add(posix.join(posix.dirname(path), to!));
    const broken = 'starts the timer before it has a vector';
    const whereFound = (text: RegExp) =>
      files.filter((path) => /\.js$/.test(path) && text.test(codeOf(path)));

    expect([...loaded]).toEqual(['dist/index.js', 'dist/shared/main.js']);
    expect(whereFound(new RegExp(broken)).length).toBe(1);
    expect(whereFound(new RegExp(`${broken}|from"node:(child_process|crypto)"`))).not.toContain(
      'dist/shared/main.js',
    );
  });

  test('shows of a machine what its users need, and no parts', () => {
    const all = textOf('dist/shared/main.d.ts');
    const face = all.slice(all.indexOf('interface Machine extends')).split('\n}\n')[0];

    expect(face).toContain('attach<Handle>');
    expect(face).not.toMatch(/chassis|journal/);
  });

  test('has declarations that name only packages that it includes', () => {
    const named = files
      .filter((path) => path.endsWith('.d.ts'))
      .flatMap((path) => [...textOf(path).matchAll(/^(?:import|export)\b.* from '([^.'][^']*)'/gm)])
      .map(([, name]) => name);

    expect(named).toEqual([]);
  });
});

describe('the package, installed', () => {
  test('runs its probe from any folder', async () => {
    const report = JSON.parse(await run(project, 'npx', 'guestrig', 'probe', '--json'));

    expect(report).toMatchObject({ schema: 1, profile: 'gce-n1', disks: [{ blocks: 16_384 }] });
    expect(report.verdicts.filter(({ outcome }: { outcome: string }) => outcome === 'fail')).toEqual([]);
  });

  test('prints its version and has a line for the shell', async () => {
    const main = join(installed, 'dist', 'cli', 'main.js');

    expect(await run(project, 'node', main, '--version')).toBe(`${version}\n`);
    expect(readFileSync(main, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  // It is built once more for that.
  test.each(partOf(['git'], 4))(
    'can be installed from %s, too',
    async () => {
      const folder = projectIn(join(work, 'from-git'));

      await install(folder, `git+file://${clone}`);

      expect(await run(folder, 'npx', 'guestrig', '--version')).toBe(`${version}\n`);
    },
    300_000,
  );
});

describe.each(NODES)('on Node %s', (major) => {
  const node = nodeOf(ROOT, major);

  test('the package runs, and its entries share their classes', async () => {
    writeFileSync(join(project, 'use.mjs'), USE);

    expect(await run(project, node, '--version')).toMatch(`v${major}.`);
    expect(JSON.parse(await run(project, node, 'use.mjs'))).toEqual({
      sent: 1,
      findings: 0,
      disposed: true,
      shared: true,
      misuse: true,
    });
  });

  test.each(partOf(modules, NODES.length, NODES.indexOf(major)))('%s can be imported', async (name) => {
    const program = `console.log(Object.keys(await import('${name}')).length)`;

    expect(Number(await run(project, node, '--input-type=module', '-e', program))).toBeGreaterThan(0);
  });
});

/** The oldest and the newest, and one between them. */
const TRIED = [COMPILERS[0], ...partOf(COMPILERS.slice(1, -1), COMPILERS.length - 2), ...COMPILERS.slice(-1)];

describe.each(TRIED)('with TypeScript %s', (compiler) => {
  const tsc = join(compilers, 'node_modules', `ts${compiler}`, 'bin', 'tsc');

  test('every entry compiles in a strict project, without the types of Node', async () => {
    const folder = join(project, `types-${compiler}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'tsconfig.json'), typesConfig('nodenext', 'es2022', []));
    const rest = modules.map((name, i) => `export * as all${i} from '${name}';\n`);
    writeFileSync(join(folder, 'use.ts'), TYPED + rest.join(''));

    expect(await run(folder, 'node', tsc, '-p', '.')).toBe('');
  });

  test('a serial port is a stream if the types of Node are present', async () => {
    const folder = join(project, `types-${compiler}-node`);
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      typesConfig('preserve', 'es2023', [join(ROOT, 'node_modules/@types/node')]),
    );
    writeFileSync(join(folder, 'use.ts'), STREAMS);

    expect(await run(folder, 'node', tsc, '-p', '.')).toBe('');
  });

  test('a machine can be declared with `using`', async () => {
    const folder = join(project, `types-${compiler}-using`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'tsconfig.json'), typesConfig('nodenext', 'es2022 esnext.disposable', []));
    writeFileSync(join(folder, 'use.ts'), DISPOSED);

    expect(await run(folder, 'node', tsc, '-p', '.')).toBe('');
  });
});
