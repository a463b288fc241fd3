import type { Mark } from '../../core/access.ts';
import type { Nanos } from '../../core/bits.ts';
import { deviceOf } from '../../core/finding.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { CDB, type Cdb, cdbOf } from '../../scsi/cdb/registers.ts';
import type { AnsweredRequest, ScsiEvents, SeenMoves } from '../../virtio/scsi/events.ts';
import { SCSI_RESPONSE, WELL_KNOWN } from '../../virtio/scsi/registers.ts';
import { GCE_DISKS } from '../gce/disks.ts';
import { addSuspect } from '../suspected.ts';
import { AbsentUnits, OF_TARGET } from './absent-units.ts';
import { SCSI_COMMANDS } from './commands.ts';
import { isOtherWay, NAMED, NAMING_BLOCKS, SCSI_DATA, TRANSFERS } from './data.ts';
import { type KnownUnit, KnownUnits } from './known-units.ts';
import { attentionIn, behindData, type InitiatorKnows, type SeenUnits, unitText } from './knows.ts';
import { isModeSelect, isReserveOut } from './parameter-lists.ts';
import { SCSI_REFUSALS } from './refusals.ts';
import { ReservationKeys } from './reservation-keys.ts';

const { OK, OVERRUN, BAD_TARGET } = SCSI_RESPONSE;
const GOOD = 0;
const BLOCK = 512;
/** A driver may be busy with something else for so long. */
const PATIENCE: Nanos = 1_000_000_000;
const NO_UNIT: KnownUnit = { key: -1, blocks: 0, isLarge: false, asked16: false };
/** BUSY and TASK SET FULL. */
const HAS_NO_ROOM: ReadonlySet<number> = new Set([0x08, 0x28]);

const RULES = { ...SCSI_COMMANDS, ...SCSI_DATA, ...SCSI_REFUSALS, ...GCE_DISKS };

/**
 * Watches an initiator's commands to logical units, by whatever transport. Reads and writes that succeeded are only
 * counted: a unit refuses any whose CDB is wrong.
 */
export class InitiatorWatch implements InitiatorKnows, Partial<ScsiEvents> {
  readonly isFirst = true;
  readonly limits: SeenUnits['limits'];
  request!: AnsweredRequest;
  response = 0;
  cdb: Cdb = CDB.TEST_UNIT_READY;
  isTransfer = false;
  takesFua = false;
  wentOn = false;
  highestAtZero = 0;
  /** When it first learned that nothing is at target 0, and whether it sent anything since. */
  private nobodyAtZero: Nanos | null = null;
  private askedAgain = false;
  lba = 0;
  blocks = 0;
  wasTold = false;
  unheeded: string | null = null;
  /** The unit attention that was the last answer, in words; null for another. */
  private attention: string | null = null;
  private misplaced: string | null = null;
  since: Mark = 0;
  private readonly name: () => string;
  private readonly journal: Journal;
  private readonly units: SeenUnits;
  private readonly known = new KnownUnits();
  private readonly absent = new AbsentUnits();
  private readonly keys = new ReservationKeys();
  private unit: KnownUnit = NO_UNIT;
  /** Reads and writes that kept every rule and are not reported to the rules yet. */
  private well = 0;
  /** Those of more than one block. */
  private wellSeveral = 0;
  private last: Nanos = 0;
  private readonly on;

  /** @param name names the adapter that is addressed. */
  constructor(name: () => string, units: SeenUnits, journal: Journal) {
    this.name = name;
    this.units = units;
    this.limits = units.limits;
    this.journal = journal;
    this.on = new Watch(journal, RULES).on;
    journal.beforeReading(() => this.settle());
    journal.atEnd(() => this.ended());
    addSuspect(journal, this);
  }

  get subject(): string {
    return this.name();
  }

  get capacity(): number {
    return this.units.blocksOf(this.request.target, this.request.lun);
  }

  get capacityTold(): number {
    return this.unit.blocks;
  }

  get asked16(): boolean {
    return this.unit.asked16;
  }

