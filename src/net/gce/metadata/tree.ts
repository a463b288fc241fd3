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
export function valueText(name: string, node: MetadataNode): string {
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
