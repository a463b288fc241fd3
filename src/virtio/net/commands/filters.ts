import type { ByteReader } from '../../../core/byte-reader.ts';
import { type Served, served } from './served.ts';

const COUNT = 4;
const ADDRESS = 6;
const VLAN_MOST = 4095;

/**
 * Filters are taken note of and stop no frame: what nobody asked for may come all the same (virtio 1.4, Packet Receive
 * Filtering).
 */
const filter = (name: Parameters<typeof served>[0]): Served => served(name, (_, data) => data.u8(0) <= 1);

export const FILTERS: readonly Served[] = [
  ...(['PROMISC', 'ALLMULTI', 'ALLUNI', 'NOMULTI', 'NOUNI', 'NOBCAST'] as const).map(filter),
  served('MAC_TABLE_SET', (_, data) => isTables(data)),
  served('MAC_ADDR_SET', (card, data) => {
    card.config.mac = data.bytes(0, ADDRESS);
    return true;
  }),
  served('VLAN_ADD', (_, data) => data.u16(0) <= VLAN_MOST),
  served('VLAN_DEL', (_, data) => data.u16(0) <= VLAN_MOST),
  served('ANNOUNCE_ACK', (card) => {
    card.config.announce = false;
    return true;
  }),
];

/** A table of addresses, then one of groups, and nothing behind. */
function isTables(data: ByteReader): boolean {
  const groupsAt = endOf(data, 0);
  return groupsAt + COUNT <= data.length && endOf(data, groupsAt) === data.length;
}

function endOf(data: ByteReader, at: number): number {
  return at + COUNT + ADDRESS * data.u32(at);
}
