import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { type MinifyOptions, minify, type ParseResult, parse } from 'rolldown/utils';
import {
  type GetManualChunk,
  type OutputOptions,
  type PluginContext,
  type RenderedChunk,
  type RollupOptions,
  rollup,
} from 'rollup';
import { dts } from 'rollup-plugin-dts';
import ts from 'typescript';
import { entries } from '../docs/generate/api-page.ts';
import { exportsOf } from '../docs/generate/exports.ts';
import { STABLE } from '../docs/generate/stable.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** The native compiler, in a quarter of the time: the other is there for its API. */
const TSC = `${ROOT}node_modules/typescript-7/bin/tsc`;
/** Declarations, module by module. */
const TYPES = `${ROOT}.cache/types/`;
/** What is bundled: of valibot's 200 KB we use a tenth, and each package takes time to be found. */
const INLINED = ['valibot', 'ts-pattern'];
/** The module that is started in threads of their own. */
const JOB = 'dist/drivers/job.js';
/** What a stack shows keeps its name. */
const keepNames = { function: true, class: true };
/** Without comments and indentation, with short names for variables: there is half less to read for each program. */
const SHORT: MinifyOptions = {
  module: true,
  compress: { target: 'es2023', keepNames },
  mangle: { toplevel: true, keepNames },
};
const {
  exports: published,
  bin,
  dependencies,
  peerDependencies,
} = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
const doors = Object.values<{ readonly default?: string }>(published).flatMap((each) => each.default ?? []);
const external = [/^node:/, ...Object.keys({ ...dependencies, ...peerDependencies })];
/** The folders of packages of which a module is in dist, code or declarations. */
const bundledPackages = new Set<string>();

for (const folder of [TYPES, `${ROOT}dist`]) rmSync(folder, { recursive: true, force: true });
declare();
markExperimental();
await bundleCode();
await bundleDeclarations();
writeFileSync(`${ROOT}dist/LICENSES.md`, [...bundledPackages].sort().map(licenseOf).join('\n'));

