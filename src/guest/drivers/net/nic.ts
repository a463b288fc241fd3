import { macText, type Nanos } from '../../../core/bits.ts';
import { checkBytes, checkSized, checkWhole } from '../../../core/checks.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { ETHERNET_HEADER, NET_FEATURE, NET_HDR_F, virtio_net_config } from '../../../virtio/net/registers.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import { SavedFunction } from '../../pci/saved-function.ts';
import type { NicAdmin } from './admin.ts';
import { bringUp, type Card, type NicUse, takeDown } from './bring-up.ts';
import type { LinkSpeed } from './card-changes.ts';
import { announcementOf } from './card-changes.ts';
import type { NicCommands } from './commands.ts';
import type { NetFeatureName } from './features.ts';
import type { ReceivedFrame } from './receive-ring.ts';
import type { ReceivedHeader } from './received-header.ts';
import { type LargeKind, largeHeader, neededFor, type Segmentation } from './segmentation.ts';
import type { TransmitHeader } from './transmit-ring.ts';

const F = NET_FEATURE;
const OFFLOADS = [F.GUEST_CSUM, F.GUEST_TSO4, F.GUEST_TSO6, F.GUEST_ECN, F.GUEST_UFO];
const CONFIG = virtio_net_config.offset;
const VLAN_TAG = 4;

/**
 * A virtio network card in use. Frames begin with the destination address and have no frame check sequence.
 *
 * @example
 * const nic = machine.attach(virtioNetDriver);
 * nic.mac;                                   // '42:01:0a:80:00:02'
 * nic.send(frame);                           // returns when the device has taken it
 * nic.receiveWithin(SECOND);                 // the next frame, or null
 * nic.header;                                // the device's description of it
 * nic.setPairs(nic.pairsMax);
 * nic.suspend();                             // power may go and come
 * nic.resume();
 * nic.close();
 */
export class NicDriver {
  /** The header of the last frame from `receive`. */
  header: ReceivedHeader | null = null;
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly use: NicUse;
  private readonly inbox: ReceivedFrame[] = [];
  private card: Card;
  private address: string;
  private pairs = 1;
  private saved: SavedFunction | null = null;
  /** Suspended by SUSPEND, with all its state. */
  private suspended = false;

  constructor(port: GuestPort, bdf: number, use: NicUse = {}) {
    this.port = port;
    this.bdf = bdf;
    this.use = use;
    this.card = this.bringUp();
    this.address = this.card.mac;
  }

  /** Names of the negotiated features. */
  get features(): readonly NetFeatureName[] {
    return this.card.features;
  }

  /** Number of queue pairs of the device. */
  get pairsMax(): number {
    return this.card.pairsMax;
  }

  /** The MTU, if the device gave it. */
  get mtu(): number | null {
    return this.card.mtu;
  }

  /** `42:01:0a:80:00:02` */
  get mac(): string {
    return this.address;
  }

  /** Without STATUS a link is always up. */
  get linkUp(): boolean {
    return this.card.changes.linkUp;
  }

  /** Sends a frame with complete checksums, and waits until the device has taken it. */
  send(frame: Uint8Array, pair = 0): void {
    this.post(frame, pair);
    this.flush(pair);
    this.followChanges();
  }

  /** As `send`, but returns as soon as there is room; `flush` waits. */
  post(frame: Uint8Array, pair = 0): void {
    this.checkUncut(frame);
    this.transmit({}, frame, pair);
  }

  /** As `post`, but never waits: false if there is no room, and the frame is not sent. */
  tryPost(frame: Uint8Array, pair = 0): boolean {
    this.checkUncut(frame);
    this.checkPair(pair);
    this.card.device.poll();
    if (!this.card.transmitters[pair]!.hasRoom(frame.length)) return false;
    this.transmit({}, frame, pair);
    return true;
  }

  flush(pair = 0): void {
    this.checkPair(pair);
    this.card.transmitters[pair]!.flush();
  }

  /** Sends a frame whose checksum field holds the pseudo-header's sum: the device adds the rest from `csumStart`. */
  sendPartial(frame: Uint8Array, csumStart: number, csumOffset: number, pair = 0): void {
    this.demand('CSUM');
    checkWhole('csumStart', csumStart, 0, 0xffff);
    checkWhole('csumOffset', csumOffset, 0, 0xffff);
    const open = { flags: NET_HDR_F.NEEDS_CSUM, csum_start: csumStart, csum_offset: csumOffset };
    this.transmit(open, frame, pair);
    this.flush(pair);
  }

  /** Sends up to 64 KiB of TCP in one frame, in a tunnel or not: the device segments it and completes the checksums. */
  sendTso(frame: Uint8Array, cut: Segmentation, pair = 0): void {
    this.sendLarge('TCP', frame, cut, pair);
  }

  /** Sends up to 64 KiB of UDP in one frame: the device splits it into datagrams of `cut.mss` bytes. */
  sendUso(frame: Uint8Array, cut: Segmentation, pair = 0): void {
    this.sendLarge('UDP_L4', frame, cut, pair);
  }

  /** Sends one datagram of up to 64 KiB: the device splits it into fragments of `cut.mss` bytes, UDP header included. */
  sendUfo(frame: Uint8Array, cut: Segmentation, pair = 0): void {
    this.sendLarge('UDP', frame, cut, pair);
  }

  /** The next received frame, or null. With interrupts, frames are received only during a wait. */
  receive(): Uint8Array | null {
    this.card.device.poll();
    this.followChanges();
    const frame = this.inbox.shift();
    this.header = frame?.header ?? this.header;
    return frame?.bytes ?? null;
  }

