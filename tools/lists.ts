import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from '../docs/generate/source.ts';

/** What a file exports for a list, and under which name the list has it. */
interface Entry {
  readonly path: string;
  readonly name: string;
  readonly use: string;
}

const RULES = 'src/rules/';
const SCENARIOS = 'src/conformance/scenarios/';
const HEAD = '// Written by `npm run docs` from the files of this folder; a test compares.\n';

/** The lists of rules, their scripts and mutants, mutants of scenarios, and kinds of devices, by the path of their file. */
export async function lists(): Promise<Readonly<Record<string, string>>> {
  return {
    'src/rules/all.rules.ts': listOf(
      inOrder('src/rules/all.rules.ts', await tables()),
      `import { clausesOf } from '../core/rule.ts';

/** What each clause says, for people. Reports have this order; a new table stands behind those of its folder. */
export const CLAUSES = clausesOf({
`,
      `});
`,
    ),
    'src/rules/all.proof.ts': listOf(
      exportsOf(RULES, /\.proof\.ts$/, /^export const (\w*PROOFS)\b/gm),
      "import type { Proof } from './script.proof.ts';\n\n/** Every script there is, by its clause. */\nexport const PROOFS: Readonly<Record<string, Proof>> = {\n",
      '};\n',
    ),
    'src/rules/all.mutants.ts': listOf(
      exportsOf(RULES, /\.mutants\.ts$/, /^export const (MUTANTS)\b/gm),
      "import type { BrokenDriver } from '../conformance/broken/broken-driver.ts';\n\n/** One mistake each, and the clause it breaks: they test the rules, as a good driver cannot. */\nexport const BROKEN_DRIVERS: readonly BrokenDriver[] = [\n",
      '];\n',
    ),
    'src/conformance/scenarios/all.mutants.ts': listOf(
      exportsOf(SCENARIOS, /\.mutants\.ts$/, /^export const (MUTANTS)\b/gm),
      "import type { ScenarioMutant } from './rig.ts';\n\n/** Drivers that one scenario finds, and no other. */\nexport const SCENARIO_MUTANTS: readonly ScenarioMutant[] = [\n",
      '];\n',
    ),
    'src/machine/devices/all.devices.ts': devices(),
    'src/guest/parts/all.parts.ts': byKind(
      'src/guest/parts/all.parts.ts',
      'Part',
      'PARTS',
      'Every kind of device with a driver here, in the order in which a probe uses them.',
    ),
    'src/conformance/probe/kinds/all.kinds.ts': byKind(
      'src/conformance/probe/kinds/all.kinds.ts',
      'Kind',
      'KINDS',
      'Every kind of device, in the order of the report.',
    ),
  };
}

function devices(): string {
  const path = 'src/machine/devices/all.devices.ts';
  const found = exportsOf('src/machine/devices/', /\.ts$/, /^export const (\w+): DeviceDescriptor</gm);
  const names = inOrder(path, found).map(({ use }) => use);
  return `${headOf(inOrder(path, found))}
/** Every kind of device, in the order in which they are plugged in. */
export const DEVICES = [
${names.map((name) => `  ${name},\n`).join('')}] as const;

/** By name, and not \`(typeof DEVICES)[number]\`: that would lose each option's docstring in the package's types. */
export type Listed =
${names.map((name) => `  | typeof ${name}`).join('\n')};
`;
}

/** A record of what the files of a folder export under names that end with `suffix`. */
function byKind(path: string, suffix: string, name: string, about: string): string {
  const exported = new RegExp(`^export const (\\w+${suffix})\\b`, 'gm');
  const found = inOrder(path, exportsOf(`${dirname(path)}/`, /^(?!.*\.test\.).*\.ts$/, exported));
  const rows = found.map(({ use }) => `  ${use.slice(0, -suffix.length)}: ${use},\n`);
  return `${headOf(found)}\n/** ${about} */\nexport const ${name} = {\n${rows.join('')}};\n`;
}

function listOf(entries: readonly Entry[], before: string, after: string): string {
  return [headOf(entries), before, ...entries.map(({ use }) => `  ...${use},\n`), after].join('');
}

function headOf(entries: readonly Entry[]): string {
  const imports = entries.map(({ path, name, use }) => {
    const binding = use === name ? name : `${name} as ${use}`;
    return `import { ${binding} } from './${path}';\n`;
  });
  return [HEAD, ...imports].join('');
}

function exportsOf(folder: string, files: RegExp, exported: RegExp): Entry[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => files.test(path) && !/^(all|index)\./.test(path))
    .sort((a, b) => (stemOf(a) < stemOf(b) ? -1 : 1));
  const found = paths.flatMap((path) =>
    [...readFileSync(folder + path, 'utf8').matchAll(exported)].map(([, name]) => ({ path, name: name! })),
  );
  const isAlone = (name: string) => found.filter((one) => one.name === name).length === 1;
  return found.map(({ path, name }) => ({ path, name, use: isAlone(name) ? name : nameOf(path) }));
}

/** The tables of rules that no other contains. */
async function tables(): Promise<Entry[]> {
  const found = exportsOf(
    RULES,
    /^(?!.*(\.(proof|mutants|test)|\brig)\.ts$).*\.ts$/,
    /^export const ([A-Z_]+) = \{/gm,
  );
  const loaded = await Promise.all(
    found.map(async (entry) => {
      const { [entry.name]: value } = await loadSource(`rules/${entry.path}`);
      return { entry, rows: rowsOf(value as object) };
    }),
  );
  const isWithin = (rows: readonly string[], others: readonly string[]) =>
    others.length > rows.length && rows.every((row) => others.includes(row));
  return loaded
    .filter(({ rows }) => rows.length > 0 && !loaded.some((other) => isWithin(rows, other.rows)))
    .map(({ entry }) => entry);
}

/** The names of its clauses; none if it is something else. */
function rowsOf(value: object): string[] {
  return Object.entries(value).flatMap(([id, row]) => (typeof row?.text === 'string' ? [id] : []));
}

/** As they were listed, and each new one behind the last of its folder. */
function inOrder(path: string, entries: readonly Entry[]): Entry[] {
  const before = readFileSync(path, 'utf8');
  const listed = [...before.matchAll(/^ {2}(?:\.{3}|\w+: )?(\w+),$/gm)].map(([, name]) => name);
  const placeOf = ({ use }: Entry) => listed.indexOf(use);
  const all = entries.filter((entry) => placeOf(entry) >= 0).sort((a, b) => placeOf(a) - placeOf(b));
  for (const entry of entries.filter((one) => placeOf(one) < 0)) {
    const last = all.findLastIndex((one) => dirname(one.path) === dirname(entry.path));
    all.splice(last < 0 ? all.length : last + 1, 0, entry);
  }
  return all;
}

/** `virtio/queue/split` of its table, script and mutants. */
function stemOf(path: string): string {
  return path.replace(/\..*/, '');
}

function nameOf(path: string): string {
  return stemOf(path).replaceAll(/\W/g, '_').toUpperCase();
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [path, text] of Object.entries(await lists())) writeFileSync(path, text);
