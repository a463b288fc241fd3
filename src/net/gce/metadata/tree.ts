/** A folder of the metadata server, or a value in it. */
export type MetadataTree = { readonly [name: string]: MetadataNode };
/** What lies at one place of it. */
export type MetadataNode = string | number | boolean | readonly MetadataNode[] | MetadataTree;

/** Lists that are one value; all others are folders whose names are numbers. */
const LISTS: Readonly<Record<string, (list: readonly MetadataNode[]) => string>> = {
  tags: (list) => JSON.stringify(list),
  'dns-servers': (list) => list.join('\n'),
};

/** `instance/network-interfaces/0` in its names; null where a name is no URL's. */
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

/** What lies in a folder, or in a list, by name; null for a value. @param name what it is called itself. */
export function entriesOf(
  name: string,
  node: MetadataNode,
): readonly (readonly [name: string, node: MetadataNode])[] | null {
  if (Array.isArray(node))
    return Object.hasOwn(LISTS, name) ? null : node.map((child, i) => [`${i}`, child] as const);
  return isFolder(node) ? Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)) : null;
}

/** A value as the server tells it. */
export function valueText(name: string, node: MetadataNode): string {
  return Array.isArray(node) ? LISTS[name]!(node) : `${node as string | number | boolean}`;
}

/** The tree with `value` at a place, whose folders are made where they are not; undefined takes away what is there. */
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

/** Folders are joined, everything else is replaced. */
export function joined(one: MetadataNode, other: MetadataNode): MetadataNode {
  if (!isFolder(one) || !isFolder(other)) return other;
  const entries = Object.entries(other).map(([name, node]) => [
    name,
    Object.hasOwn(one, name) ? joined(one[name]!, node) : node,
  ]);
  return { ...one, ...Object.fromEntries(entries) };
}
