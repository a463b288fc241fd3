import { checkWhole } from '../../../core/checks.ts';
import type { Driver } from '../../../core/driver.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { NVME_ID, PAGE } from '../../../nvme/registers/bar0.ts';
import {
  CNS,
  DSM_CDW11,
  DSM_RANGES_MOST,
  dsm_range,
  LOG,
  NVM,
  RW_CDW12,
  STATUS,
  smart_log,
} from '../../../nvme/registers/commands.ts';
import { SavedFunction } from '../../pci/saved-function.ts';
import { type NvmeUse, RunningController } from './controller.ts';
import { controllerOf, type NvmeControllerFacts, type NvmeNamespaceFacts, namespaceOf } from './identify.ts';
import type { CommandFields, Completion } from './queue-pair.ts';
import { PAGES_MOST, prpOf } from './transfer.ts';

/** Linux's driver has this class in its table, whatever the vendor. */
const CLASS = NVME_ID.class;
/** Numbers of 16 bits that count from 0: queues, entries of one, blocks of a command. */
const MOST = 0x1_0000;
const HIGH = 0x1_0000_0000;
/** Of Compare: a byte differs. */
const DIFFERENT = STATUS.COMPARE_FAILURE & 0x7ff;
/** A namespace change is told. */
const NAMESPACES = 1 << 8;

/**
 * An NVMe controller in use: blocks of its namespaces, one command at a time.
 *
 * @example
 * const disk = machine.attach(nvmeDriver);
 * disk.model;                              // 'nvme_card-pd'
 * const [{ nsid, blocks }] = disk.namespaces;
 * disk.write(nsid, 0, bytes);              // whole blocks
 * disk.flush(nsid);
 * disk.read(nsid, 0, 8);
 * disk.close();
 */
export class NvmeDriver {
  facts!: NvmeControllerFacts;
  namespaces: readonly NvmeNamespaceFacts[] = [];
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly use: NvmeUse;
  private saved: SavedFunction | null = null;
  private running: RunningController;
  /** Bytes of a transfer. */
  private most = PAGE;

  constructor(port: GuestPort, bdf: number, use: NvmeUse = {}) {
    checkWhole('nvme.queues', use.queues ?? 1, 1, MOST - 1);
    checkWhole('nvme.entries', use.entries ?? 2, 2, MOST);
    this.port = port;
    this.bdf = bdf;
    this.use = use;
    this.running = this.bringUp();
  }

  get model(): string {
    return this.facts.model;
  }

  get serial(): string {
    return this.facts.serial;
  }

  get firmware(): string {
    return this.facts.firmware;
  }

  /** Pairs of I/O queues in use. */
  get queues(): number {
    return this.running.pairs.length;
  }

  /** Reads `count` blocks from `lba` on. @throws DriverError if the disk cannot. */
  read(nsid: number, lba: number, count: number): Uint8Array {
    const { blockSize } = this.namespaceAt(nsid);
    const bytes = new Uint8Array(count * blockSize);
    const pieces = this.piecesOf(nsid, lba, count);
    this.moveAll(NVM.READ, nsid, pieces, 0);
    for (const { transfer, at } of pieces) bytes.set(this.running.transfers.load(transfer), at);
    this.giveBack(pieces);
    return bytes;
  }

  /** Writes whole blocks. With `durable` they survive a loss of power; otherwise `flush` makes them. */
  write(nsid: number, lba: number, bytes: Uint8Array, { durable = false } = {}): void {
    const { blockSize } = this.namespaceAt(nsid);
    const pieces = this.piecesOf(nsid, lba, this.blocksIn(bytes, blockSize));
    for (const { transfer, at } of pieces) this.running.transfers.store(transfer, bytes.subarray(at));
    this.moveAll(NVM.WRITE, nsid, pieces, durable ? RW_CDW12.mask.FUA : 0);
    this.giveBack(pieces);
  }

