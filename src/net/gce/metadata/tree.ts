/** A folder of the metadata server. */
export type MetadataTree = { readonly [name: string]: MetadataNode };
/** A folder, a list, or a value in one. */
export type MetadataNode = string | number | boolean | readonly MetadataNode[] | MetadataTree;

/** Lists that are a single value; all others are folders whose names are numbers. */
const LISTS: Readonly<Record<string, (list: readonly MetadataNode[]) => string>> = {
  tags: (list) => JSON.stringify(list),
  'dns-servers': (list) => list.join('\n'),
};

/** Splits `instance/network-interfaces/0` into names; null if a name is invalid in a URL. */
export function namesOf(path: string): readonly string[] | null {
  try {
    return path
      .split('/')
      .filter((name) => name !== '')
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}

export function isFolder(node: MetadataNode | undefined): node is MetadataTree {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

export function childOf(node: MetadataNode | undefined, name: string): MetadataNode | undefined {
  if (Array.isArray(node)) return /^\d+$/.test(name) ? node[Number(name)] : undefined;
  return isFolder(node) && Object.hasOwn(node, name) ? node[name] : undefined;
}

/** The entries of a folder, or of a list, by name; null for a value. @param name its own name. */
export function entriesOf(
  name: string,
  node: MetadataNode,
): readonly (readonly [name: string, node: MetadataNode])[] | null {
  if (Array.isArray(node))
    return Object.hasOwn(LISTS, name) ? null : node.map((child, i) => [`${i}`, child] as const);
  return isFolder(node) ? Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)) : null;
}

/** A value as the server shows it. */
function valueText(name: string, node: MetadataNode): string {
  return Array.isArray(node) ? LISTS[name]!(node) : `${node as string | number | boolean}`;
}

/** The tree with `value` at a place, making missing folders; undefined removes what is there. */
export function withNode(
  node: MetadataNode | undefined,
  [name, ...rest]: readonly string[],
  value: MetadataNode | undefined,
): MetadataNode | undefined {
  if (name === undefined) return value;
  const child = withNode(childOf(node, name), rest, value);
  if (Array.isArray(node)) {
    const others = node.map((one, i) => (`${i}` === name ? child : one));
    return (name === `${node.length}` ? [...others, child] : others).filter((one) => one !== undefined);
  }
  const others = isFolder(node) ? Object.entries(node).filter(([key]) => key !== name) : [];
  return Object.fromEntries(child === undefined ? others : [...others, [name, child]]);
}

/** Merges folders, and replaces everything else. */
export function joined(one: MetadataNode, other: MetadataNode): MetadataNode {
  if (!isFolder(one) || !isFolder(other)) return other;
  const entries = Object.entries(other).map(([name, node]) => [
    name,
    Object.hasOwn(one, name) ? joined(one[name]!, node) : node,
  ]);
  return { ...one, ...Object.fromEntries(entries) };
}

/** Folders with user-defined names, which stay unchanged in JSON. */
const GIVEN = ['attributes', 'guest-attributes', 'guestAttributes'];

/** The form that a request asks for. */
interface Wish {
  readonly recursive: boolean;
  /** The `alt` parameter: `json`, `text`, or nothing. */
  readonly alt: string | null;
}

interface Shown {
  readonly body: string;
  readonly isJson: boolean;
}

/** A value as it is, a folder as its names; with `recursive` all of its content, as JSON by default. */
export function shown(name: string, node: MetadataNode, { recursive, alt }: Wish): Shown {
  const entries = entriesOf(name, node);
  if (entries === null)
    return alt === 'json' ? json(name, node) : { body: valueText(name, node), isJson: false };
  if (recursive && alt !== 'text') return json(name, node);
  const lines = recursive ? linesOf(name, node, '') : entries.map(([own, child]) => nameLine(own, child));
  return { body: lines.join(''), isJson: false };
}

function json(name: string, node: MetadataNode): Shown {
  return { body: JSON.stringify(camel(name, node)), isJson: true };
}

function nameLine(name: string, node: MetadataNode): string {
  return `${name}${entriesOf(name, node) === null ? '' : '/'}\n`;
}

function linesOf(name: string, node: MetadataNode, prefix: string): readonly string[] {
  return entriesOf(name, node)!.flatMap(([own, child]) =>
    entriesOf(own, child) === null
      ? [`${prefix}${own} ${valueText(own, child)}\n`]
      : linesOf(own, child, `${prefix}${own}/`),
  );
}

/** In JSON names are in camel case, except user-defined ones. */
function camel(name: string, node: MetadataNode): unknown {
  if (Array.isArray(node)) return node.map((child) => camel('', child));
  if (!isFolder(node)) return node;
  return Object.fromEntries(
    entriesOf(name, node)!.map(([own, child]) => [
      camelName(own),
      GIVEN.includes(own) ? child : camel(own, child),
    ]),
  );
}

function camelName(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
