import type { AdminModel } from '../../features/admin/model.ts';
import { FILTER_CAPABILITIES, filterKinds } from './filters.ts';
import { SECURITY_CAPABILITIES, SECURITY_KINDS } from './security.ts';

/**
 * What a network card can be asked for by its administration virtqueue: that a driver says it uses them, and makes the
 * objects, is all that comes of flow filters and IPsec.
 *
 * @param receives whether frames can be directed to a queue. @param secures IPSEC was accepted.
 */
export function netAdmin(receives: (queue: number) => boolean, secures: () => boolean): () => AdminModel {
  const filters = filterKinds(receives);
  const plain: AdminModel = { capabilities: FILTER_CAPABILITIES, kinds: filters };
  const secure: AdminModel = {
    capabilities: [...FILTER_CAPABILITIES, ...SECURITY_CAPABILITIES],
    kinds: [...filters, ...SECURITY_KINDS],
  };
  return () => (secures() ? secure : plain);
}
