import type { NicDriver } from '../guest/drivers/net/nic.ts';
import { FRAME } from '../guest/parts/net.ts';
import { HASH_TYPES, TUNNEL_TYPES } from '../virtio/net/hash-registers.ts';
import { NET_FEATURE } from '../virtio/net/registers.ts';

const { GUEST_CSUM } = NET_FEATURE;
export const STATION = Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 0x03);
export const MULTICAST = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);
/** An id whose bytes are not alike. */
export const VLAN = 32;
export const SELDOM = { max_packets: 8, max_usecs: 50 };
/** Statistics of receive queues. */
export const RECEIVED = 0xfn;

/** Requests from a card all that its features allow. */
export function sendCommands(nic: NicDriver): void {
  filters(nic);
  steers(nic);
  counts(nic);
}

function took({ features }: NicDriver, name: NicDriver['features'][number]): boolean {
  return features.includes(name);
}

function filters(nic: NicDriver): void {
  if (took(nic, 'CTRL_RX')) {
    nic.commands.receive('ALLMULTI', true);
    nic.commands.filter([STATION], [MULTICAST]);
    if (took(nic, 'CTRL_MAC_ADDR')) nic.commands.setMac(STATION);
  }
  if (took(nic, 'CTRL_RX_EXTRA')) nic.commands.receive('NOBCAST', false);
  if (!took(nic, 'CTRL_VLAN')) return;
  nic.commands.vlan(VLAN, true);
  nic.commands.vlan(VLAN, false);
}

function steers(nic: NicDriver): void {
  const most = nic.pairsMax - 1;
  if (took(nic, 'CTRL_GUEST_OFFLOADS')) nic.setOffloads(took(nic, 'GUEST_CSUM') ? 1 << GUEST_CSUM : 0);
  if (took(nic, 'MQ') && nic.setPairs(nic.pairsMax) && nic.setPairs(1)) nic.send(FRAME);
  if (took(nic, 'MQ')) nic.setPairs(nic.pairsMax);
  if (took(nic, 'HASH_REPORT')) nic.commands.hash(HASH_TYPES);
  if (took(nic, 'HASH_TUNNEL')) nic.commands.tunnels(nic.commands.supportedTunnels & TUNNEL_TYPES);
  if (!took(nic, 'RSS')) return;
  const steering = { table: [0, most], hashTypes: HASH_TYPES, transmit: nic.pairsMax };
  nic.commands.steer(steering);
  if (!took(nic, 'RSS_CONTEXT')) return;
  nic.commands.addContext(1, steering);
  nic.commands.deleteContext(1);
}

function counts(nic: NicDriver): void {
  if (took(nic, 'NOTF_COAL')) nic.commands.moderateAll('receive', SELDOM);
  if (took(nic, 'VQ_NOTF_COAL') && nic.commands.moderate(0, SELDOM)) nic.commands.moderationOf(0);
  if (took(nic, 'DEVICE_STATS')) nic.commands.statistics(0, RECEIVED);
}
