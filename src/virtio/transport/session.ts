import type { VirtioDevice } from '../device.ts';
import type { Interface } from '../events.ts';

/**
 * What a driver told a function since the last reset, whichever interface it used: a transitional function has both,
 * and both show one device.
 *
 * The interface in use is the one by which features were written last, and legacy before that; on a function that
 * has one interface it is that one (virtio 1.4, Legacy Interface: A Note on Feature Bits).
 */
export class DriverSession {
  readonly device: VirtioDevice;
  /** The queue that the queue registers of both interfaces act on. */
  selected = 0;
  readonly interfaces: readonly Interface[];
  private negotiated: Interface | null = null;
  private capabilitiesSeen = false;
  private told = false;

  /** @param interfaces what the function has; the first is in use until the driver chooses. */
  constructor(device: VirtioDevice, interfaces: readonly Interface[]) {
    this.device = device;
    this.interfaces = interfaces;
  }

  get legacy(): boolean {
    return (this.negotiated ?? this.interfaces[0]) === 'legacy';
  }

  /** Any access but a read of the status or a reset. */
  touched(by: Interface): void {
    this.device.init.touched();
    this.uses(by);
  }

  /** As `touched`, where the device itself watches the initialisation. */
  uses(by: Interface): void {
    const { negotiated } = this;
    if (this.interfaces.length === 1 || negotiated === null) return;
    const { journal } = this.device.board;
    journal.met('virtio/PCI-LEG-D1');
    if (negotiated === by || this.told) return;
    this.told = true;
    const said = `the ${by} interface was used after features were written by the ${negotiated} one`;
    journal.report('virtio/PCI-LEG-D1', this.device.subject, said);
  }

  /** Features are about to be written. */
  negotiate(by: Interface): void {
    const { device, negotiated } = this;
    this.negotiated = by;
    if (by === 'modern') return;
    if (negotiated === 'modern') for (const word of [1, 2, 3]) device.acceptFeatures(word, 0);
    if (negotiated === null) this.checkDetection();
  }

  /** The driver read a virtio capability's type. */
  capabilitySeen(): void {
    this.capabilitiesSeen = true;
  }

  /** The driver reset the device. */
  forget(): void {
    this.selected = 0;
    this.negotiated = null;
    this.told = false;
  }

  /** Power came on: no driver has been here. */
  powerOn(): void {
    this.forget();
    this.capabilitiesSeen = false;
  }

  private checkDetection(): void {
    if (this.interfaces.length === 1) return;
    const { journal, subject } = { journal: this.device.board.journal, subject: this.device.subject };
    journal.met('virtio/PCI-LEGDET-D1');
    if (this.capabilitiesSeen) return;
    const said = 'the legacy interface was taken without a look at the virtio capabilities';
    journal.report('virtio/PCI-LEGDET-D1', subject, said);
  }
}
