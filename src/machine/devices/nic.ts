import { macText } from '../../core/bits.ts';
import { checkFunction, checkMethods, checkSized, checkWhole } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { UserCalls } from '../../core/user-calls.ts';
import type { Wire } from '../../net/backends/wire.ts';
import { KeptFrames } from '../../net/kept-frames.ts';
import type { PciFunction } from '../../pci/pci-function.ts';
import type { VirtioNet } from '../../virtio/net/device.ts';
import { ETHERNET_HEADER, GSO_FRAME_MAX } from '../../virtio/net/registers.ts';
import type { QueueEvents } from '../../virtio/queue/events.ts';
import type { VirtioFunction } from '../../virtio/transport/function.ts';
import type { FunctionView } from '../function-view.ts';
import { shieldedMonitor } from '../shielded.ts';
import type { Site } from './descriptor.ts';

/** The kind of a card. */
type NicType = 'virtio' | 'gvnic';

/** The methods of a queue monitor. */
const MONITOR: readonly (keyof QueueEvents)[] = [
  'placed',
  'taken',
  'putBack',
  'used',
  'published',
  'dry',
  'fault',
  'forgotten',
];

/**
 * A NIC from the host's side: the frames that it sent, and a way to send frames to it.
 *
 * @throws MisuseError for what is not a frame, boolean or monitor, and once the machine is closed.
 */
export interface Nic {
  readonly name: string;
  readonly type: NicType;
  readonly fn: FunctionView;
  /**
   * Copies of the last frames that the guest sent, oldest first, as they went on the wire: segmented, checksums done.
   * The option `keep` limits their number; `onFrame` gets all.
   */
  readonly sent: Uint8Array[];
  /** How many frames the guest sent in all. */
  readonly sentTotal: number;
  /** `42:01:0a:80:00:02` */
  readonly mac: string;
  /** Called for each frame on the wire. The frame is valid only during the call. */
  onFrame: ((frame: Uint8Array, sent: boolean) => void) | null;
  /** Frames of 14 to 65,549 bytes arrive at the NIC, together: segments of a flow may be coalesced. */
  receive(...frames: readonly Uint8Array[]): void;
  /** Sets the link up or down. */
  setLink(up: boolean): void;
  /**
   * A gVNIC asks its driver for a reset, by device_status and its interrupt; one with a mailbox is reset at once. Other cards ask
   * for none.
   */
  askForReset(): void;
  /**
   * Asks the driver to announce its address to its peers, as after a migration. Only a driver that negotiated
   * GUEST_ANNOUNCE, and has set DRIVER_OK, is asked.
   */
  announce(): void;
  /**
   * Sets the speed and duplex in the configuration: Mbit/s, 0 to 2147483647. Without the feature SPEED_DUPLEX it has no
   * effect. A gVNIC reports the speed when it is asked for it.
   */
  setSpeed(mbits: number, fullDuplex?: boolean): void;
  /** Notifies `monitor` of what passes through virtqueues. Call it before a driver attaches. A gVNIC has none. */
  watch(monitor: QueueEvents): void;
}

/** A card of any kind, as the machine's other end uses it. */
interface CardDevice {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly wire: Wire;
  /** Takes a valid frame. */
  arrive(frame: Uint8Array): void;
  receiveAll(frames: readonly Uint8Array[]): void;
  setLink(up: boolean): void;
  setSpeed(mbits: number, fullDuplex: boolean): void;
}

/** What the machine keeps of its frames. */
export interface Kept {
  /** How many of the guest's frames it keeps. */
  readonly keep: number;
  /** Sent frames come back, and this is known from the sent frame alone. */
  readonly isLooped: boolean;
}

/** What the host's side of a card of any kind does. */
export abstract class CardNic<Device extends CardDevice, Fn extends PciFunction> implements Nic {
  abstract readonly type: NicType;
  readonly name: string;
  readonly device: Device;
  readonly fn: Fn;
  readonly isLooped: boolean;
  protected readonly userCalls: UserCalls;
  private readonly kept: KeptFrames;
  private readonly receivePath: string;
  private readonly site: Site;
  private listener: Nic['onFrame'] = null;

