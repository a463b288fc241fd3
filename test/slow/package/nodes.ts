import { join } from 'node:path';
import { packagesOf } from './registry.ts';
import { NODES } from './versions.ts';

/** Fetches each Node once. @param root of the repository. */
export async function nodesOf(root: string): Promise<void> {
  const wanted = NODES.map((major) => [`node${major}`, `node-${process.platform}-${process.arch}@${major}`]);
  await packagesOf(folderIn(root), Object.fromEntries(wanted));
}

export function nodeOf(root: string, major: string): string {
  return join(folderIn(root), 'node_modules', `node${major}`, 'bin', 'node');
}

function folderIn(root: string): string {
  return join(root, '.cache', 'nodes');
}
