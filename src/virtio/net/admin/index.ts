import type { AdminModel } from '../../features/admin/model.ts';
import { FILTER_CAPABILITIES, filterKinds } from './filters.ts';
import { SECURITY_CAPABILITIES, SECURITY_KINDS } from './security.ts';

/**
 * The administration model of a network card: flow filters and IPsec have no effect except that a driver can list and
 * make their objects.
 *
 * @param receives whether frames can be directed to a queue. @param secures whether IPSEC was accepted.
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