  /** Whether the disk has these bytes there; as many as one command moves, at most. */
  compare(nsid: number, lba: number, bytes: Uint8Array): boolean {
    const { blockSize } = this.namespaceAt(nsid);
    const { transfers } = this.running;
    const transfer = transfers.take(bytes.length);
    transfers.store(transfer, bytes);
    const place = blocksOf(lba, this.blocksIn(bytes, blockSize));
    const status = this.run({ opcode: NVM.COMPARE, nsid, ...place, ...prpOf(transfer) });
    transfers.give(transfer);
    if (status !== 0 && status !== DIFFERENT) this.refused(status);
    return status === 0;
  }

  /** What was written survives a loss of power. */
  flush(nsid: number): void {
    if (this.facts.hasWriteCache) this.must({ opcode: NVM.FLUSH, nsid });
  }

  writeZeroes(nsid: number, lba: number, count: number): void {
    this.must({ opcode: NVM.WRITE_ZEROES, nsid, ...blocksOf(lba, count) });
  }

  /** Looks whether blocks can be read. */
  verify(nsid: number, lba: number, count: number): void {
    this.must({ opcode: NVM.VERIFY, nsid, ...blocksOf(lba, count) });
  }

  /** Tells the disk that the contents of these ranges are not needed. */
  deallocate(nsid: number, ranges: readonly { readonly lba: number; readonly count: number }[]): void {
    if (ranges.length === 0 || ranges.length > DSM_RANGES_MOST)
      throw new MisuseError('ranges.length', ranges.length, `1 to ${DSM_RANGES_MOST}`);
    const list = new Uint8Array(ranges.length * dsm_range.size);
    for (const [i, { lba, count }] of ranges.entries())
      dsm_range.encode({ blocks: count, slba: BigInt(lba) }, list, i * dsm_range.size);
    const { transfers } = this.running;
    const transfer = transfers.take(list.length);
    transfers.store(transfer, list);
    const fields = { nsid, cdw10: ranges.length - 1, cdw11: DSM_CDW11.mask.AD, ...prpOf(transfer) };
    this.must({ opcode: NVM.DATASET_MANAGEMENT, ...fields });
    transfers.give(transfer);
  }

  /** Kelvin, from the log page SMART. */
  temperature(): number {
    return smart_log.decode(this.running.readLog(LOG.SMART, smart_log.size)).composite_temperature;
  }

  /** Follows what the controller told of its namespaces. @returns whether it told anything. */
  follow(): boolean {
    const changed = this.running.takeEvents();
    if (changed.length > 0) this.scan();
    return changed.length > 0;
  }

  /** Takes all completions, even without an interrupt. */
  poll(): void {
    this.running.poll();
  }

  /** Prepares for a loss of power. */
  suspend(): void {
    this.saved = SavedFunction.of(this.port, this.bdf);
    this.close();
  }

  /** Resumes after `suspend`. */
  resume(): void {
    this.saved?.restore(this.port);
    this.running = this.bringUp();
  }

  close(): void {
    this.running.close();
  }

  private bringUp(): RunningController {
    const running = new RunningController(this.port, this.bdf, this.use);
    this.running = running;
    const found = controllerOf(running.identify(CNS.CONTROLLER));
    this.facts = found;
    this.most = Math.min(found.most, PAGES_MOST * PAGE);
    running.makeQueues(this.use.queues ?? 1);
    if (running.pairs.length === 0) running.fail('it grants no queues');
    if ((found.events & NAMESPACES) !== 0) running.listen(NAMESPACES);
    this.scan();
    return running;
  }

  private scan(): void {
    const { running } = this;
    const all = running.list().map((nsid) => namespaceOf(nsid, running.identify(CNS.NAMESPACE, nsid)));
    // Without blocks it is passed over.
    this.namespaces = all.filter(({ blocks }) => blocks > 0);
  }

