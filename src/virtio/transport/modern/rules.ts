import { hex } from '../../../core/bits.ts';
import type { ClauseId } from '../../../core/clause.ts';
import type { VirtioDevice } from '../../device.ts';
import { DEVICE_STATUS } from '../../registers.ts';

const { DRIVER_OK, FEATURES_OK } = DEVICE_STATUS.mask;

/** Watches the steps of initialisation that only the modern interface has; each is told of once until the next reset. */
export class ModernRules {
  private readonly device: VirtioDevice;
  private resetPending = false;
  /** The driver set FEATURES_OK. */
  private closed = false;
  private statusRead = false;
  private told = new Set<ClauseId>();

  constructor(device: VirtioDevice) {
    this.device = device;
  }

  resetWritten(): void {
    this.forget();
    this.resetPending = true;
  }

  forget(): void {
    this.resetPending = this.closed = this.statusRead = false;
    this.told.clear();
  }

  readStatus(): void {
    this.resetPending = false;
    this.statusRead = true;
  }

  /** Any write but that of 0 to the status. */
  written(): void {
    this.check(
      'virtio/PCI-COMMON-D5',
      !this.resetPending,
      'a register was written before device_status read 0 after a reset',
    );
    this.resetPending = false;
  }

  /** Before a status other than 0 takes effect: whether the device goes along. */
  statusWritten(value: number, before: number): boolean {
    if (value & ~before & FEATURES_OK) {
      this.closed = true;
      this.statusRead = false;
    }
    return (value & ~before & DRIVER_OK) === 0 || this.goesOn('DRIVER_OK was set');
  }

  featuresWritten(): void {
    const status = this.device.status;
    this.check(
      'virtio/INIT-D10',
      (status & FEATURES_OK) === 0,
      `driver_feature was written while status was ${hex(status, 2)}`,
    );
  }

  /** Whether the device goes along. */
  queueEnabled(index: number): boolean {
    return this.goesOn(`queue ${index} was enabled`);
  }

  /** Whether the device goes along. */
  configWritten(): boolean {
    const { closed } = this;
    this.check('virtio/INIT-D9', closed, 'the device configuration was written before FEATURES_OK was set');
    if (closed) this.checkRead('the device configuration was written');
    return closed || this.device.init.goesAlong('virtio/INIT-D9');
  }

  /** What comes only after the negotiation. */
  private goesOn(said: string): boolean {
    const { init, status } = this.device;
    this.check(
      'virtio/INIT-D5',
      this.closed,
      `${said} while status was ${hex(status, 2)}, without FEATURES_OK`,
    );
    if (!this.closed) return init.goesAlong('virtio/INIT-D5');
    this.checkRead(said);
    const agreed = (status & FEATURES_OK) !== 0;
    this.check('virtio/INIT-D12', agreed, `${said} though the device had refused FEATURES_OK`);
    return agreed || init.goesAlong('virtio/INIT-D12');
  }

  private checkRead(said: string): void {
    this.check(
      'virtio/INIT-D6',
      this.statusRead,
      `${said} before the status was read again after FEATURES_OK was set`,
    );
  }

  private check(clause: ClauseId, kept: boolean, said: string): void {
    const { journal } = this.device.board;
    journal.met(clause);
    if (kept || this.told.has(clause)) return;
    this.told.add(clause);
    journal.report(clause, this.device.subject, said);
  }
}
