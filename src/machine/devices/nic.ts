import { macText } from '../../core/bits.ts';
import { KeptFrames } from '../../net/kept-frames.ts';
import type { VirtioNet } from '../../virtio/net/device.ts';
import type { QueueEvents } from '../../virtio/queue/events.ts';
import type { VirtioFunction } from '../../virtio/transport/function.ts';
import type { FunctionView } from '../function-view.ts';

/** A NIC as a test holds it: what came out, and a way in. */
export interface Nic {
  readonly name: string;
  readonly fn: FunctionView;
  /**
   * Copies of the last frames that the guest sent, oldest first, as they went on the wire: segmented, checksums done.
   * So many are kept as the option `keep` says; `onFrame` tells of all.
   */
  readonly sent: Uint8Array[];
  /** How many frames the guest sent in all. */
  readonly sentTotal: number;
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
  private readonly kept: KeptFrames;
  onFrame: ((frame: Uint8Array, sent: boolean) => void) | null = null;

  /** @param keep so many of the frames that the guest sends. */
  constructor(device: VirtioNet, fn: VirtioFunction, keep: number) {
    this.name = device.name;
    this.device = device;
    this.fn = fn;
    this.kept = new KeptFrames(keep);
    device.onFrame = (frame, sent) => {
      if (sent) this.kept.add(frame);
      this.onFrame?.(frame, sent);
    };
  }

  get sent(): Uint8Array[] {
    return this.kept.frames;
  }

  get sentTotal(): number {
    return this.kept.total;
  }

  get mac(): string {
    return macText(this.device.mac);
  }

  receive(...frames: readonly Uint8Array[]): void {
    this.device.receiveAll(frames);
  }

  setLink(up: boolean): void {
    this.device.setLink(up);
  }

  watch(monitor: QueueEvents): void {
    this.device.watch(monitor);
  }
}