function declare(): void {
  const argv = [TSC, '-p', 'tsconfig.build.json', '--outDir', TYPES];
  const { status } = spawnSync(process.execPath, argv, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** An editor shows with each name that a minor version may change it. */
function markExperimental(): void {
  const exported = entries().flatMap(([specifier, path]) =>
    exportsOf(path).map((each) => ({ ...each, isStable: STABLE[specifier]?.includes(each.name) === true })),
  );
  const stable = new Set(
    exported.filter(({ isStable }) => isStable).map(({ path, name }) => `${path} ${name}`),
  );
  const others = exported.filter(({ path, name }) => !stable.has(`${path} ${name}`));
  for (const path of new Set(others.map((each) => each.path))) {
    const file = `${TYPES}${path.replace(/\.ts$/, '.d.ts')}`;
    const names = others.filter((each) => each.path === path).map(({ name }) => name);
    writeFileSync(file, marked(readFileSync(file, 'utf8'), names));
  }
}

/** Declarations, with a tag at the end of the comment of each of these names. */
function marked(code: string, names: readonly string[]): string {
  const { statements } = ts.createSourceFile('types.d.ts', code, ts.ScriptTarget.Latest, true);
  let text = code;
  for (const statement of statements.toReversed()) {
    const [first] = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
    if (!names.includes((first as ts.NamedDeclaration).name?.getText() ?? '')) continue;
    const comment = ts.getJSDocCommentsAndTags(statement).findLast(ts.isJSDoc);
    text =
      comment === undefined
        ? `${text.slice(0, statement.getStart())}/** @experimental */\n${text.slice(statement.getStart())}`
        : `${text.slice(0, comment.end - 2).trimEnd()}\n * @experimental\n ${text.slice(comment.end - 2)}`;
  }
  return text;
}

/**
 * An entry and a few files that entries share, since 700 modules, each a file, take a program 200 ms to find and read. What two
 * entries have in common lies in one file, so there is one of every class. What the main entry needs is one file.
 */
async function bundleCode(): Promise<void> {
  await bundle(
    {
      input: inputs([...doors, ...Object.values<string>(bin), JOB], `${ROOT}src/`, '.ts'),
      // Only what is asked for runs, but for the entries themselves.
      treeshake: { moduleSideEffects: false },
      plugins: [
        { name: 'inlined', resolveId: inlined },
        { name: 'erased', transform: erased },
        { name: 'short', renderChunk: short },
      ],
    },
    {
      manualChunks: mainFrom(`${ROOT}src/index.ts`),
      entryFileNames: '[name].js',
      // What is so short goes with another: each file takes time to be found.
      experimentalMinChunkSize: 4000,
      // As deep as a room: what is found beside the package is found from here.
      chunkFileNames: 'shared/[name].js',
    },
  );
}

/** Types of valibot that ours name come with them, or a user of ours needs all of it, and what a browser declares. */
async function bundleDeclarations(): Promise<void> {
  await bundle(
    {
      input: inputs(doors, TYPES, '.d.ts'),
      plugins: [
        dts({ tsconfig: `${ROOT}tsconfig.build.json`, includeExternal: INLINED }),
        { name: 'short', renderChunk: (code) => withoutPrivate(indented(code)) },
      ],
      // Types run in no order, and those that two entries share need no name of their own in one of them.
      onwarn() {},
    },
    {
      banner: aboutEntry,
      manualChunks: mainFrom(`${TYPES}index.d.ts`),
      entryFileNames: '[name].d.ts',
      chunkFileNames: ({ name }) => `shared/${name.replace(/\.d$/, '')}.d.ts`,
    },
  );
}

/** By a tab in place of four blanks. */
function indented(code: string): string {
  return code.replaceAll(/^(?: {4})+/gm, (blanks) => '\t'.repeat(blanks.length / 4));
}

/** Of a class's private members the first, which keeps another class from passing for it; and no comments of them. */
function withoutPrivate(code: string): string {
  const member = /^\t+private .*;\n/gm;
  return code
    .replaceAll(/^\t+\/\*\*(?:(?!\*\/)[\s\S])*?\*\/\n(?=\t+private )/gm, '')
    .replaceAll(/^(?:export )?(?:declare |abstract )*class .*\{\n[\s\S]*?^\}/gm, (whole) => {
      let isFirst = true;
      return whole.replaceAll(member, (line) => {
        const kept = isFirst ? line : '';
        isFirst = false;
        return kept;
      });
    });
}

/** The comment at the top of an entry's source, which says what is experimental: the bundler drops it. */
function aboutEntry({ isEntry, name }: RenderedChunk): string {
  if (!isEntry) return '';
  return /^\/\*\*[\s\S]*?\*\//.exec(readFileSync(`${ROOT}src/${name}.ts`, 'utf8'))?.[0] ?? '';
}

async function bundle(options: RollupOptions, output: OutputOptions): Promise<void> {
  const bundled = await rollup({ external, logLevel: 'warn', ...options });
  const { output: files } = await bundled.write({
    dir: `${ROOT}dist`,
    format: 'es',
    minifyInternalExports: false,
    ...output,
  });
  await bundled.close();
  for (const file of files)
    for (const id of file.type === 'chunk' ? Object.keys(file.modules) : []) {
      const [folder] = /^.*\/node_modules\/(@[^/]+\/)?[^/]+\//.exec(id) ?? [];
      if (folder !== undefined) bundledPackages.add(realpathSync(folder));
    }
}

/** A package with its license, from its own files. @throws Error if it has none. */
function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[sc]e/i.test(each));
  if (file === undefined) throw new Error(`${name} has no file with its license, and cannot be bundled`);
  return `# ${name} ${version}: ${license}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}

/** The modules that are bundled to files of dist, by these files' names. */
function inputs(files: readonly string[], folder: string, suffix: string): Record<string, string> {
  const names = files.map((file) => file.replace(/^(\.\/)?dist\//, '').replace(/\.js$/, ''));
  return Object.fromEntries(names.map((name) => [name, `${folder}${name}${suffix}`]));
}

/** What the main entry needs is one file. */
function mainFrom(entry: string): GetManualChunk {
  let main: ReadonlySet<string> | undefined;
  return (id, { getModuleInfo }) => {
    main ??= reached(entry, (each) => getModuleInfo(each)?.importedIds ?? []);
    return main.has(id) ? 'main' : null;
  };
}

/** A module and all that it needs before it runs. */
function reached(from: string, needs: (module: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set([from]);
  // The set grows while it is gone through.
  for (const each of found) for (const needed of needs(each)) found.add(needed);
  found.delete(from);
  return found;
}

function inlined(this: PluginContext, name: string): string | null {
  return INLINED.includes(name) ? fileURLToPath(import.meta.resolve(name)) : null;
}

/** In what the oldest Node knows, and in letters that take one byte each. */
async function erased(source: string): Promise<string> {
  return (await transform(source, { target: 'node20.19', loader: 'ts' })).code;
}

/** @throws Error if the code cannot be parsed. */
async function short(source: string, { fileName }: RenderedChunk): Promise<string> {
  const { code, errors } = await minify(fileName, source, SHORT);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return inLines(code, await parse(fileName, code));
}

/** A line for each statement and each member of a class: Node shows a whole line where a program fails. */
function inLines(code: string, { program }: ParseResult): string {
  const starts = program.body.flatMap((each) => [
    each.start,
    ...(each.type === 'ClassDeclaration' ? each.body.body.map(({ start }) => start) : []),
  ]);
  return [0, ...starts].map((start, i) => code.slice(start, starts[i])).join('\n');
}
