import type { Nanos } from '../../../core/bits.ts';
import { checkBytes, checkObject, checkWhole } from '../../../core/checks.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { CDB_SIZE_DEFAULT, SCSI_FEATURE, SCSI_RESPONSE } from '../../../virtio/scsi/registers.ts';
import { SavedFunction } from '../../pci/saved-function.ts';
import { type Capacity, decodeInquiry, decodeLuns, INQUIRY_SIZE, type Inquiry } from '../../scsi/answers.ts';
import * as command from '../../scsi/commands.ts';
import { ScsiError, type ScsiSense } from '../../scsi/sense.ts';
import type { VirtioUse } from '../../virtio/virtio-driver.ts';
import { type Adapter, bringUp, takeDown } from './bring-up.ts';
import type { CommandRunner } from './command-runner.ts';
import type { ScsiEvent } from './event-queue.ts';
import type { UnitAddress } from './request-queue.ts';

const LUNS_SIZE = 4096;
const MODE_SENSE_SIZE = 255;
const ALL_PAGES = 0x3f;
const NO_UNIT = 3;

/** A logical unit found by a scan. */
export interface FoundUnit extends UnitAddress {
  readonly inquiry: Inquiry;
}

/** An event, and the units found when it was handled. */
type HeardEvent = ScsiEvent & { readonly units: readonly FoundUnit[] };

/**
 * A virtio SCSI host adapter in use. Every method waits for its answer. After a unit attention the command is sent
 * again; any other failure throws a ScsiError, and a missing answer a DriverError.
 *
 * @example
 * const host = machine.attach(virtioScsiDriver);
 * const [disk] = host.scan();                    // { target: 1, lun: 0, inquiry: { vendor: 'Google', … } }
 * host.readCapacity(1).blocks;                   // of 512 bytes
 * host.write(1, 0, new Uint8Array(512));
 * host.flush(1);
 * host.read(1, 0, 8);                            // 4096 bytes from block 0
 * host.events();                                 // disks added and removed since; they are already rescanned
 * host.suspend();                                // power may go and come
 * host.resume();
 * host.close();
 */
export class ScsiHost {
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly use: VirtioUse;
  private adapter: Adapter;
  private saved: SavedFunction | null = null;
  /** Events handled but not yet returned. */
  private heard: HeardEvent[] = [];
  /** Suspended by SUSPEND, with all its state. */
  private suspended = false;

  constructor(port: GuestPort, bdf: number, use: VirtioUse = {}) {
    this.port = port;
    this.bdf = bdf;
    this.use = use;
    this.adapter = bringUp(port, bdf, use);
  }

  /** Names of the negotiated features: HOTPLUG, CHANGE. */
  get features(): readonly string[] {
    const { features } = this.adapter.device;
    return (['HOTPLUG', 'CHANGE'] as const).filter((name) => features.has(SCSI_FEATURE[name]));
  }

  /** The highest possible target. */
  get maxTarget(): number {
    return this.adapter.maxTarget;
  }

  /** The highest possible LUN. */
  get maxLun(): number {
    return this.adapter.maxLun;
  }

  /** Null if there is no such target. */
  inquiry(target: number, lun = 0): Inquiry | null {
    const answer = this.adapter.runner.execute({ target, lun }, command.inquiry(INQUIRY_SIZE));
    if (answer.response === SCSI_RESPONSE.BAD_TARGET) return null;
    if (answer.response !== SCSI_RESPONSE.OK || answer.status !== 0)
      throw new ScsiError('INQUIRY', target, lun, answer);
    const bytes = new Uint8Array(INQUIRY_SIZE);
    bytes.set(answer.data);
    return decodeInquiry(bytes);
  }

  /** A complete vital product data page, including its four-byte header. */
  vpd(target: number, page: number, lun = 0): Uint8Array {
    checkWhole('page', page, 0, 0xff);
    return this.adapter.disks.readPage({ target, lun }, page);
  }

  reportLuns(target: number): number[] {
    return decodeLuns(this.run({ target, lun: 0 }, command.reportLuns(LUNS_SIZE)));
  }

  /** Waits until the unit is ready. Returns the unit attentions reported before. */
  testUnitReady(target: number, lun = 0): ScsiSense[] {
    return this.adapter.runner.run({ target, lun }, command.testUnitReady()).attentions;
  }

  readCapacity(target: number, lun = 0): Capacity {
    return this.adapter.disks.readCapacity({ target, lun });
  }

  /** Header, block descriptor and pages, unparsed; by default all pages. */
  modeSense(target: number, page = ALL_PAGES, lun = 0): Uint8Array {
    checkWhole('page', page, 0, 0xff);
    return this.run({ target, lun }, command.modeSense6(page, MODE_SENSE_SIZE));
  }

