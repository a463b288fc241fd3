import type { AdminModel } from '../../features/admin/model.ts';
import { FILTER_CAPABILITIES, filterKinds } from '../features/flow-filters.ts';

/**
 * The administration model of a network card: flow filters have no effect except that a driver can list and make their
 * objects. @param receives whether frames can be directed to a queue.
 */
export function netAdmin(receives: (queue: number) => boolean): () => AdminModel {
  const model: AdminModel = { capabilities: FILTER_CAPABILITIES, kinds: filterKinds(receives) };
  return () => model;
}