  /** As `receive`, but waits up to `limit` nanoseconds. */
  receiveWithin(limit: Nanos): Uint8Array | null {
    this.card.device.wait(() => this.inbox.length > 0, limit);
    return this.receive();
  }

  /** Serves every ring now, even without an interrupt. */
  poll(): void {
    for (const receiver of this.card.receivers) receiver.serve();
    for (const transmitter of this.card.transmitters) transmitter.serve();
  }

  /**
   * Uses the first `pairs` pairs of queues, 1 to `pairsMax`; their receive queues are filled first. False if the device
   * refuses.
   */
  setPairs(pairs: number): boolean {
    this.demand('MQ');
    if (!Number.isInteger(pairs) || pairs < 1 || pairs > this.pairsMax)
      throw new MisuseError('pairs', pairs, `from 1 to ${this.pairsMax}`);
    for (const receiver of this.card.receivers.slice(0, pairs)) {
      receiver.stock();
      receiver.kick();
    }
    const accepted = this.commands.setPairs(pairs);
    if (accepted) this.pairs = pairs;
    return accepted;
  }

  /** Switches receive offloads; `mask` is a sum of 1 << NET_FEATURE.GUEST_…. False if the device refuses. */
  setOffloads(mask: number): boolean {
    this.demand('CTRL_GUEST_OFFLOADS');
    const negotiated = OFFLOADS.filter((bit) => this.took(bit)).reduce((sum, bit) => sum | (1 << bit), 0);
    checkWhole('mask', mask, 0, 0xffff_ffff);
    if ((mask & ~negotiated) !== 0)
      throw new MisuseError('mask', mask, `within the negotiated ${negotiated}`);
    return this.commands.setOffloads(mask);
  }

  /** Further control commands of the card. @throws MisuseError without CTRL_VQ. */
  get commands(): NicCommands {
    this.demand('CTRL_VQ');
    return this.card.commands!;
  }

  /** Administration commands. @throws MisuseError without ADMIN_VQ. */
  get admin(): NicAdmin {
    this.demand('ADMIN_VQ');
    return this.card.admin!;
  }

  /** Mbit/s and 0 or 1, as last read; null without SPEED_DUPLEX. */
  get speed(): LinkSpeed | null {
    return this.card.changes.speed;
  }

  /** Sets another address until a reset: six bytes. */
  setMac(address: Uint8Array): void {
    checkSized('address', address, 6, 6);
    if (this.took(F.CTRL_MAC_ADDR) && this.took(F.CTRL_RX)) {
      if (this.commands.setMac(address)) this.address = macText(address);
      return;
    }
    if (this.card.device.features.has(FEATURE.VERSION_1))
      throw new MisuseError(
        'features',
        this.features,
        'a list with CTRL_MAC_ADDR and CTRL_RX, or without VERSION_1',
      );
    for (const [i, byte] of address.entries())
      this.card.device.transport.writeConfig(CONFIG.mac + i, byte, 1);
    this.address = macText(address);
  }

  /** Prepares for a loss of power: suspends the card or shuts it down, and saves its PCI configuration. */
  suspend(): void {
    this.saved = SavedFunction.of(this.port, this.bdf);
    this.suspended = this.card.device.suspend();
    if (!this.suspended) this.close();
  }

  /** Resumes after `suspend`, with as many queue pairs. Frames received before are kept. */
  resume(): void {
    this.saved?.restore(this.port);
    if (this.suspended && this.card.device.resume()) return;
    if (this.suspended) this.close();
    this.card = this.bringUp();
    this.address = this.card.mac;
    if (this.pairs > 1) this.setPairs(this.pairs);
  }

  /** Resets the card, disables its bus access and frees its rings. */
  close(): void {
    takeDown(this.card);
  }

  /** Announces the card's address, if requested. */
  private followChanges(): void {
    if (!this.card.changes.follow()) return;
    this.transmit({}, announcementOf(this.address), 0);
    this.flush();
    this.commands.acknowledge();
  }

  private bringUp(): Card {
    return bringUp(this.port, this.bdf, this.use, (frame) => this.inbox.push(frame));
  }

  /** A frame that needs no segmentation. */
  private checkUncut(frame: Uint8Array): void {
    checkBytes('frame', frame);
    if (this.mtu !== null && frame.length > ETHERNET_HEADER + VLAN_TAG + this.mtu)
      throw new MisuseError('frame.length', frame.length, `at most the MTU, ${this.mtu}, and a header`);
  }

  private checkPair(pair: number): void {
    if (!(Number.isInteger(pair) && pair >= 0 && pair < this.pairs))
      throw new MisuseError('pair', pair, `below ${this.pairs}, the pairs in use`);
  }

  private took(feature: number): boolean {
    return this.card.device.features.has(feature);
  }

  private demand(name: NetFeatureName): void {
    if (!this.features.includes(name))
      throw new MisuseError('features', this.features, `a list with ${name}`);
  }

  private sendLarge(kind: LargeKind, frame: Uint8Array, cut: Segmentation, pair: number): void {
    for (const name of neededFor(kind, frame, cut)) this.demand(name);
    this.transmit(largeHeader(kind, frame, cut, this.took(F.HOST_ECN)), frame, pair);
    this.flush(pair);
  }

  private transmit(header: TransmitHeader, frame: Uint8Array, pair: number): void {
    checkBytes('frame', frame);
    if (frame.length < ETHERNET_HEADER)
      throw new MisuseError('frame.length', frame.length, `at least ${ETHERNET_HEADER}`);
    this.checkPair(pair);
    this.card.transmitters[pair]!.post(header, frame);
  }
}
