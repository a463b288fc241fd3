import type { ByteReader } from '../../../core/byte-reader.ts';
import { type Served, served } from '../features/feature.ts';
import type { ReceiveMode } from '../features/filters.ts';

const COUNT = 4;
const ADDRESS = 6;
const VLAN_MOST = 4095;

const filter = (mode: ReceiveMode): Served =>
  served(mode, (card, data) => {
    const on = data.u8(0);
    if (on > 1) return false;
    card.filter.switch(mode, on === 1);
    return true;
  });

const vlan = (name: 'VLAN_ADD' | 'VLAN_DEL', on: boolean): Served =>
  served(name, (card, data) => {
    const id = data.u16(0);
    if (id > VLAN_MOST) return false;
    card.filter.setVlan(id, on);
    return true;
  });

export const FILTERS: readonly Served[] = [
  ...(['PROMISC', 'ALLMULTI', 'ALLUNI', 'NOMULTI', 'NOUNI', 'NOBCAST'] as const).map(filter),
  served('MAC_TABLE_SET', (card, data) => {
    if (!isTables(data)) return false;
    const groupsAt = endOf(data, 0);
    card.filter.stations.set(data.bytes(COUNT, groupsAt - COUNT));
    card.filter.groups.set(data.bytes(groupsAt + COUNT, data.length - groupsAt - COUNT));
    return true;
  }),
  served('MAC_ADDR_SET', (card, data) => {
    card.config.mac = data.bytes(0, ADDRESS);
    return true;
  }),
  vlan('VLAN_ADD', true),
  vlan('VLAN_DEL', false),
  served('ANNOUNCE_ACK', (card) => {
    card.config.announce = false;
    return true;
  }),
];

/** A table of unicast addresses, then one of multicast addresses, and nothing after. */
function isTables(data: ByteReader): boolean {
  const groupsAt = endOf(data, 0);
  return data.whole && groupsAt + COUNT <= data.length && endOf(data, groupsAt) === data.length;
}

function endOf(data: ByteReader, at: number): number {
  return at + COUNT + ADDRESS * data.u32(at);
}
