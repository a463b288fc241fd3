import type { VirtioDevice } from '../device.ts';
import type { Interface } from '../events.ts';

/**
 * State set by a driver since the last reset, by either interface: a transitional function has both, and both show one
 * device.
 *
 * The interface in use is the one that last wrote features, and legacy before that; a function with one interface always
 * uses that one (virtio 1.4, Legacy Interface: A Note on Feature Bits).
 */
export class DriverSession {
  readonly device: VirtioDevice;
  readonly interfaces: readonly Interface[];
  /** The queue selected for the queue registers of both interfaces. */
  selected = 0;
  private negotiated: Interface | null = null;

  /** @param interfaces the function's interfaces; the first is in use until the driver chooses. */
  constructor(device: VirtioDevice, interfaces: readonly Interface[]) {
    this.device = device;
    this.interfaces = interfaces;
  }

  get legacy(): boolean {
    return (this.negotiated ?? this.interfaces[0]) === 'legacy';
  }

  /** Features are about to be written. */
  negotiate(by: Interface): void {
    const { device, negotiated } = this;
    this.negotiated = by;
    if (by === 'legacy' && negotiated === 'modern')
      for (const word of [1, 2, 3]) device.acceptFeatures(word, 0);
  }

  /** The driver reset the device, or power came on. */
  forget(): void {
    this.selected = 0;
    this.negotiated = null;
  }
}
