import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import { NicDriver } from '../../guest/drivers/net/nic.ts';
import { ScsiHost } from '../../guest/drivers/scsi/host.ts';
import { UartDriver } from '../../guest/drivers/uart16550.ts';
import { BalloonDriver, virtioBalloon } from '../../guest/drivers/virtio-balloon.ts';
import type { InterruptMode } from '../../guest/virtio/virtio-driver.ts';
import { BLOCK } from '../../media/medium.ts';
import { HASH_TYPES, TUNNEL_TYPES } from '../../virtio/net/hash-registers.ts';
import {
  FF_ACTION,
  FF_HEADER_SIZE,
  FF_MASK_TYPE,
  type Selector,
} from '../../virtio/net/registers/flow-filters.ts';
import { NET_FEATURE } from '../../virtio/net/registers.ts';
import type { DriverModel } from '../model/model.ts';
import { sendChecked, sendLarge, sendMarked, sendTunnelled, sendUnfinished } from '../net-traffic.ts';
import { FRAME, referenceDrivers, useDevices } from '../reference.ts';

const { GUEST_CSUM } = NET_FEATURE;
export const STATION = Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 0x03);
export const MULTICAST = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);
/** An id whose bytes are not alike. */
export const VLAN = 32;
export const SELDOM = { max_packets: 8, max_usecs: 50 };
/** Statistics of receive queues. */
export const RECEIVED = 0xfn;

/** Requests from a card all that its features allow. */
function sendCommands(nic: NicDriver): void {
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

/** More than one command moves. */
const DATA = new Uint8Array(256 * BLOCK).fill(0x5a);
const LOCAL = Uint8Array.of(2, 0, 0, 0, 0, 1);
const SOON = 1_000_000;

/** The reference drivers, with all that their devices allow. */
export function thoroughModel(interrupts: InterruptMode): DriverModel {
  const stats = () => ({ MEMFREE: 1n, MEMTOT: 2n });
  const talking = virtioBalloon({ stats, ...(interrupts !== 'msix' && { interrupts }) });
  return {
    name: 'reference, thorough',
    drivers: [talking, ...referenceDrivers(interrupts)],
    run: (port, handles) => {
      talk(port);
      useDevices(port, handles);
      for (const handle of handles) {
        if (handle instanceof NicDriver) useNic(handle);
        if (handle instanceof ScsiHost) useDisks(handle);
        if (handle instanceof BalloonDriver) handle.answer(SOON);
      }
    },
  };
}

function talk(port: GuestPort): void {
  const uart = new UartDriver(port, COM_PORTS[0]);
  uart.open();
  uart.write(Buffer.from('hello\r\n'));
  // More than one: a byte that arrives during a read may be lost.
  for (let i = 0; i < 3; i++) uart.read(SOON);
  uart.close();
}

function useNic(nic: NicDriver): void {
  const took = (name: (typeof nic.features)[number]) => nic.features.includes(name);
  if (!took('VERSION_1')) nic.setMac(LOCAL);
  // So that one is under way when the next is taken.
  nic.post(FRAME);
  nic.send(FRAME);
  sendChecked(nic);
  if (took('CSUM')) sendUnfinished(nic);
  if (took('HOST_TSO4')) sendLarge(nic);
  if (took('HOST_ECN')) sendMarked(nic);
  if (took('HOST_UDP_TUNNEL_GSO')) sendTunnelled(nic);
  if (took('MQ') && nic.setPairs(nic.pairsMax))
    for (let pair = 0; pair < nic.pairsMax; pair++) nic.send(FRAME, pair);
  sendCommands(nic);
  if (took('ADMIN_VQ')) administer(nic);
  while (nic.receive() !== null);
}

function useDisks(host: ScsiHost): void {
  const [disk] = host.scan();
  if (disk === undefined) return;
  host.write(disk.target, 0, DATA, disk.lun);
  host.flush(disk.target, disk.lun);
  host.read(disk.target, 0, DATA.length / BLOCK, disk.lun);
  host.unmap(disk.target, [{ lba: 0, blocks: 8 }], disk.lun);
  host.resetUnit(disk.target, disk.lun);
}

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
function administer(nic: NicDriver): void {
  const { admin } = nic;
  if (!filter(nic)) return;
  addRule(nic, 0, 1, 53);
  addRule(nic, 1, 2, 53);
  for (const id of [1, 0]) admin.remove('FF_RULE', id);
  admin.remove('FF_CLASSIFIER', CLASSIFIER);
  admin.remove('FF_GROUP', GROUP);
}
