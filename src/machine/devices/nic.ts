import { macText } from '../../core/bits.ts';
import { checkBytes, checkMethods } from '../../core/checks.ts';
import type { Mishaps } from '../../core/mishaps.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { VirtioNet } from '../../virtio/net/device.ts';
import type { QueueEvents } from '../../virtio/queue/events.ts';
import type { VirtioFunction } from '../../virtio/transport/function.ts';
import type { FunctionView } from '../function-view.ts';
import { shieldedMonitor } from '../shielded.ts';
import type { Site } from './descriptor.ts';

/** What a monitor of queues has. */
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
 * A NIC as a test holds it: what came out, and a way in.
 *
 * @throws MisuseError for what is no frame, truth value or monitor, and once the machine is closed.
 */
export interface Nic {
  readonly name: string;
  readonly fn: FunctionView;
  /** Copies of the frames that the guest sent, oldest first, as they went on the wire: segmented, checksums done. */
  readonly sent: Uint8Array[];
  /** `42:01:0a:80:00:02` */
  readonly mac: string;
  /** Told of each frame on the wire. The frame is valid only during the call. */
  onFrame: ((frame: Uint8Array, sent: boolean) => void) | null;
  /** Frames arrive at the NIC, together: segments of a flow may be coalesced. */
  receive(...frames: readonly Uint8Array[]): void;
  /** Raises or drops the link. */
  setLink(up: boolean): void;
  /** Tells `monitor` what passes through the queues. Before a driver comes. */
  watch(monitor: QueueEvents): void;
}

/** A virtio-net card. */
export class VirtioNic implements Nic {
  readonly name: string;
  readonly device: VirtioNet;
  readonly fn: VirtioFunction;
  readonly sent: Uint8Array[] = [];
  onFrame: ((frame: Uint8Array, sent: boolean) => void) | null = null;

  private readonly site: Site;

  constructor(device: VirtioNet, fn: VirtioFunction, site: Site) {
    this.site = site;
    this.name = device.name;
    this.device = device;
    this.fn = fn;
    device.onFrame = (frame, sent) => {
      if (sent) this.sent.push(frame.slice());
      if (this.onFrame !== null) this.tell(this.onFrame, frame, sent);
    };
  }

  get mac(): string {
    return macText(this.device.mac);
  }

  receive(...frames: readonly Uint8Array[]): void {
    this.site.checkOpen(`${this.name}.receive`);
    for (const frame of frames) checkBytes(`${this.name}.receive`, frame);
    this.device.receiveAll(frames);
    this.mishaps.raise();
  }

  setLink(up: boolean): void {
    this.site.checkOpen(`${this.name}.setLink`);
    if (typeof up !== 'boolean') throw new MisuseError(`${this.name}.setLink`, up, 'true or false');
    this.device.setLink(up);
    this.mishaps.raise();
  }

  watch(monitor: QueueEvents): void {
    checkMethods(`${this.name}.watch`, monitor, MONITOR, `a monitor (${MONITOR.join(', ')})`);
    this.device.watch(shieldedMonitor(monitor, this.mishaps));
  }

  private get mishaps(): Mishaps {
    return this.site.board.clock.mishaps;
  }

  private tell(listener: NonNullable<Nic['onFrame']>, frame: Uint8Array, sent: boolean): void {
    try {
      listener(frame, sent);
    } catch (error) {
      this.mishaps.keep(error);
    }
  }
}
