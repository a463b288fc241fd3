import type { NicDriver } from '../guest/drivers/net/nic.ts';
import {
  FF_ACTION,
  FF_HEADER_SIZE,
  FF_MASK_TYPE,
  type Selector,
} from '../virtio/net/registers/flow-filters.ts';

const { ETH, IPV4, UDP } = FF_MASK_TYPE;

/** A selector that matches these bytes of a header. */
export function selector(type: number, ...masked: readonly number[]): Selector {
  const mask = new Uint8Array(FF_HEADER_SIZE[type]!);
  for (const at of masked) mask[at] = 0xff;
  return { type, flags: 0, mask };
}

/** UDP over IPv4, by its destination port. */
const UDP4: readonly Selector[] = [selector(ETH, 12, 13), selector(IPV4, 9), selector(UDP, 2, 3)];
const [TYPE_AT, PROTOCOL_AT, PORT_AT, KEYS] = [12, 14 + 9, 14 + 20 + 2, 14 + 20 + 8];

/** The match of UDP over IPv4 to that port, by classifier `UDP4`. */
export function keysOf(port: number): Uint8Array {
  const keys = new Uint8Array(KEYS);
  keys.set([0x08, 0x00], TYPE_AT);
  keys[PROTOCOL_AT] = 17;
  keys.set([port >> 8, port & 0xff], PORT_AT);
  return keys;
}

/** Group, classifier and rules of the same numbers, so that none of them is mistaken for another. */
export const [GROUP, CLASSIFIER] = [2, 3];
const IN_THEM = { group: GROUP, classifier: CLASSIFIER, action: FF_ACTION.DROP } as const;

/** Adds a rule of that priority, for UDP to that port. */
export function addRule(nic: NicDriver, id: number, priority: number, port: number): boolean {
  return nic.admin.addRule(id, { ...IN_THEM, priority, keys: keysOf(port) });
}

/** Creates a group and a classifier. */
export function filter(nic: NicDriver): boolean {
  const { admin } = nic;
  return admin.useFilters() && admin.addGroup(GROUP, 1) && admin.addClassifier(CLASSIFIER, UDP4);
}

/** Creates flow filters, and destroys them. */
export function administer(nic: NicDriver): void {
  const { admin } = nic;
  if (!filter(nic)) return;
  addRule(nic, 0, 1, 53);
  addRule(nic, 1, 2, 53);
  for (const id of [1, 0]) admin.remove('FF_RULE', id);
  admin.remove('FF_CLASSIFIER', CLASSIFIER);
  admin.remove('FF_GROUP', GROUP);
}
