import type * as fs from 'node:fs';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { FileMedium } from '../../../src/media/file.ts';
import type * as holes from '../../../src/media/file-holes.ts';
import { Command } from '../../../src/scsi/command.ts';
import { UNMAP_DESCRIPTOR, UNMAP_LIST } from '../../../src/scsi/commands/registers.ts';
import { ask } from '../../../src/scsi/initiator-rig.ts';
import { LogicalUnit } from '../../../src/scsi/logical-unit.ts';
import { repeats } from '../../repeats.ts';
import { workFolder } from '../work-folder.ts';
import { RecordedFile } from './recorded-file.ts';
import { Sectors } from './sectors.ts';

const BLOCK = 512;
/** 3 MiB and a block: an extent may be above a MiB, and the end is on no border. */
const SECTORS = 6145;
const COMMANDS = 60;
const CUTS_EACH = 40;
const DISKS_EACH = 5;

/** The recorder of calls about the disk's file. */
const told = vi.hoisted(() => ({
  path: '',
  fd: -1,
  holes: true,
  wrote: (_offset: number, _bytes: Uint8Array): void => {},
  truncated: (_length: number): void => {},
  synced: (): void => {},
}));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const openSync = (...values: Parameters<typeof fs.openSync>) => {
    const fd = real.openSync(...values);
    if (values[0] === told.path) told.fd = fd;
    return fd;
  };
  const writeSync = (fd: number, from: Uint8Array, at: number, length: number, offset: number) => {
    const n = real.writeSync(fd, from, at, length, offset);
    if (fd === told.fd) told.wrote(offset, from.slice(at, at + n));
    return n;
  };
  const ftruncateSync = (fd: number, length: number) => {
    real.ftruncateSync(fd, length);
    if (fd === told.fd) told.truncated(length);
  };
  const fsyncSync = (fd: number) => {
    if (fd === told.fd) told.synced();
  };
  return { ...real, openSync, writeSync, ftruncateSync, fsyncSync };
});

vi.mock('../../../src/media/file-holes.ts', async (original) => {
  const real = await original<typeof holes>();
  const punchHole = (fd: number, offset: number, length: number) => {
    const done = told.holes && real.punchHole(fd, offset, length);
    if (done && fd === told.fd) told.wrote(offset, new Uint8Array(length));
    return done;
  };
  return { ...real, punchHole };
});

const folder = workFolder();
const after = join(folder, 'after.img');

/** A disk in use, whose host loses power `cuts` times at any call; it goes on, and the possible remains are checked. */
class CutDisk {
  readonly faults: string[] = [];
  cuts = 0;
  points = 0;
  private readonly random: Random;
  private readonly sectors = new Sectors(SECTORS);
  private readonly file = new RecordedFile(new Uint8Array(SECTORS * BLOCK));
  private readonly unit: LogicalUnit;
  private readonly command = new Command();
  private content = 0;

  constructor(seed: number, holes: boolean) {
    this.random = new Random(seed);
    const path = join(folder, `disk-${seed}.img`);
    writeFileSync(path, new Uint8Array(SECTORS * BLOCK));
    Object.assign(told, {
      path,
      holes,
      wrote: (offset: number, bytes: Uint8Array) => this.called(() => this.file.wrote(offset, bytes)),
      truncated: (length: number) => this.called(() => this.file.truncated(length)),
      synced: () => this.called(() => this.file.synced()),
    });
    this.unit = new LogicalUnit('disk0', FileMedium.open(path));
    this.unit.takeAttention();
  }

  /** Any commands, one after the other, and the end. */
  work(): void {
    const any = [this.write, this.write, this.unmap, this.unmap, this.writeSame, this.read, this.flush];
    for (let i = 0; i < COMMANDS; i++) any[this.random.below(any.length)]!.call(this);
    this.unit.close();
    this.sectors.flush();
    while (this.cuts < CUTS_EACH) this.cut();
    rmSync(told.path);
  }

  private write(): void {
    const { lba, count } = this.extent(512);
    this.sectors.put(lba, count, ++this.content);
    this.good([0x2a, 0, ...be(lba, 4), 0, ...be(count, 2)], Sectors.of(this.content, count));
  }

