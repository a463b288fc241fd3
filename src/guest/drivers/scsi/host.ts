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
import type { UnitAddress } from './lun.ts';

const LUNS_SIZE = 4096;
const MODE_SENSE_SIZE = 255;
const ALL_PAGES = 0x3f;
const NO_UNIT = 3;

/** A logical unit that a scan found. */
export interface FoundUnit extends UnitAddress {
  readonly inquiry: Inquiry;
}

/** An event, and the units that were found when it was acted upon. */
type HeardEvent = ScsiEvent & { readonly units: readonly FoundUnit[] };

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
 * host.events();                                 // disks added and removed since; it has looked at them by itself
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
  /** What was acted upon, and nobody took yet. */
  private heard: HeardEvent[] = [];
  /** By SUSPEND, with all that it has. */
  private suspended = false;

  constructor(port: GuestPort, bdf: number, use: VirtioUse = {}) {
    this.port = port;
    this.bdf = bdf;
    this.use = use;
    this.adapter = bringUp(port, bdf, use);
  }

  /** Names of the features negotiated: HOTPLUG, CHANGE. */
  get features(): readonly string[] {
    const { features } = this.adapter.device;
    return (['HOTPLUG', 'CHANGE'] as const).filter((name) => features.has(SCSI_FEATURE[name]));
  }

  /** The highest target that may be there. */
  get maxTarget(): number {
    return this.adapter.maxTarget;
  }

  /** The highest LUN that may be there. */
  get maxLun(): number {
    return this.adapter.maxLun;
  }

  /** Null where there is no such target. */
  inquiry(target: number, lun = 0): Inquiry | null {
    const answer = this.adapter.runner.execute({ target, lun }, command.inquiry(INQUIRY_SIZE));
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
    return this.adapter.disks.readPage({ target, lun }, page);
  }

  reportLuns(target: number): number[] {
    return decodeLuns(this.run({ target, lun: 0 }, command.reportLuns(LUNS_SIZE)));
  }

  /** Returns the unit attentions that came before the unit was ready. */
  testUnitReady(target: number, lun = 0): ScsiSense[] {
    return this.adapter.runner.run({ target, lun }, command.testUnitReady()).attentions;
  }

  readCapacity(target: number, lun = 0): Capacity {
    return this.adapter.disks.readCapacity({ target, lun });
  }

  /** Header, block descriptor and pages, as they come; without a page number all pages. */
  modeSense(target: number, page = ALL_PAGES, lun = 0): Uint8Array {
    checkWhole('page', page, 0, 0xff);
    return this.run({ target, lun }, command.modeSense6(page, MODE_SENSE_SIZE));
  }

  /** Reads `blocks` logical blocks from `lba` on, in pieces, with several under way. */
  read(target: number, lba: number, blocks: number, lun = 0): Uint8Array {
    this.attend();
    return this.adapter.disks.read({ target, lun }, { lba, blocks });
  }

  /** As `read`, for more than memory holds: `each` gets piece after piece, in order. */
  readEach(target: number, lba: number, blocks: number, each: (bytes: Uint8Array) => void, lun = 0): void {
    this.attend();
    this.adapter.disks.readEach({ target, lun }, { lba, blocks }, each);
  }

  /** Writes whole blocks from `lba` on. They are safe after `flush`. */
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
   * of the units concerned was forgotten by then, and a unit added was asked who it is.
   */
  events(limit: Nanos = 0): HeardEvent[] {
    const { device, eventQueue } = this.adapter;
    device.wait(() => eventQueue.waiting + this.heard.length > 0, limit);
    this.attend();
    return this.heard.splice(0);
  }

  /** Resets a unit by task management; false when it refuses. */
  resetUnit(target: number, lun = 0): boolean {
    return this.adapter.control.resetUnit({ target, lun });
  }

  /** Sends one command of the caller's and returns whatever comes of it. */
  execute(target: number, lun: number, sent: command.ScsiCommand): ReturnType<CommandRunner['execute']> {
    checkObject('command', sent);
    checkBytes('command.cdb', sent.cdb);
    if (sent.dataOut !== undefined) checkBytes('command.dataOut', sent.dataOut);
    if (sent.dataIn !== undefined) checkWhole('command.dataIn', sent.dataIn, 0, 0xffff_ffff);
    if (sent.cdb.length > CDB_SIZE_DEFAULT)
      throw new MisuseError('cdb.length', sent.cdb.length, `at most ${CDB_SIZE_DEFAULT}`);
    return this.adapter.runner.execute({ target, lun }, sent);
  }

  /** Gets ready for the adapter to lose its power: suspends it or takes it down, and remembers where it is. */
  suspend(): void {
    this.saved = SavedFunction.of(this.port, this.bdf);
    this.suspended = this.adapter.device.suspend();
    if (!this.suspended) this.close();
  }

  /** Takes the adapter into use again after `suspend`. If it lost what it had, everything of its disks is asked anew. */
  resume(): void {
    this.saved?.restore(this.port);
    if (this.suspended && this.adapter.device.resume()) return;
    if (this.suspended) this.close();
    this.adapter = bringUp(this.port, this.bdf, this.use);
  }

  /** Resets the adapter, keeps it from the bus and gives its rings and buffers back. */
  close(): void {
    takeDown(this.adapter);
  }

  /** Acts upon what the adapter told. */
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
    // It leaves the unit attention to whoever uses the unit next; capacity and limits are asked for then.
    if (event.what === 'changed') runner.execute(event, command.inquiry(INQUIRY_SIZE));
    return event.what === 'added' ? this.scanTarget(event.target) : [];
  }

  private run(unit: UnitAddress, sent: command.ScsiCommand): Uint8Array {
    return this.adapter.runner.run(unit, sent).data;
  }
}
