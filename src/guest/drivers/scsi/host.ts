import type { Nanos } from '../../../core/bits.ts';
import { checkBytes, checkObject, checkWhole } from '../../../core/checks.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { MisuseError } from '../../../core/misuse.ts';
import {
  CDB_SIZE_DEFAULT,
  SCSI_FEATURE,
  SCSI_QUEUE,
  SCSI_RESPONSE,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_config,
} from '../../../virtio/scsi/registers.ts';
import { type Capacity, decodeInquiry, decodeLuns, INQUIRY_SIZE, type Inquiry } from '../../scsi/answers.ts';
import * as command from '../../scsi/commands.ts';
import { ScsiError, type ScsiSense } from '../../scsi/sense.ts';
import { acceptable, TRANSPORT_FEATURES } from '../../virtio/features.ts';
import { VirtioDriver, type VirtioUse } from '../../virtio/virtio-driver.ts';
import { CommandRunner } from './command-runner.ts';
import { DriverScsiControlQueue } from './control-queue.ts';
import { DiskAccess } from './disk-access.ts';
import { DriverScsiEventQueue, type ScsiEvent } from './event-queue.ts';
import type { UnitAddress } from './lun.ts';
import { RequestQueue } from './request-queue.ts';

const { HOTPLUG, CHANGE } = SCSI_FEATURE;
const CONFIG = virtio_scsi_config.offset;
const LUNS_SIZE = 4096;
const VPD_HEAD = 4;
const MODE_SENSE_SIZE = 255;
const ALL_PAGES = 0x3f;
const NO_UNIT = 3;

/** A logical unit that a scan found. */
export interface FoundUnit extends UnitAddress {
  readonly inquiry: Inquiry;
}

/**
 * A virtio SCSI host adapter in use. Every method waits for its answer. After a unit attention the command is sent
 * again; any other failure throws a ScsiError, and no answer at all a DriverError.
 *
 * @example
 * const host = machine.attach(virtioScsiDriver);
 * const [disk] = host.scan();                    // { target: 1, lun: 0, inquiry: { vendor: 'Google', … } }
 * host.readCapacity(1).blocks;                   // of 512 bytes
 * host.write(1, 0, new Uint8Array(512));
 * host.flush(1);
 * host.read(1, 0, 8);                            // 4096 bytes from block 0
 * host.events();                                 // disks added and removed since
 * host.close();
 */
export class ScsiHost {
  /** Names of the features negotiated: HOTPLUG, CHANGE. */
  readonly features: readonly string[];
  /** The highest target and LUN that may be there. */
  readonly maxTarget: number;
  readonly maxLun: number;
  private readonly device: VirtioDriver;
  private readonly control: DriverScsiControlQueue;
  private readonly eventQueue: DriverScsiEventQueue;
  private readonly requests: RequestQueue;
  private readonly runner: CommandRunner;
  private readonly disks: DiskAccess;

  constructor(port: GuestPort, bdf: number, use: VirtioUse = {}) {
    const device = new VirtioDriver(port, bdf, 'virtio-scsi', use);
    this.device = device;
    device.negotiate((offered) => acceptable(offered, [HOTPLUG, CHANGE, ...TRANSPORT_FEATURES]));
    const { transport } = device;
    this.features = (['HOTPLUG', 'CHANGE'] as const).filter((name) => this.took(SCSI_FEATURE[name]));
    this.maxTarget = transport.readConfig(CONFIG.max_target, 2);
    this.maxLun = transport.readConfig(CONFIG.max_lun, 4);
    this.control = new DriverScsiControlQueue(device, SCSI_QUEUE.control);
    this.eventQueue = new DriverScsiEventQueue(
      device,
      SCSI_QUEUE.event,
      transport.readConfig(CONFIG.event_info_size, 4),
    );
    const segMax = transport.readConfig(CONFIG.seg_max, 4);
    this.requests = new RequestQueue(device, SCSI_QUEUE.request, segMax);
    this.runner = new CommandRunner(device, this.requests);
    this.disks = new DiskAccess(this, this.runner, {
      segments: this.requests.pagesMax,
      sectors: transport.readConfig(CONFIG.max_sectors, 4),
      depth: transport.readConfig(CONFIG.cmd_per_lun, 4),
    });
    // The only two fields a driver may write; a driver before us may have left something else.
    transport.writeConfig(CONFIG.sense_size, SENSE_SIZE_DEFAULT, 4);
    transport.writeConfig(CONFIG.cdb_size, CDB_SIZE_DEFAULT, 4);
    device.ready();
    if (this.took(HOTPLUG) || this.took(CHANGE)) this.eventQueue.stock();
  }

  /** Null where there is no such target. */
  inquiry(target: number, lun = 0): Inquiry | null {
    const answer = this.runner.execute({ target, lun }, command.inquiry(INQUIRY_SIZE));
    if (answer.response === SCSI_RESPONSE.BAD_TARGET) return null;
    if (answer.response !== SCSI_RESPONSE.OK || answer.status !== 0)
      throw new ScsiError('INQUIRY', target, lun, answer);
    const bytes = new Uint8Array(INQUIRY_SIZE);
    bytes.set(answer.data);
    return decodeInquiry(bytes);
  }

