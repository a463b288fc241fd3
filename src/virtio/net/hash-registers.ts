import { NET_HASH_TYPE } from '../../net/frame/hash-registers.ts';
import { ENCAPSULATION } from '../../net/frame/tunnel.ts';

const all = (table: Readonly<Record<string, number>>) =>
  Object.values(table).reduce((mask, bit) => mask | bit, 0);

/** All that the standard defines. */
export const HASH_TYPES = all(NET_HASH_TYPE);
export const TUNNEL_TYPES = all(ENCAPSULATION);
/** Undefined bits of supported_tunnel_types. */
export const UNDESCRIBED_TUNNELS = Array.from({ length: 23 }, (_, i) => 2 ** (9 + i));
