import { checkBytes, checkFunction, checkList, checkObject, checkWhole } from '../../../core/checks.ts';
import { MisuseError } from '../../../core/misuse.ts';
import {
  type BlockLimits,
  CAPACITY_10_SIZE,
  CAPACITY_16_SIZE,
  type Capacity,
  decodeBlockLimits,
  decodeCapacity10,
  decodeCapacity16,
  NO_LIMITS,
} from '../../scsi/answers.ts';
import * as command from '../../scsi/commands.ts';
import { ScsiError, SENSE_KEY } from '../../scsi/sense.ts';
import type { CommandRunner } from './command-runner.ts';
import { checkUnit, PAGE, type UnitAddress } from './request-queue.ts';

const PIECE_MAX = 256 * 1024;
/** Commands in flight: enough to keep a device busy; each more costs memory. */
const DEPTH_MAX = 16;
const SECTOR = 512;
const SUPPORTED_PAGES = 0x00;
const BLOCK_LIMITS = 0xb0;
const PAGE_HEAD = 4;
const READ = { name: 'READ' };

/** Limits of the host adapter's configuration. */
interface AdapterLimits {
  /** Data segments of one request. */
  readonly segments: number;
  /** Size of one request, in units of 512 bytes. */
  readonly sectors: number;
  /** Commands in flight to one unit. */
  readonly depth: number;
}

interface Geometry {
  readonly capacity: Capacity;
  readonly limits: BlockLimits;
  /** Blocks of one request. */
  readonly piece: number;
}

/** Maximum size of one `read`; `readEach` reads more. */
const READ_MOST = 2 ** 31;

function checkExtent(extent: command.Extent): void {
  checkObject('extent', extent);
  checkWhole('lba', extent.lba, 0, Number.MAX_SAFE_INTEGER);
  checkWhole('blocks', extent.blocks, 0, Number.MAX_SAFE_INTEGER);
}

/** Reading and writing of block devices: in pieces within the limits of adapter and unit, several in flight. */
export class DiskAccess {
  private readonly runner: CommandRunner;
  private readonly adapter: AdapterLimits;
  private readonly known = new Map<string, Geometry>();

  constructor(runner: CommandRunner, adapter: AdapterLimits) {
    this.runner = runner;
    this.adapter = adapter;
  }

  /** READ CAPACITY(16) first; READ CAPACITY(10) for a unit too old to support it. */
  readCapacity(unit: UnitAddress): Capacity {
    try {
      return decodeCapacity16(this.runner.run(unit, command.readCapacity16(), CAPACITY_16_SIZE).data);
    } catch (error) {
      if (!(error instanceof ScsiError) || error.sense?.key !== SENSE_KEY['ILLEGAL REQUEST']) throw error;
      return decodeCapacity10(this.runner.run(unit, command.readCapacity10(), CAPACITY_10_SIZE).data);
    }
  }

  /** A complete vital product data page: its header has its length. */
  readPage(unit: UnitAddress, page: number): Uint8Array {
    const head = this.runner.run(unit, command.inquiryPage(page, PAGE_HEAD), PAGE_HEAD).data;
    const length = PAGE_HEAD + ((head[2]! << 8) | head[3]!);
    return this.runner.run(unit, command.inquiryPage(page, length)).data;
  }

  read(unit: UnitAddress, extent: command.Extent): Uint8Array {
    const { blockLength } = this.geometry(unit).capacity;
    checkWhole('blocks', extent.blocks, 0, Math.floor(READ_MOST / blockLength));
    const length = extent.blocks * blockLength;
    let all: Uint8Array | null = null;
    let at = 0;
    this.readEach(unit, extent, (bytes) => {
      // A single piece need not be copied.
      if (bytes.length === length) all = bytes;
      else (all ??= new Uint8Array(length)).set(bytes, at);
      at += bytes.length;
    });
    return all ?? new Uint8Array(length);
  }