  constructor(device: Device, fn: Fn, site: Site, { keep, isLooped }: Kept) {
    this.isLooped = isLooped;
    this.site = site;
    this.userCalls = site.board.clock.userCalls;
    this.name = device.name;
    this.receivePath = `${device.name}.receive`;
    this.device = device;
    this.fn = fn;
    this.kept = new KeptFrames(keep);
    device.wire.onFrame = (frame, sent) => {
      if (sent) this.kept.add(frame);
      if (this.listener !== null) this.tell(this.listener, frame, sent);
    };
  }

  get sent(): Uint8Array[] {
    return this.kept.frames;
  }

  get sentTotal(): number {
    return this.kept.total;
  }

  get onFrame(): Nic['onFrame'] {
    return this.listener;
  }

  set onFrame(listener: Nic['onFrame']) {
    if (listener !== null) checkFunction(`${this.name}.onFrame`, listener);
    this.listener = listener;
  }

  get mac(): string {
    return macText(this.device.mac);
  }

  receive(...frames: readonly Uint8Array[]): void {
    const { userCalls } = this;
    this.site.checkOpen(this.receivePath);
    // The list of one that goes no further is not made.
    if (frames.length === 1 && !userCalls.isDeferring) {
      checkSized(this.receivePath, frames[0]!, ETHERNET_HEADER, GSO_FRAME_MAX);
      this.device.arrive(frames[0]!);
      userCalls.raise();
      return;
    }
    // None comes where one of them is no frame.
    for (const frame of frames) checkSized(this.receivePath, frame, ETHERNET_HEADER, GSO_FRAME_MAX);
    if (userCalls.defers(this.receivePath)) {
      // They are lent for the call.
      const kept = frames.map((frame) => frame.slice());
      userCalls.later(() => this.arrive(kept));
      return;
    }
    this.arrive(frames);
    userCalls.raise();
  }

  setLink(up: boolean): void {
    const path = `${this.name}.setLink`;
    this.site.checkOpen(path);
    if (typeof up !== 'boolean') throw new MisuseError(path, up, 'true or false');
    this.userCalls.act(path, () => this.device.setLink(up));
  }

  askForReset(): void {
    this.act('askForReset', () => this.reallyAskForReset());
  }

  announce(): void {
    this.act('announce', () => this.reallyAnnounce());
  }

  setSpeed(mbits: number, fullDuplex = true): void {
    const path = `${this.name}.setSpeed`;
    this.site.checkOpen(path);
    checkWhole(path, mbits, 0, 0x7fff_ffff);
    if (typeof fullDuplex !== 'boolean') throw new MisuseError(path, fullDuplex, 'true or false');
    this.userCalls.act(path, () => this.device.setSpeed(mbits, fullDuplex));
  }

  abstract watch(monitor: QueueEvents): void;

  /** What a card of this kind does of it. */
  protected reallyAskForReset(): void {}

  protected reallyAnnounce(): void {}

  private act(does: string, act: () => void): void {
    const path = `${this.name}.${does}`;
    this.site.checkOpen(path);
    this.userCalls.act(path, act);
  }

  /** One by itself needs no list. */
  private arrive(frames: readonly Uint8Array[]): void {
    if (frames.length === 1) this.device.arrive(frames[0]!);
    else this.device.receiveAll(frames);
  }

  private tell(listener: NonNullable<Nic['onFrame']>, frame: Uint8Array, sent: boolean): void {
    const { userCalls } = this;
    userCalls.call();
    try {
      listener(frame, sent);
    } catch (error) {
      userCalls.keep(error);
    }
    userCalls.back();
  }
}

/** A virtio-net card. */
export class VirtioNic extends CardNic<VirtioNet, VirtioFunction> {
  readonly type = 'virtio';

  watch(monitor: QueueEvents): void {
    const path = `${this.name}.watch`;
    checkMethods(path, monitor, MONITOR, `a monitor (${MONITOR.join(', ')})`);
    this.userCalls.act(path, () => this.device.watch(shieldedMonitor(monitor, this.userCalls)));
  }

  protected override reallyAnnounce(): void {
    this.device.announce();
  }
}