  /** A vital product data page, whole, its four bytes of head included. */
  vpd(target: number, page: number, lun = 0): Uint8Array {
    checkWhole('page', page, 0, 0xff);
    const head = this.run({ target, lun }, command.inquiryPage(page, VPD_HEAD));
    const length = VPD_HEAD + ((head[2]! << 8) | head[3]!);
    return this.run({ target, lun }, command.inquiryPage(page, length));
  }

  reportLuns(target: number): number[] {
    return decodeLuns(this.run({ target, lun: 0 }, command.reportLuns(LUNS_SIZE)));
  }

  /** Returns the unit attentions that came before the unit was ready. */
  testUnitReady(target: number, lun = 0): ScsiSense[] {
    return this.runner.run({ target, lun }, command.testUnitReady()).attentions;
  }

  readCapacity(target: number, lun = 0): Capacity {
    return this.disks.readCapacity({ target, lun });
  }

  /** Header, block descriptor and pages, as they come; without a page number all pages. */
  modeSense(target: number, page = ALL_PAGES, lun = 0): Uint8Array {
    checkWhole('page', page, 0, 0xff);
    return this.run({ target, lun }, command.modeSense6(page, MODE_SENSE_SIZE));
  }

  /** Reads `blocks` logical blocks from `lba` on, in pieces, with several under way. */
  read(target: number, lba: number, blocks: number, lun = 0): Uint8Array {
    return this.disks.read({ target, lun }, { lba, blocks });
  }

  /** As `read`, for more than memory holds: `each` gets piece after piece, in order. */
  readEach(target: number, lba: number, blocks: number, each: (bytes: Uint8Array) => void, lun = 0): void {
    this.disks.readEach({ target, lun }, { lba, blocks }, each);
  }

  /** Writes whole blocks from `lba` on. They are safe after `flush`. */
  write(target: number, lba: number, data: Uint8Array, lun = 0): void {
    this.disks.write({ target, lun }, lba, data);
  }

  flush(target: number, lun = 0): void {
    this.run({ target, lun }, command.synchronizeCache10());
  }

  /** Tells the unit that blocks are no longer needed. */
  unmap(target: number, extents: readonly command.Extent[], lun = 0): void {
    this.disks.unmap({ target, lun }, extents);
  }

  /** Every unit of every target. */
  scan(): FoundUnit[] {
    return Array.from({ length: this.maxTarget + 1 }, (_, target) => this.scanTarget(target)).flat();
  }

  /** Every unit of one target; none where there is no such target. */
  scanTarget(target: number): FoundUnit[] {
    const first = this.inquiry(target);
    if (first === null) return [];
    return this.reportLuns(target)
      .filter((lun) => lun <= this.maxLun)
      .map((lun) => ({ target, lun, inquiry: lun === 0 ? first : this.inquiry(target, lun)! }))
      .filter(({ inquiry }) => inquiry.qualifier !== NO_UNIT);
  }

  /**
   * What the adapter told since the last time, after waiting up to `limit` nanoseconds for the first. What is known
   * of the units concerned is forgotten, and a unit added is asked who it is.
   */
  events(limit: Nanos = 0): (ScsiEvent & { readonly units: readonly FoundUnit[] })[] {
    this.device.wait(() => this.eventQueue.waiting > 0, limit);
    return this.eventQueue.takeAll().map((event) => {
      if (event.missed) this.disks.forgetAll();
      else this.disks.forget(event);
      const units = event.missed ? this.scan() : event.what === 'added' ? this.scanTarget(event.target) : [];
      return { ...event, units };
    });
  }

  /** Resets a unit by task management; false when it refuses. */
  resetUnit(target: number, lun = 0): boolean {
    return this.control.resetUnit({ target, lun });
  }

  /** Sends one command of the caller's and returns whatever comes of it. */
  execute(target: number, lun: number, sent: command.ScsiCommand): ReturnType<CommandRunner['execute']> {
    checkObject('command', sent);
    checkBytes('command.cdb', sent.cdb);
    if (sent.dataOut !== undefined) checkBytes('command.dataOut', sent.dataOut);
    if (sent.dataIn !== undefined) checkWhole('command.dataIn', sent.dataIn, 0, 0xffff_ffff);
    if (sent.cdb.length > CDB_SIZE_DEFAULT)
      throw new MisuseError('cdb.length', sent.cdb.length, `at most ${CDB_SIZE_DEFAULT}`);
    return this.runner.execute({ target, lun }, sent);
  }

  /** Resets the adapter and gives its rings and buffers back. */
  close(): void {
    this.device.close();
    this.control.release();
    this.eventQueue.release();
    this.requests.release();
  }

  private run(unit: UnitAddress, sent: command.ScsiCommand): Uint8Array {
    return this.runner.run(unit, sent).data;
  }

  private took(feature: number): boolean {
    return this.device.features.has(feature);
  }
}