  private namespaceAt(nsid: number): NvmeNamespaceFacts {
    const found = this.namespaces.find((one) => one.nsid === nsid);
    if (found === undefined) throw new MisuseError('nsid', nsid, 'a namespace that there is');
    return found;
  }

  private blocksIn(bytes: Uint8Array, blockSize: number): number {
    if (bytes.length === 0 || bytes.length % blockSize !== 0)
      throw new MisuseError('bytes.length', bytes.length, `whole blocks of ${blockSize} bytes`);
    return bytes.length / blockSize;
  }

  /** What so many commands move as are needed for it. */
  private piecesOf(nsid: number, lba: number, count: number): Piece[] {
    const { blockSize } = this.namespaceAt(nsid);
    const most = Math.floor(this.most / blockSize);
    if (most === 0) this.running.fail('a command cannot move a block');
    return Array.from({ length: Math.ceil(count / most) }, (_, i) => {
      const blocks = Math.min(most, count - i * most);
      const transfer = this.running.transfers.take(blocks * blockSize);
      return { lba: lba + i * most, blocks, at: i * most * blockSize, transfer };
    });
  }

  /** Moves all pieces, in any order. A transfer that failed is given back, too. */
  private moveAll(opcode: number, nsid: number, pieces: readonly Piece[], flags: number): void {
    const commands = pieces.map(({ lba, blocks, transfer }) => {
      const place = blocksOf(lba, blocks);
      return { opcode, nsid, ...place, cdw12: (place.cdw12 | flags) >>> 0, ...prpOf(transfer) };
    });
    const failed = this.runAll(commands).find(({ status }) => status !== 0);
    if (failed === undefined) return;
    this.giveBack(pieces);
    this.refused(failed.status);
  }

  private giveBack(pieces: readonly Piece[]): void {
    for (const { transfer } of pieces) this.running.transfers.give(transfer);
  }

  private must(fields: CommandFields): void {
    const status = this.run(fields);
    if (status !== 0) this.refused(status);
  }

  /** Carries out an I/O command. @returns its status. */
  private run(fields: CommandFields): number {
    return this.runAll([fields])[0]!.status;
  }

  /** Carries out I/O commands. A controller that does not end one, even if it is aborted, is reset and started again. */
  private runAll(commands: readonly CommandFields[]): readonly Completion[] {
    const { running } = this;
    const ended = running.runAll(commands);
    if (isComplete(ended)) return ended;
    running.abandon();
    this.bringUp();
    return running.fail('a command does not end: the controller was reset');
  }

  private refused(status: number): never {
    this.running.fail(`a command failed with status ${status.toString(16)}`);
  }
}

/** @throws MisuseError for blocks that no command can name. */
/** A part of what is read or written: its blocks, where they are in it, and in memory. */
interface Piece {
  readonly lba: number;
  readonly blocks: number;
  readonly at: number;
  readonly transfer: ReturnType<RunningController['transfers']['take']>;
}

function isComplete(ended: readonly (Completion | null)[]): ended is readonly Completion[] {
  return ended.every((one) => one !== null);
}

function blocksOf(lba: number, count: number): { cdw10: number; cdw11: number; cdw12: number } {
  checkWhole('nvme.lba', lba, 0, Number.MAX_SAFE_INTEGER);
  checkWhole('nvme.count', count, 1, MOST);
  return { cdw10: lba % HIGH, cdw11: Math.floor(lba / HIGH), cdw12: count - 1 };
}

/**
 * The driver of NVMe controllers.
 *
 * @example machine.attach(nvme({ interrupts: 'polled', queues: 2 }));
 */
export function nvme(use: NvmeUse = {}): Driver<NvmeDriver> {
  return {
    name: 'nvme',
    matches: (id) => id.class === CLASS,
    attach: (port, bdf) => new NvmeDriver(port, bdf, use),
  };
}

/** The driver of NVMe controllers, with defaults. */
export const nvmeDriver: Driver<NvmeDriver> = nvme();