  /** Reads `blocks` logical blocks from `lba` on, in pieces, with several in flight. */
  read(target: number, lba: number, blocks: number, lun = 0): Uint8Array {
    this.attend();
    return this.adapter.disks.read({ target, lun }, { lba, blocks });
  }

  /** As `read`, for more than fits in memory: `each` gets piece after piece, in order. */
  readEach(target: number, lba: number, blocks: number, each: (bytes: Uint8Array) => void, lun = 0): void {
    this.attend();
    this.adapter.disks.readEach({ target, lun }, { lba, blocks }, each);
  }

  /** Writes whole blocks from `lba` on. They are persistent after `flush`. */
  write(target: number, lba: number, data: Uint8Array, lun = 0): void {
    this.attend();
    this.adapter.disks.write({ target, lun }, lba, data);
  }

  flush(target: number, lun = 0): void {
    this.run({ target, lun }, command.synchronizeCache10());
  }

  /** Tells the unit that blocks are no longer needed. */
  unmap(target: number, extents: readonly command.Extent[], lun = 0): void {
    this.attend();
    this.adapter.disks.unmap({ target, lun }, extents);
  }

  /** Every unit of every target. */
  scan(): FoundUnit[] {
    return Array.from({ length: this.maxTarget + 1 }, (_, target) => this.scanTarget(target)).flat();
  }

  /** Every unit of one target; none if there is no such target. */
  scanTarget(target: number): FoundUnit[] {
    const first = this.inquiry(target);
    if (first === null) return [];
    return this.reportLuns(target)
      .filter((lun) => lun <= this.maxLun)
      .map((lun) => ({ target, lun, inquiry: lun === 0 ? first : this.inquiry(target, lun)! }))
      .filter(({ inquiry }) => inquiry.qualifier !== NO_UNIT);
  }

  /**
   * The adapter's events since the last call, after waiting up to `limit` nanoseconds for the first. Cached data of the
   * units concerned was dropped by then, and an added unit was identified.
   */
  events(limit: Nanos = 0): HeardEvent[] {
    const { device, eventQueue } = this.adapter;
    device.wait(() => eventQueue.waiting + this.heard.length > 0, limit);
    this.attend();
    return this.heard.splice(0);
  }

  /** Resets a unit by task management; false if it refuses. */
  resetUnit(target: number, lun = 0): boolean {
    return this.adapter.control.resetUnit({ target, lun });
  }

  /** Sends one command of the caller's and returns its result. */
  execute(target: number, lun: number, sent: command.ScsiCommand): ReturnType<CommandRunner['execute']> {
    checkObject('command', sent);
    checkBytes('command.cdb', sent.cdb);
    if (sent.dataOut !== undefined) checkBytes('command.dataOut', sent.dataOut);
    if (sent.dataIn !== undefined) checkWhole('command.dataIn', sent.dataIn, 0, 0xffff_ffff);
    if (sent.cdb.length > CDB_SIZE_DEFAULT)
      throw new MisuseError('cdb.length', sent.cdb.length, `at most ${CDB_SIZE_DEFAULT}`);
    return this.adapter.runner.execute({ target, lun }, sent);
  }

  /** Prepares for a loss of power: suspends the adapter or shuts it down, and saves its PCI configuration. */
  suspend(): void {
    this.saved = SavedFunction.of(this.port, this.bdf);
    this.suspended = this.adapter.device.suspend();
    if (!this.suspended) this.close();
  }

  /** Resumes after `suspend`. If the adapter lost its state, everything about its disks is read again. */
  resume(): void {
    this.saved?.restore(this.port);
    if (this.suspended && this.adapter.device.resume()) return;
    if (this.suspended) this.close();
    this.adapter = bringUp(this.port, this.bdf, this.use);
  }

  /** Resets the adapter, disables its bus access and frees its rings and buffers. */
  close(): void {
    takeDown(this.adapter);
  }

  /** Handles the adapter's events. */
  private attend(): void {
    for (const event of this.adapter.eventQueue.takeAll())
      this.heard.push({ ...event, units: this.actUpon(event) });
  }

  private actUpon(event: ScsiEvent): readonly FoundUnit[] {
    const { disks, runner } = this.adapter;
    if (event.missed) {
      disks.forgetAll();
      return this.scan();
    }
    disks.forget(event);
    // The unit attention is left to the unit's next command; capacity and limits are read then.
    if (event.what === 'changed') runner.execute(event, command.inquiry(INQUIRY_SIZE));
    return event.what === 'added' ? this.scanTarget(event.target) : [];
  }

  private run(unit: UnitAddress, sent: command.ScsiCommand): Uint8Array {
    return this.adapter.runner.run(unit, sent).data;
  }
}
