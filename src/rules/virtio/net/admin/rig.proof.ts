import { ByteReader } from '../../../../core/byte-reader.ts';
import {
  ADMIN_CMD,
  ADMIN_STATUS,
  virtio_admin_cmd_cap_get_data as cap,
  virtio_admin_cmd_resource_obj_create_data as object,
} from '../../../../virtio/features/admin/registers.ts';
import { NET_CAP, NET_OBJECT } from '../../../../virtio/net/capability-registers.ts';
import type { NetEvents } from '../../../../virtio/net/events.ts';
import {
  encodeSelectors,
  FF_ACTION,
  FF_HEADER_SIZE,
  FF_MASK_TYPE,
  virtio_net_resource_obj_ff_rule as rule,
  type Selector,
} from '../../../../virtio/net/registers/flow-filters.ts';
import {
  IPSEC_DIR,
  IPSEC_MODE,
  virtio_crypto_resource_obj_ipsec_sa as sa,
} from '../../../../virtio/net/registers/ipsec.ts';
import { chainOf } from '../rig.proof.ts';

/** Any queue of the card of `FACTS` would do. */
const ADMIN_QUEUE = 8;
const HEAD = 24;
/** Every command. */
const COMMANDS = Uint8Array.of(0x83, 0x3f, 0, 0, 0, 0, 0, 0);
const LIST = new Uint8Array(264);
LIST[256] = 0x1f;
const NONE = new Uint8Array(0);

/** A command, and what the card answers. */
export type Step = (net: NetEvents) => void;

function command(opcode: number, data: Uint8Array, result: Uint8Array = NONE, status = 0): Step {
  return (net) => {
    const chain = chainOf([HEAD + data.length], [8 + result.length]);
    net.commanded(ADMIN_QUEUE, chain, opcode, 0, new ByteReader('le', data));
    net.statusGiven(status, result);
  };
}

/** LIST_QUERY, which returns every command. */
export const queries: Step = command(ADMIN_CMD.LIST_QUERY, NONE, COMMANDS);
export const uses = (...list: readonly number[]): Step => command(ADMIN_CMD.LIST_USE, Uint8Array.from(list));
export const USED: readonly Step[] = [queries, uses(...COMMANDS)];

const about = (id: number, data: Uint8Array = NONE) => Uint8Array.of(...cap.encode({ id }), ...data);
const named = (type: number, id: number, data: Uint8Array = NONE) =>
  Uint8Array.of(...object.encode({ type, id }), ...data);

const LISTS: Step = command(ADMIN_CMD.CAP_ID_LIST_QUERY, NONE, LIST);
const gets = (id: number): Step => command(ADMIN_CMD.DEVICE_CAP_GET, about(id), NONE);
const sets = (id: number, data?: Uint8Array): Step => command(ADMIN_CMD.DRIVER_CAP_SET, about(id, data));
const creates = (type: number, id: number, data: Uint8Array): Step =>
  command(ADMIN_CMD.RESOURCE_OBJ_CREATE, named(type, id, data));
export const destroys = (type: number, id: number, status: number = ADMIN_STATUS.OK): Step =>
  command(ADMIN_CMD.RESOURCE_OBJ_DESTROY, named(type, id), NONE, status);

export const FILTERS: readonly Step[] = [
  sets(NET_CAP.FF_RESOURCE),
  sets(NET_CAP.FF_SELECTOR),
  sets(NET_CAP.FF_ACTION),
];

/** A selector that matches these bytes of a header. */
export function selector(type: number, ...masked: readonly number[]): Selector {
  const mask = new Uint8Array(FF_HEADER_SIZE[type]!);
  for (const at of masked) mask[at] = 0xff;
  return { type, flags: 0, mask };
}

const { ETH, IPV4, UDP } = FF_MASK_TYPE;
/** UDP over IPv4, by its destination port. */
export const UDP4: readonly Selector[] = [selector(ETH, 12, 13), selector(IPV4, 9), selector(UDP, 2, 3)];
const [TYPE_AT, PROTOCOL_AT, PORT_AT] = [12, 14 + 9, 14 + 20 + 2];

export const group = (id: number): Step => creates(NET_OBJECT.FF_GROUP, id, Uint8Array.of(id, 0));
export const classifier = (...selectors: readonly Selector[]): Step =>
  creates(NET_OBJECT.FF_CLASSIFIER, 0, encodeSelectors(selectors));

/** A rule by classifier `UDP4`. */
export function ruleOf(
  id: number,
  { port = id, priority = id, type = 0x0800, protocol = 17 }: Partial<Record<string, number>> = {},
): Step {
  const keys = new Uint8Array(14 + 20 + 8);
  keys.set([type >> 8, type & 0xff], TYPE_AT);
  keys[PROTOCOL_AT] = protocol;
  keys.set([port >> 8, port & 0xff], PORT_AT);
  const head = rule.encode({ rule_priority: priority, key_length: keys.length, action: FF_ACTION.DROP });
  return creates(NET_OBJECT.FF_RULE, id, Uint8Array.of(...head, ...keys));
}

/** A complete security association in transport mode. */
export function association(
  direction: keyof typeof IPSEC_DIR,
  values: Partial<ReturnType<typeof sa.decode>> = {},
): Uint8Array {
  const key = { cipher_algo: 3n, cipher_key_length: 16, auth_algo: 4n, auth_key_length: 32 };
  const mode = IPSEC_MODE.ESP_TRANSPORT;
  return sa.encode({ mode, direction: IPSEC_DIR[direction], spi: 0x1000, ...key, ...values });
}

export const SECURITY: readonly Step[] = [
  LISTS,
  gets(NET_CAP.IPSEC_RESOURCE),
  gets(NET_CAP.IPSEC_SA),
  sets(NET_CAP.IPSEC_RESOURCE),
  sets(NET_CAP.IPSEC_SA),
];
export const outbound = (id: number, data = association('OUTBOUND')): Step =>
  creates(NET_OBJECT.IPSEC_OUTB_SA, id, data);
export const inbound = (id: number, data = association('INBOUND')): Step =>
  creates(NET_OBJECT.IPSEC_INB_SA, id, data);
