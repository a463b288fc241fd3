import ts from 'typescript';
import * as v from 'valibot';
import { DEVICE_OPTIONS } from '../../src/machine/devices/index.ts';
import { fieldsOf } from '../../src/machine/option-kinds.ts';
import { OWN_OPTIONS } from '../../src/machine/options.ts';
import { VIRTIO_OPTIONS } from '../../src/machine/virtio-options.ts';
import { code, page, table } from './markdown.ts';
import { readSource, sourceFiles } from './source.ts';

const INTRODUCTION = `Written by \`npm run docs\` from the schemas in \`src/machine\`; a test compares.

\`gceN1(options)\`, the other [machines](machines.md) and \`qemuPc(options)\` take these, and so does the file of \`--options FILE.json\` on the command line, except for
what only a program can supply: a buffer, a clock, a medium, a backend. All options may be left out. \`a.b\` is the field \`b\` of the
object \`a\`, \`a[].b\` that of each element of the list \`a\`. A value that does not fit throws a \`MisuseError\`, which names the path,
the value and what was expected.`;

const SECTIONS: Readonly<Record<string, v.ObjectEntries>> = {
  'The machine': OWN_OPTIONS,
  'All virtio devices': VIRTIO_OPTIONS,
  Devices: DEVICE_OPTIONS,
};
const HEAD = ['Option', 'Takes', 'Default', 'Meaning'];
/** A valibot schema, as far as it is looked at. */
interface Schema {
  readonly type: string;
  readonly message?: unknown;
  readonly pipe?: readonly Schema[];
  readonly wrapped?: Schema;
  readonly item?: Schema;
  readonly options?: readonly Schema[];
  readonly getter?: (input: unknown) => Schema & { readonly entries?: v.ObjectEntries };
}

/** What is known of the options. */
interface Known {
  readonly docs: readonly Docs[];
  /** Objects that have their fields on the page: those of `completion` stand there once. */
  readonly described: Set<Schema>;
}

export async function optionsPage(): Promise<string> {
  const known = { docs: docsOf(), described: new Set<Schema>() };
  const sections = Object.entries(SECTIONS).flatMap(([title, entries]) => [
    `## ${title}`,
    table([HEAD, ...rowsOf(entries, '', known)]),
  ]);
  return page(['# Options of a machine', INTRODUCTION, ...sections]);
}

function rowsOf(entries: v.ObjectEntries, path: string, known: Known): string[][] {
  return Object.entries(entries).flatMap(([name, entry]) => {
    const schema = entry as unknown as Schema;
    const value = schema.wrapped ?? schema;
    const isNeeded = schema.wrapped === undefined;
    const fields = fieldsIn(value);
    const doc = docOf(name, Object.keys(entries), known.docs);
    const [meaning, byDefault] = splitDefault(doc);
    const otherwise = byDefault === '' && fields !== null ? 'that of each field' : byDefault;
    const row = [
      code(`${path}${name}`),
      takes(value),
      isNeeded ? 'none: it is required' : otherwise,
      meaning,
    ];
    if (fields === null || known.described.has(value)) return [row];
    known.described.add(value);
    return [row, ...rowsOf(fields, `${path}${name}${value.type === 'array' ? '[]' : ''}.`, known)];
  });
}

/** The fields of an object, of each object of a list, or of the object among several choices. */
function fieldsIn(value: Schema): v.ObjectEntries | null {
  if (value.type === 'array') return fieldsIn(value.item!);
  if (value.type === 'union') return value.options!.map(fieldsIn).find((fields) => fields !== null) ?? null;
  if (value.type !== 'lazy' || value.getter!({}).entries === undefined) return null;
  return fieldsOf(value as Parameters<typeof fieldsOf>[0]);
}

/** What it is, in the words of the error that it throws. */
function takes(value: Schema): string {
  const hasFields = fieldsIn(value) !== null;
  const texts = messagesOf(value).join(', ');
  if (texts !== '') return value.type === 'array' && !hasFields ? `${texts} (${takes(value.item!)})` : texts;
  if (hasFields) return 'an object';
  const wrong = Symbol('nothing that fits');
  return v.safeParse(value as unknown as v.GenericSchema, wrong).issues?.[0].message ?? '';
}

/** Each once, and none that another one begins. */
function messagesOf(value: Schema): string[] {
  const inner = (value.pipe ?? []).filter((part) => part !== value).flatMap(messagesOf);
  const own = typeof value.message === 'string' ? [value.message] : [];
  const all = [...new Set([...own, ...inner])];
  return all.filter((text) => !all.some((other) => other !== text && text.startsWith(other)));
}

/** The sentence that begins with "Default", and the rest. */
function splitDefault(doc: string): [meaning: string, byDefault: string] {
  const found = /(?:^|(?<=\. ))Default:? (.*?)\.(?=\s|$)/.exec(doc);
  if (found === null) return [doc, ''];
  return [doc.replace(found[0], '').trim(), found[1]!];
}

/** The comments of an object literal's properties, by their names. */
type Docs = ReadonlyMap<string, string>;

/** Of several literals that have the name and nothing but these names, the one with the most. */
function docOf(name: string, names: readonly string[], docs: readonly Docs[]): string {
  const fitting = docs.filter((one) => one.has(name) && [...one.keys()].every((key) => names.includes(key)));
  return fitting.sort((a, b) => b.size - a.size)[0]?.get(name) ?? '';
}

/** Those of every literal in which options are declared. */
function docsOf(): Docs[] {
  return sourceFiles()
    .filter((path) => path.startsWith('machine/'))
    .flatMap((path) => literalsOf(ts.createSourceFile(path, readSource(path), ts.ScriptTarget.Latest, true)));
}

function literalsOf(node: ts.Node): Docs[] {
  const inner: Docs[] = [];
  node.forEachChild((child) => void inner.push(...literalsOf(child)));
  if (!ts.isObjectLiteralExpression(node)) return inner;
  const named = node.properties.filter(({ name }) => name !== undefined);
  const docs = new Map(named.map((property) => [property.name!.getText(), commentOf(property)]));
  return [...docs.values()].some((text) => text !== '') ? [docs, ...inner] : inner;
}

function commentOf(node: ts.Node): string {
  const doc = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  return (ts.getTextOfJSDocComment(doc?.comment) ?? '').replaceAll(/\s+/g, ' ').trim();
}
