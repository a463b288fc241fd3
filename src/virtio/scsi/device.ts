import type { Board, ResetKind } from '../../core/board.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { Medium } from '../../media/medium.ts';
import { LogicalUnit, type LogicalUnitOptions } from '../../scsi/logical-unit.ts';
import { ReportLunsUnit } from '../../scsi/report-luns-unit.ts';
import { SENSE } from '../../scsi/sense.ts';
import { Target } from '../../scsi/target.ts';
import type { Inventory } from '../../scsi/unit.ts';
import { VirtioDevice } from '../device.ts';
import type { Manners } from '../manners.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { VIRTIO_ID } from '../registers.ts';
import { ControlQueue, type TaskManager } from './control.ts';
import { EventQueue } from './event-queue.ts';
import type { ScsiEvents } from './events.ts';
import { eventLun } from './lun.ts';
import * as reg from './registers.ts';
import type { Request } from './request.ts';
import { type Latency, type OnCommand, type RequestHost, Requests } from './requests.ts';

const config = reg.virtio_scsi_config;
const { ABORTED, RESET } = reg.SCSI_RESPONSE;
const { HOTPLUG, CHANGE, INOUT, T10_PI } = reg.SCSI_FEATURE;
const { control, event, request } = reg.SCSI_QUEUE;

/** Limits in the configuration. */
interface ScsiLimits {
  readonly seg_max: number;
  readonly max_sectors: number;
  readonly cmd_per_lun: number;
  readonly event_info_size: number;
  readonly max_target: number;
  readonly max_lun: number;
}

export interface VirtioScsiOptions extends ScsiLimits {
  /** Entries of each queue, a power of two. */
  readonly ringSize: number;
  /** Device feature bits to offer beside HOTPLUG and CHANGE. Default none. */
  readonly features?: readonly number[] | undefined;
  /** Ring feature bits to offer. */
  readonly ringFeatures: readonly number[];
  readonly latency: Latency;
  readonly manners?: Manners | undefined;
}

/** The SCSI host adapter (virtio 1.4, SCSI Host Device): one control, one event and one request queue. */
export class VirtioScsi extends VirtioDevice<ScsiEvents> implements TaskManager, RequestHost, Inventory {
  onCommand: OnCommand | null = null;
  readonly targets = new Map<number, Target>();
  /** The limits that the configuration gives drivers. */
  readonly limits: ScsiLimits;
  readonly wellKnown = [reg.REPORT_LUNS_LUN];
  private readonly reportLuns = new ReportLunsUnit(this);
  private readonly config: Uint8Array;
  private readonly fields: typeof config;
  private readonly initialConfig: Uint8Array;
  private readonly requests: Requests;
  private readonly controlQueue: ControlQueue;
  private readonly eventQueue: EventQueue;
  sense_size: number = reg.SENSE_SIZE_DEFAULT;
  cdb_size: number = reg.CDB_SIZE_DEFAULT;
  head_size: number = reg.virtio_scsi_req_cmd.size;
  goesBothWays = false;

  constructor(name: string, board: Board, options: VirtioScsiOptions) {
    const { ringSize, features = [], ringFeatures, latency, manners, ...limits } = options;
    super(name, board, {
      virtioId: VIRTIO_ID.scsi,
      offered: [HOTPLUG, CHANGE, ...features, ...ringFeatures],
      queueSizes: [ringSize, ringSize, ringSize],
      configBytes: config.size,
      configFields: config,
      dependencies: [],
      manners,
    });
    const { endian } = this;
    this.fields = config.in(endian);
    this.limits = limits;
    this.initialConfig = this.fields.encode({
      ...limits,
      num_queues: 1,
      sense_size: reg.SENSE_SIZE_DEFAULT,
      cdb_size: reg.CDB_SIZE_DEFAULT,
      max_channel: 0,
    });
    this.config = this.initialConfig.slice();
    this.requests = new Requests(this, latency, this.budget);
    this.controlQueue = new ControlQueue(this, endian, this.budget);
    this.eventQueue = new EventQueue(() => this.queues[event]!, endian);
  }

  override watchedBy(events: ScsiEvents | null): void {
    super.watchedBy(events);
    this.controlQueue.events = events;
    this.eventQueue.events = events;
  }

  /** Plugs in a disk. A running guest that negotiated HOTPLUG is notified. */
  addDisk(target: number, lun: number, medium: Medium, options?: LogicalUnitOptions): LogicalUnit {
    const path = `${this.name}.target[${target}]`;
    if (target < 0 || target > this.limits.max_target)
      throw new MisuseError(path, target, `a target from 0 to ${this.limits.max_target}`);
    if (this.hasUnit(target, lun)) throw new MisuseError(path, lun, 'a LUN that is free');
    const unit = new LogicalUnit(`${this.name} target ${target} LUN ${lun}`, medium, options);
    const waits = (one: Request) => one.ready && one.target === target && one.lun === lun;
    unit.endTasks = (isReset) => this.requests.cancel(waits, isReset ? RESET : ABORTED).length;
    const home = this.targets.get(target) ?? new Target(target);
    home.add(lun, unit);
    this.targets.set(target, home);
    if (this.accepted.has(HOTPLUG))
      this.tell(reg.SCSI_EVENT.TRANSPORT_RESET, target, lun, reg.SCSI_RESET_REASON.RESCAN);
    return unit;
  }

