import { hex, type Width } from '../../../core/bits.ts';
import type { ClauseId } from '../../../core/clause.ts';
import type { VirtioDevice } from '../../device.ts';
import { FEATURE } from '../../registers.ts';
import type { DriverSession } from '../session.ts';
import { type CommonConfig, notifConfigData } from './common-config.ts';
import { NOTIFICATION, VIRTIO_PCI_CAP } from './registers.ts';
import type { Structure } from './structure.ts';

/** Bytes between the addresses of two queues: room for a kick with NOTIFICATION_DATA. */
export const NOTIFY_MULTIPLIER = 4;

/** Where the driver kicks, each queue at an address of its own, by which the device goes whatever is written. */
export class NotifyStructure implements Structure {
  readonly name = 'notify';
  readonly type = VIRTIO_PCI_CAP.NOTIFY;
  readonly length: number;
  private readonly device: VirtioDevice;
  private readonly session: DriverSession;
  private readonly common: CommonConfig;

  constructor(session: DriverSession, common: CommonConfig) {
    this.device = session.device;
    this.session = session;
    this.common = common;
    this.length = this.device.queues.length * NOTIFY_MULTIPLIER;
  }

  read(): number {
    return 0;
  }

  write(offset: number, value: number, width: Width): void {
    this.session.uses('modern');
    const { accepted } = this.device;
    const index = Math.floor(offset / NOTIFY_MULTIPLIER);
    const withData = accepted.has(FEATURE.NOTIFICATION_DATA);
    const ownValue = accepted.has(FEATURE.NOTIF_CONFIG_DATA);
    const whole = offset % NOTIFY_MULTIPLIER === 0;
    const { journal } = this.device.board;
    const widthRule = withData ? 'virtio/PCI-KICK-D2' : 'virtio/PCI-KICK-D1';
    journal.met(widthRule);
    if (!whole || width !== (withData ? 4 : 2))
      this.report(widthRule, `${width} bytes were written at ${hex(offset, 2)} of the notify structure`);
    const told = (value & NOTIFICATION.mask.VQ) >>> 0;
    const expected = ownValue ? notifConfigData(index) : index;
    const valueRule = valueClause(withData, ownValue);
    journal.met(valueRule);
    if (told !== expected)
      this.report(valueRule, `queue ${index} was kicked with ${hex(told, 4)} instead of ${hex(expected, 4)}`);
    if (!whole) return;
    if (withData && width === 4) this.checkPosition(index, value >>> 16);
    this.common.queues[index]?.kicked();
    this.device.notify(index);
  }

  describe(offset: number, width: number, value: number | null, write: boolean): string {
    const shown = value === null ? '' : ` ${write ? '←' : '→'} ${hex(value, width * 2)}`;
    return `notify queue ${Math.floor(offset / NOTIFY_MULTIPLIER)}${shown}`;
  }

  /** Whether next_off and next_wrap are where the driver goes on. */
  private checkPosition(index: number, position: number): void {
    const queue = this.device.queues[index];
    if (queue === undefined || !queue.ready) return;
    const rule = this.device.packed ? 'virtio/PACKED-DESC-D3' : 'virtio/VQ-IMP-10';
    this.device.board.journal.met(rule);
    if (queue.checkNotified(position)) return;
    this.report(
      rule,
      `queue ${index} was kicked with the position ${hex(position, 4)}: it goes on elsewhere`,
    );
  }

  private report(clause: ClauseId, said: string): void {
    this.device.board.journal.report(clause, this.device.subject, said);
  }
}

function valueClause(withData: boolean, ownValue: boolean): ClauseId {
  if (ownValue) return withData ? 'virtio/PCI-KICK-D6' : 'virtio/PCI-KICK-D5';
  return withData ? 'virtio/PCI-KICK-D4' : 'virtio/PCI-KICK-D3';
}