  get listed(): boolean {
    return this.known.isListed(this.request.target);
  }

  get isTurned(): boolean {
    return this.absent.isTurned;
  }

  get ownKey(): bigint | null {
    return this.keys.of(this.unit.key);
  }

  get timesBusy(): number {
    return this.known.busyness(this.unit)?.times ?? 0;
  }

  get busyFor(): Nanos {
    return this.journal.now - (this.known.busyness(this.unit)?.since ?? this.journal.now);
  }

  answered(request: AnsweredRequest, response: number): void {
    const { command, target, lun } = request;
    const { cdb, status, transferred, dataIn, dataOut } = command;
    const isTransfer = TRANSFERS[cdb[0]!] === 1;
    this.answers();
    if (this.nobodyAtZero !== null) this.askedAgain = true;
    if (target > 0) this.wentOn = true;
    else if (target === 0 && response === BAD_TARGET) this.foundNothing(lun);
    const isDone = response === OK && status === GOOD && transferred === dataIn.total + dataOut.total;
    if (isTransfer && isDone && this.known.isPlain(target, lun)) {
      this.wellDone(command.expected);
      return;
    }
    this.tellPresence(request, response, isTransfer);
    const declared = target < 0 || (response !== OK && response !== OVERRUN) ? null : cdbOf(cdb);
    if (declared === null) return;
    this.request = request;
    this.misplaced = behindData(request);
    this.response = response;
    this.cdb = declared;
    this.isTransfer = isTransfer;
    this.unit = this.capacity < 0 ? NO_UNIT : this.known.of(target, lun);
    [this.lba, this.blocks] = NAMED.get(cdb[0]!)?.(cdb) ?? [0, 0];
    this.takesFua = this.units.takesFua(target, lun);
    this.tell();
    this.takesFua = false;
    if (response === OK && status === GOOD) this.learn();
  }

  moveDone(target: number, lun: number, blocks: number, moves: SeenMoves, i: number): void {
    if (!this.known.isPlain(target, lun)) {
      this.answered(moves.answered(i), OK);
      return;
    }
    this.answers();
    if (this.nobodyAtZero !== null) this.askedAgain = true;
    if (target > 0) this.wentOn = true;
    this.wellDone(blocks * BLOCK);
  }

  /** A driver that was told that there is no such unit has no reason to read it. */
  private tellPresence(request: AnsweredRequest, response: number, isTransfer: boolean): void {
    const { target, lun, command } = request;
    const cdb = cdbOf(command.cdb);
    if (target < 0 || target === WELL_KNOWN || (response !== OK && response !== BAD_TARGET)) return;
    if (this.units.blocksOf(target, lun) >= 0) {
      this.absent.see(target, lun);
      return;
    }
    const tells = !isTransfer && cdb !== null && (response === BAD_TARGET || !OF_TARGET.has(cdb));
    this.wasTold = this.absent.miss(target, lun, tells) && isTransfer;
    if (cdb === null) return;
    this.request = request;
    this.response = response;
    this.cdb = cdb;
    this.on.absent.tell(this);
  }

  private answers(): void {
    this.attention = this.misplaced = null;
    this.since = this.journal.mark;
  }

  /** A driver that stops there has looked for the answer elsewhere, or took the unit attention for a failure. */
  get suspicion(): string | null {
    const { device, attention, misplaced } = this;
    if (misplaced !== null) return `virtio/SCSI-IMP-2: ${device}: ${misplaced}`;
    return attention === null ? null : `scsi/UNIT-ATTENTION: ${device}: ${attention}`;
  }

  get device(): string {
    return deviceOf(this.name());
  }

  private foundNothing(lun: number): void {
    this.nobodyAtZero ??= this.journal.now;
    this.highestAtZero = Math.max(this.highestAtZero, lun);
  }

  private wellDone(bytes: number): void {
    this.absent.straighten();
    this.well++;
    if (bytes > BLOCK) this.wellSeveral++;
    this.last = this.journal.now;
  }