  /** Removes a disk and closes its medium; its requests in flight end with BAD_TARGET. */
  removeDisk(target: number, lun: number): void {
    const home = this.targets.get(target);
    const unit = home?.units.get(lun);
    if (home === undefined || unit === undefined)
      throw new MisuseError(`${this.name}.target[${target}]`, lun, 'a LUN that is there');
    this.abort((request) => request.target === target && request.lun === lun, reg.SCSI_RESPONSE.BAD_TARGET);
    home.remove(lun);
    unit.close();
    if (home.units.size === 0) this.targets.delete(target);
    if (this.accepted.has(HOTPLUG))
      this.tell(reg.SCSI_EVENT.TRANSPORT_RESET, target, lun, reg.SCSI_RESET_REASON.REMOVED);
  }

  /** The capacity of a disk changed: causes a unit attention, and an event if CHANGE was negotiated. */
  capacityChanged(target: number, lun: number): void {
    const { asc, ascq } = SENSE.CAPACITY_CHANGED;
    this.targets.get(target)?.units.get(lun)?.attention(asc, ascq);
    if (this.accepted.has(CHANGE)) this.tell(reg.SCSI_EVENT.PARAM_CHANGE, target, lun, asc | (ascq << 8));
  }

  /** The LUN field of each unit. */
  get luns(): Uint8Array[] {
    const all = [...this.targets.values()].flatMap(({ id, units }) =>
      [...units.keys()].map((lun) => ({ id, lun })),
    );
    return all.sort((a, b) => a.id - b.id || a.lun - b.lun).map(({ id, lun }) => eventLun(id, lun));
  }

  /** An initiator has received all pending unit attentions. */
  hearAttentions(): void {
    for (const { units } of this.targets.values())
      for (const unit of units.values()) while (unit.takeAttention() !== null);
  }

  reported(): void {
    for (const target of this.targets.values()) target.reported();
  }

  hasTarget(target: number): boolean {
    return target === reg.WELL_KNOWN || this.targets.has(target);
  }

  hasUnit(target: number, lun: number): boolean {
    return target === reg.WELL_KNOWN || (this.targets.get(target)?.units.has(lun) ?? false);
  }

  unitOf(target: number, lun: number): LogicalUnit | null {
    return this.targets.get(target)?.units.get(lun) ?? null;
  }

  resetNexus(target: number): void {
    for (const unit of this.targets.get(target)?.units.values() ?? []) unit.resetNexus();
  }

  count(which: (request: Request) => boolean): number {
    return this.requests.count(which);
  }

  abort(which: (request: Request) => boolean, response: number): void {
    this.requests.abort(which, response);
  }

  get requestQueue(): Virtqueue {
    return this.queues[request]!;
  }

  execute(one: Request): void {
    const target = this.targets.get(one.target);
    if (one.target === reg.WELL_KNOWN) this.reportLuns.execute(one.command);
    else if (target === undefined) one.response = reg.SCSI_RESPONSE.BAD_TARGET;
    else target.execute(one.lun, one.command);
  }

  override reset(kind: ResetKind): void {
    super.reset(kind);
    if (kind === 'soft') return;
    for (const { units } of this.targets.values()) for (const unit of units.values()) unit.reset(kind);
  }

  override readConfig(offset: number): number {
    return this.config[offset]!;
  }

  override writeConfig(offset: number, value: number): void {
    this.events?.configWritten(offset, value);
    if (offset < config.offset.sense_size || offset >= config.offset.cdb_size + 4) return;
    this.config[offset] = value;
    const { sense_size, cdb_size } = this.fields.decode(this.config);
    this.sense_size = sense_size;
    this.cdb_size = cdb_size;
  }

  /** Also closes the media. */
  override close(): void {
    super.close();
    this.requests.close();
    for (const { units } of this.targets.values()) for (const unit of units.values()) unit.close();
  }

  protected override kicked(queue: Virtqueue): void {
    if (queue.index === control) this.controlQueue.serve(queue);
    else if (queue.index === event) this.eventQueue.stocked();
    else this.requests.serve(queue);
  }

  protected override get isAtWork(): boolean {
    return this.requests.areInFlight;
  }

  protected override finish(): void {
    this.requests.finish();
  }

  override role(index: number): string {
    return index === control ? 'control queue' : index === event ? 'event queue' : 'request queue';
  }

  protected override negotiated(): void {
    const { accepted } = this;
    this.goesBothWays = accepted.has(INOUT);
    this.head_size = (accepted.has(T10_PI) ? reg.virtio_scsi_req_cmd_pi : reg.virtio_scsi_req_cmd).size;
  }

  protected override restart(): void {
    this.config.set(this.initialConfig);
    this.sense_size = reg.SENSE_SIZE_DEFAULT;
    this.cdb_size = reg.CDB_SIZE_DEFAULT;
    this.requests.forget();
    this.eventQueue.reset();
    for (const { units } of this.targets.values()) for (const unit of units.values()) unit.nexusLost();
  }

  /** Drops requests of a queue that was reset: their answers have no destination. */
  protected override queueForgotten(index: number): void {
    if (index === request) this.requests.forget();
  }

  private tell(what: number, target: number, lun: number, reason: number): void {
    if (this.consumes) this.eventQueue.send(what, target, lun, reason);
    else this.eventQueue.lost();
  }
}
