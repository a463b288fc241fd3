import { macText } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { NET_FEATURE, virtio_net_config } from '../../../virtio/net/registers.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import { BufferPool } from '../../buffer-pool.ts';
import { VirtioDriver, type VirtioUse } from '../../virtio/virtio-driver.ts';
import { NicAdmin } from './admin.ts';
import { bufferLayout } from './buffer-layout.ts';
import { CardChanges } from './card-changes.ts';
import { NicCommands } from './commands.ts';
import { DriverNetControlQueue } from './control-queue.ts';
import { acceptNetFeatures, type NetFeatureName, netFeatureNames } from './features.ts';
import { type ReceivedFrame, ReceiveRing } from './receive-ring.ts';
import { TransmitRing } from './transmit-ring.ts';

const { CTRL_VQ, MAC, MQ, MTU, RSS } = NET_FEATURE;
const MTU_LEAST = 68;
const CONFIG = virtio_net_config.offset;
const PAGE = 4096;

/** Options of a network card's driver. */
export interface NicUse extends VirtioUse {
  /** The features that may be accepted; default all that the driver supports. */
  readonly features?: readonly NetFeatureName[];
}

/** A card after bring-up: the negotiated features, its configuration, and its queues. */
export interface Card {
  readonly device: VirtioDriver;
  readonly features: readonly NetFeatureName[];
  readonly mac: string;
  readonly mtu: number | null;
  readonly pairsMax: number;
  readonly pages: BufferPool;
  readonly receivers: readonly ReceiveRing[];
  readonly transmitters: readonly TransmitRing[];
  readonly control: DriverNetControlQueue | null;
  readonly commands: NicCommands | null;
  readonly admin: NicAdmin | null;
  readonly changes: CardChanges;
}

/** From reset to DRIVER_OK, with one pair of queues in use; `deliver` gets each frame that comes. */
export function bringUp(
  port: GuestPort,
  bdf: number,
  use: NicUse,
  deliver: (frame: ReceivedFrame) => void,
): Card {
  const device = new VirtioDriver(port, bdf, 'virtio-net', use);
  device.negotiate((offered) => acceptNetFeatures(offered, use.features));
  const told = device.features.has(MTU) ? device.transport.readConfig(CONFIG.mtu, 2) : 0;
  // virtio 1.4, Device configuration layout: a device tells 68 at least.
  const mtu = told >= MTU_LEAST ? told : null;
  const several = device.features.has(MQ) || device.features.has(RSS);
  const pairsMax = several ? device.transport.readConfig(CONFIG.max_virtqueue_pairs, 2) : 1;
  const mac = readMac(device, bdf);
  const layout = bufferLayout(device.features, mtu, port.memory.endian);
  const pages = new BufferPool(port, PAGE, 16);
  const receivers: ReceiveRing[] = [];
  const transmitters: TransmitRing[] = [];
  for (let pair = 0; pair < pairsMax; pair++) {
    receivers.push(new ReceiveRing(device, 2 * pair, layout, deliver));
    transmitters.push(new TransmitRing(device, 2 * pair + 1, layout, pages));
  }
  const control = device.features.has(CTRL_VQ) ? new DriverNetControlQueue(device, 2 * pairsMax) : null;
  const commands = control === null ? null : new NicCommands(control, device);
  const admin = device.features.has(FEATURE.ADMIN_VQ) ? NicAdmin.of(device) : null;
  const changes = new CardChanges(device);
  receivers[0]!.stock();
  device.ready();
  receivers[0]!.kick();
  const features = netFeatureNames(device.features);
  const rings = { pages, receivers, transmitters, control };
  return { device, features, mac, mtu, pairsMax, ...rings, commands, admin, changes };
}

/** Resets the card and frees its rings. */
export function takeDown({ device, receivers, control, admin, pages }: Card): void {
  device.close();
  for (const receiver of receivers) receiver.release();
  control?.release();
  admin?.release();
  pages.release();
}

/** Without MAC the driver makes up an address: locally administered, and different for each place on the bus. */
function readMac({ features, transport }: VirtioDriver, bdf: number): string {
  if (!features.has(MAC)) return macText(Uint8Array.of(2, 0, 0, 0, bdf >> 8, bdf & 0xff));
  return macText(transport.readConfigBytes(CONFIG.mac, virtio_net_config.offset.status));
}