  /** Another driver has the adapter, or the same one after a reset. */
  reset(): void {
    for (const part of [this.known, this.absent, this.keys]) part.forget();
    this.wentOn = this.askedAgain = false;
    this.nobodyAtZero = this.attention = null;
    this.highestAtZero = 0;
  }

  /** The run is over. A driver that had no time for further targets is not judged. */
  ended(): void {
    const { known, journal } = this;
    for (const { at, said } of known.unheeded) {
      this.unheeded = this.attention === null || journal.now - at >= PATIENCE ? said : null;
      this.on.attention.tell(this);
    }
    this.unheeded = null;
    if (this.isTurned) this.on.addressed.tell(this);
    if (this.nobodyAtZero === null) return;
    const isOver = this.askedAgain || this.journal.now - this.nobodyAtZero >= PATIENCE;
    if (isOver) this.on['target 0 absent'].tell(this);
  }

  private tell(): void {
    const { on, cdb, request } = this;
    on.command.tell(this);
    if (cdb.data === null) on['no data'].tell(this);
    else {
      on.data.tell(this);
      if (request.command.expected > 0 && !isOtherWay(this)) on.room.tell(this);
    }
    if (cdb === CDB.INQUIRY) on.INQUIRY.tell(this);
    else if (cdb === CDB.REPORT_LUNS) on['REPORT LUNS'].tell(this);
    else if (cdb === CDB.UNMAP) on.UNMAP.tell(this);
    if (this.capacity < 0) return;
    this.tellIfBusy();
    this.tellAttention();
    if (NAMING_BLOCKS.has(cdb)) on.blocks.tell(this);
    if (!this.isTransfer) {
      this.tellIfSent();
      return;
    }
    on.transfer.tell(this);
    if (this.blocks > 1) on['several blocks'].tell(this);
    if (this.unit.isLarge) on.large.tell(this);
    if (this.known.use(this.unit) && request.lun !== 0) on['further unit'].tell(this);
  }

  private tellIfSent(): void {
    const { on, cdb } = this;
    if (cdb.data !== 'out' || cdb === CDB.UNMAP) return;
    on.sends.tell(this);
    if (isModeSelect(this) || isReserveOut(this)) on.list.tell(this);
    if (isReserveOut(this)) on.reserve.tell(this);
  }

  private tellIfBusy(): void {
    const { known, unit, request, journal } = this;
    const { status, cdb } = request.command;
    if (known.busyness(unit) !== null) this.on.again.tell(this);
    if (status === GOOD) known.wasFree(unit);
    else known.wasBusy(unit, journal.now, HAS_NO_ROOM.has(status) ? '' : cdb.join());
  }

  private tellAttention(): void {
    const { known, unit, request, lba, blocks, isTransfer, journal } = this;
    const sense = attentionIn(request.command);
    if (sense !== null) {
      const said = `${unitText(this)} answered ${this.cdb.name} with a unit attention, ${sense}, and it was not sent again`;
      this.attention = said;
      this.keys.attend(unit.key, sense);
      if (isTransfer) known.attend(unit, { lba, at: journal.now, said });
    } else if (isTransfer && known.heeds(unit, lba, blocks)) this.on.attention.tell(this);
  }

  /** Keeps what the initiator learns from this answer. */
  private learn(): void {
    const { cdb, unit, request } = this;
    if (cdb === CDB.REPORT_LUNS) this.known.list(request.target);
    else if (cdb === CDB.READ_CAPACITY_10) this.known.told10(unit, this.capacity);
    else if (cdb === CDB.READ_CAPACITY_16) this.known.told16(unit, this.capacity);
    else if (isReserveOut(this)) this.keys.learn(unit.key, this);
  }

  private settle(): void {
    const { on, well, last } = this;
    for (const moment of ['command', 'data', 'room', 'blocks', 'transfer'] as const)
      on[moment].repeat(this, well, last);
    on['several blocks'].repeat(this, this.wellSeveral, last);
    this.well = this.wellSeveral = 0;
  }
}