  private unmap(): void {
    const extents = Array.from({ length: 1 + this.random.below(3) }, () => this.extent(SECTORS));
    const list = new Uint8Array(UNMAP_LIST.size + UNMAP_DESCRIPTOR.size * extents.length);
    UNMAP_LIST.encode({ length: list.length - 2, descriptors: UNMAP_DESCRIPTOR.size * extents.length }, list);
    for (const [i, { lba, count }] of extents.entries()) {
      UNMAP_DESCRIPTOR.encode(
        { lba: BigInt(lba), blocks: count },
        list,
        UNMAP_LIST.size + UNMAP_DESCRIPTOR.size * i,
      );
      this.sectors.put(lba, count, 0);
    }
    this.good([0x42, 0, 0, 0, 0, 0, 0, ...be(list.length, 2)], list);
  }

  /** WRITE SAME(16), with UNMAP and without: a disk that refuses it has changed nothing. */
  private writeSame(): void {
    const { lba, count } = this.extent(SECTORS);
    const unmaps = this.random.below(2) === 1;
    const content = unmaps ? 0 : ++this.content;
    const cdb = [0x93, unmaps ? 8 : 0, ...be(0, 4), ...be(lba, 4), ...be(count, 4)];
    const { status } = this.ask(cdb, Sectors.of(content, 1));
    if (status === 0) this.sectors.put(lba, count, content);
  }

  private read(): void {
    const { lba, count } = this.extent(512);
    const { data } = this.ask([0x28, 0, ...be(lba, 4), 0, ...be(count, 2)], undefined, count * BLOCK);
    if (!this.sectors.isLatest(lba, data.slice())) this.faults.push(`${this.where}: reads what is not there`);
  }

  private flush(): void {
    this.good([0x35]);
    this.sectors.flush();
  }

  private good(cdb: readonly number[], out?: Uint8Array): void {
    const { status, sense } = this.ask(cdb, out);
    if (status !== 0) this.faults.push(`${this.where}: command ${cdb[0]} ends with ${sense}`);
  }

  private ask(cdb: readonly number[], out?: Uint8Array, room = 0) {
    return ask((command) => this.unit.execute(command), this.command, cdb, room, out);
  }

  /** Any, of up to `most` sectors; some reach to the end. */
  private extent(most: number): { lba: number; count: number } {
    const count = 1 + this.random.below(most);
    const lba = this.random.below(4) === 0 ? SECTORS - count : this.random.below(SECTORS - count + 1);
    return { lba, count };
  }

  /** The power may fail at each call. Something of what was not synced is left in some of these cases, nothing in all. */
  private called(call: () => void): void {
    this.points++;
    const lost = this.sectors.lostIn(this.file.synchronized);
    if (lost !== null) this.faults.push(`${told.path}, call ${this.points}: sector ${lost} is lost`);
    if (this.cuts < CUTS_EACH && this.random.below(2) === 0) this.cut();
    call();
  }

  private cut(): void {
    this.cuts++;
    const left = this.file.afterCut((below) => this.random.below(below));
    writeFileSync(after, left);
    const disk = FileMedium.open(after, { readOnly: true });
    const found = new Uint8Array(disk.blocks * BLOCK);
    disk.read(0, found, 0, found.length);
    disk.close();
    if (disk.blocks !== SECTORS) this.faults.push(`${this.where}: ${disk.blocks} sectors are left`);
    const lost = this.sectors.lostIn(found);
    if (lost !== null) this.faults.push(`${this.where}: sector ${lost} is lost`);
  }

  private get where(): string {
    return `${told.path}, cut ${this.cuts}`;
  }
}

function worked(seed: number, holes: boolean): CutDisk {
  const disk = new CutDisk(seed, holes);
  disk.work();
  return disk;
}

function be(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (value >>> (8 * (bytes - 1 - i))) & 0xff);
}

/** Each a test of its own, which is given two minutes. */
const PARTS = Array.from({ length: repeats(2, 10) }, (_, part) =>
  part % 2 === 0 ? 'with holes' : 'without',
).map((how, part) => [how, part] as const);

describe('flushed data survives a loss of power, and each other sector is old or new', () => {
  test.each(PARTS)('of files %s, part %d', (how, part) => {
    const disks = Array.from({ length: DISKS_EACH }, (_, i) => worked(100 * part + i, how === 'with holes'));

    const cuts = disks.reduce((sum, disk) => sum + disk.cuts, 0);
    const points = disks.reduce((sum, disk) => sum + disk.points, 0);
    expect([cuts, disks.flatMap(({ faults }) => faults)]).toEqual([DISKS_EACH * CUTS_EACH, []]);
    expect(points).toBeGreaterThan(DISKS_EACH * CUTS_EACH);
  });
});
