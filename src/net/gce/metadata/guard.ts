import type { HttpRequest } from '../http/http-request.ts';
import type { Metadata } from './metadata.ts';
import { isFolder, type MetadataNode } from './tree.ts';

const ATTRIBUTE = 'attributes/enable-guest-attributes';
/** Limit of characters in all that a guest writes, keys included, so that it fills no memory. */
export const ROOM = { characters: 4 << 20, keys: 16_384 } as const;

/** Whether a request came from the guest itself, intentionally, and not through a proxy or a page's script. */
export function isAllowed({ headers }: HttpRequest): boolean {
  if (headers.has('x-forwarded-for')) return false;
  const asked = headers.get('metadata-flavor') === 'Google';
  return asked || headers.get('x-google-metadata-request')?.toLowerCase() === 'true';
}

/** Whether the instance, or its project, lets the guest write guest attributes. */
export function writesAttributes(metadata: Metadata): boolean {
  const said = metadata.get(`instance/${ATTRIBUTE}`) ?? metadata.get(`project/${ATTRIBUTE}`);
  return `${said}`.toUpperCase() === 'TRUE';
}

/** How much the guest has written. */
export function written(metadata: Metadata): { readonly characters: number; readonly keys: number } {
  const attributes = metadata.get('instance/guest-attributes') ?? {};
  return { characters: JSON.stringify(attributes).length, keys: keysIn(attributes) };
}

function keysIn(node: MetadataNode): number {
  return isFolder(node) ? Object.values(node).reduce<number>((sum, child) => sum + 1 + keysIn(child), 0) : 0;
}
