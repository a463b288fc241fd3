import { MisuseError } from '../../../core/misuse.ts';
import { childOf, isFolder, type MetadataNode, type MetadataTree, namesOf, withNode } from './tree.ts';

const PATH = 'a path (example instance/attributes/startup-script)';

/**
 * The metadata server's content, below `computeMetadata/v1`, to read and change while the guest runs.
 *
 * @example
 * network.metadata.set('instance/attributes/startup-script', 'echo hello');   // answers waiting requests
 * network.metadata.get('instance/guest-attributes/hostkeys/ssh-ed25519');     // what the guest wrote, or undefined
 * network.metadata.watch((path) => { if (path.endsWith('/ready')) ready = true; });
 */
export class Metadata {
  private tree: MetadataTree;
  private readonly watchers = new Set<(path: string) => void>();

  constructor(tree: MetadataTree) {
    this.tree = tree;
  }

  /** The value at `path`; undefined for none. @throws MisuseError for an invalid path. */
  get(path: string): MetadataNode | undefined {
    return this.find(checked(path));
  }

  /** The same by a list of names. @internal */
  find(names: readonly string[]): MetadataNode | undefined {
    return names.reduce<MetadataNode | undefined>(childOf, this.tree);
  }

  /**
   * Puts a value or a folder at `path`; undefined removes it. Requests that wait for its change are answered.
   *
   * @throws MisuseError for an invalid path or value.
   */
  set(path: string, value: MetadataNode | undefined): void {
    const names = checked(path);
    if (names.length === 0) throw new MisuseError('metadata.path', path, PATH);
    if (value !== undefined) checkNode(`metadata['${path}']`, value);
    this.put(names, value);
  }

  /** The same by a list of names. @internal */
  put(names: readonly string[], value: MetadataNode | undefined): void {
    this.tree = withNode(this.tree, names, value) as MetadataTree;
    for (const told of [...this.watchers]) told(names.join('/'));
  }

  /** Calls back after each change, the guest's or yours, with its path. @returns a function that ends this. */
  watch(told: (path: string) => void): () => void {
    this.watchers.add(told);
    return () => {
      this.watchers.delete(told);
    };
  }
}

/** @throws MisuseError for a value that no metadata server holds. */
export function checkNode(path: string, node: MetadataNode): void {
  if (Array.isArray(node)) for (const [i, child] of node.entries()) checkNode(`${path}[${i}]`, child);
  else if (isFolder(node))
    for (const [name, child] of Object.entries(node)) checkNode(`${path}['${name}']`, child);
  else if (!['string', 'number', 'boolean'].includes(typeof node))
    throw new MisuseError(path, node, 'a string, a number, true or false, or a list or object of these');
}

function checked(path: string): readonly string[] {
  const names = typeof path === 'string' ? namesOf(path) : null;
  if (names === null) throw new MisuseError('metadata.path', path, PATH);
  return names;
}