  readEach(unit: UnitAddress, extent: command.Extent, each: (bytes: Uint8Array) => void): void {
    checkExtent(extent);
    checkFunction('each', each);
    const { piece, capacity } = this.geometry(unit);
    const part = (number: number): command.Extent => ({
      lba: extent.lba + number * piece,
      blocks: Math.min(piece, extent.blocks - number * piece),
    });
    this.runner.runAll(
      unit,
      Math.ceil(extent.blocks / piece),
      this.depth,
      (number) => {
        const { lba, blocks } = part(number);
        return command.read(lba, blocks, blocks * capacity.blockLength);
      },
      (number, bytes) => each(this.runner.demand(READ, bytes, part(number).blocks * capacity.blockLength)),
    );
  }

  write(unit: UnitAddress, lba: number, data: Uint8Array): void {
    checkWhole('lba', lba, 0, Number.MAX_SAFE_INTEGER);
    checkBytes('data', data);
    const { piece, capacity } = this.geometry(unit);
    if (data.length % capacity.blockLength !== 0)
      throw new MisuseError('data.length', data.length, `a multiple of ${capacity.blockLength}`);
    const bytes = piece * capacity.blockLength;
    this.runner.runAll(
      unit,
      Math.ceil(data.length / bytes),
      this.depth,
      (number) => {
        const part = data.subarray(number * bytes, (number + 1) * bytes);
        return command.write(lba + number * piece, part.length / capacity.blockLength, part);
      },
      () => {},
    );
  }

  /** Uses as many commands as needed: a unit limits the blocks and extents of one UNMAP. */
  unmap(unit: UnitAddress, extents: readonly command.Extent[]): void {
    checkList('extents', extents);
    for (const extent of extents) checkExtent(extent);
    const { unmapBlocks, unmapExtents } = this.geometry(unit).limits;
    if (unmapBlocks === 0 || unmapExtents === 0)
      throw new MisuseError('target', unit.target, 'a unit that supports UNMAP');
    const parts = extents.flatMap((extent) => split(extent, unmapBlocks));
    while (parts.length > 0) {
      let count = 1;
      let blocks = parts[0]!.blocks;
      while (count < Math.min(parts.length, unmapExtents) && blocks + parts[count]!.blocks <= unmapBlocks)
        blocks += parts[count++]!.blocks;
      this.runner.run(unit, command.unmap(parts.splice(0, count)));
    }
  }

  /** To be called when a unit changed or was removed: its capacity and limits are read again. */
  forget({ target, lun }: UnitAddress): void {
    this.known.delete(`${target}/${lun}`);
  }

  forgetAll(): void {
    this.known.clear();
  }

  private get depth(): number {
    return Math.max(1, Math.min(DEPTH_MAX, this.adapter.depth));
  }

  private geometry(unit: UnitAddress): Geometry {
    checkUnit(unit);
    const key = `${unit.target}/${unit.lun}`;
    const kept = this.known.get(key);
    if (kept !== undefined) return kept;
    const capacity = this.readCapacity(unit);
    const { blockLength } = capacity;
    if (blockLength < SECTOR || !Number.isInteger(Math.log2(blockLength)))
      this.runner.refuse(`the disk says that its blocks have ${blockLength} bytes`);
    const limits = this.readLimits(unit);
    const bytes = Math.min(PIECE_MAX, this.adapter.segments * PAGE, this.adapter.sectors * SECTOR);
    const piece = Math.max(1, Math.min(Math.floor(bytes / blockLength), limits.transfer));
    const geometry = { capacity, limits, piece };
    this.known.set(key, geometry);
    return geometry;
  }

  private readLimits(unit: UnitAddress): BlockLimits {
    const supported = this.readPage(unit, SUPPORTED_PAGES).subarray(PAGE_HEAD);
    return supported.includes(BLOCK_LIMITS)
      ? decodeBlockLimits(this.readPage(unit, BLOCK_LIMITS))
      : NO_LIMITS;
  }
}

function split({ lba, blocks }: command.Extent, most: number): command.Extent[] {
  const count = Math.ceil(blocks / most);
  return Array.from({ length: count }, (_, i) => ({
    lba: lba + i * most,
    blocks: Math.min(most, blocks - i * most),
  }));
}
