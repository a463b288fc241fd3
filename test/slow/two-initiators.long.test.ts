import { describe, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { type ScsiHost, virtioScsiDriver } from '../../src/guest/index.ts';
import { gceN1, MemoryMedium } from '../../src/index.ts';
import { repeats } from '../repeats.ts';

const BLOCK = 512;
const BLOCKS = 256;
/** The longest transfer here. */
const MOST = 24;
const COMMANDS = 50;
const PARTS = repeats(1, 10);
const SEQUENCES = repeats(20, 1000);
const MISCOMPARE = 0xe;

/** The bytes that the disk should have: an array that knows nothing of SCSI but what each command is for. */
class Model {
  readonly bytes = new Uint8Array(BLOCKS * BLOCK);

  at(lba: number, blocks: number): Uint8Array {
    return this.bytes.slice(lba * BLOCK, (lba + blocks) * BLOCK);
  }

  put(lba: number, data: Uint8Array): void {
    this.bytes.set(data, lba * BLOCK);
  }
}

interface Sent {
  readonly name: string;
  readonly cdb: number[];
  readonly out?: Uint8Array;
  /** What is to come back, and the sense key if it is to fail. */
  readonly in?: Uint8Array;
  readonly key?: number;
}

/** Random commands of two machines to one disk, each checked against the model. */
class Sequence {
  readonly faults: string[] = [];
  private readonly random: Random;
  private readonly model = new Model();
  private readonly hosts: readonly ScsiHost[];

  /** The disk of these machines has zeros at first. */
  constructor(seed: number, hosts: readonly ScsiHost[]) {
    this.random = new Random(seed);
    this.hosts = hosts;
  }

  work(): this {
    const makers = [
      ...[this.read, this.read, this.write, this.write, this.writeSame, this.orWrite],
      ...[this.compareAndWrite, this.verify, this.writeAndVerify, this.writeAtomic, this.unmap],
    ];
    for (let i = 0; i < COMMANDS; i++) this.send(makers[this.random.below(makers.length)]!.call(this));
    const all = this.hosts[0]!.read(1, 0, BLOCKS);
    if (Buffer.compare(all, this.model.bytes) !== 0) this.faults.push('the disk has other bytes at the end');
    return this;
  }

  private send({ name, cdb, out, in: expected, key }: Sent): void {
    const dataIn = expected === undefined ? {} : { dataIn: expected.length };
    const host = this.hosts[this.random.below(this.hosts.length)]!;
    const sent = {
      name,
      cdb: Uint8Array.from(cdb),
      ...(out === undefined ? {} : { dataOut: out }),
      ...dataIn,
    };
    const { status, sense, data } = host.execute(1, 0, sent);
    const isAsExpected = status === (key === undefined ? 0 : 2) && sense?.key === key;
    const hasData = expected === undefined || Buffer.compare(data, expected) === 0;
    if (!isAsExpected) this.faults.push(`${name} ended with ${status}, ${sense?.key}`);
    if (!hasData) this.faults.push(`${name} read other bytes`);
  }

  private read(): Sent {
    const { lba, blocks, form } = this.extent();
    const operation = [0x08, 0x28, 0xa8, 0x88][form]!;
    const cdb = blocksCdb(form, operation, lba, blocks);
    return { name: `READ ${operation}`, cdb, in: this.model.at(lba, blocks) };
  }

  private write(): Sent {
    const { lba, blocks, form } = this.extent();
    const operation = [0x0a, 0x2a, 0xaa, 0x8a][form]!;
    const out = this.data(blocks);
    this.model.put(lba, out);
    return { name: `WRITE ${operation}`, cdb: blocksCdb(form, operation, lba, blocks), out };
  }

  /** By 10 and by 16 bytes; one time in two it may unmap, and one time in three it writes zeros. */
  private writeSame(): Sent {
    const { lba, blocks } = this.extent();
    const form = this.random.below(2) === 0 ? 1 : 3;
    const block = this.random.below(3) === 0 ? new Uint8Array(BLOCK) : this.data(1);
    for (let i = 0; i < blocks; i++) this.model.put(lba + i, block);
    const flags = this.random.below(2) * 0x08;
    const cdb = blocksCdb(form, form === 1 ? 0x41 : 0x93, lba, blocks, flags);
    return { name: 'WRITE SAME', cdb, out: block };
  }

  private orWrite(): Sent {
    const { lba, blocks } = this.extent();
    const out = this.data(blocks);
    const there = this.model.at(lba, blocks);
    this.model.put(
      lba,
      there.map((byte, i) => byte | out[i]!),
    );
    return { name: 'ORWRITE', cdb: blocksCdb(3, 0x8b, lba, blocks), out };
  }

  private compareAndWrite(): Sent {
    const { lba, blocks } = this.extent();
    const there = this.model.at(lba, blocks);
    const isSame = this.random.below(2) === 0;
    const data = this.data(blocks);
    if (isSame) this.model.put(lba, data);
    else there[this.random.below(there.length)]! ^= 1;
    const out = Buffer.concat([there, data]);
    const cdb = blocksCdb(3, 0x89, lba, blocks);
    return { name: 'COMPARE AND WRITE', cdb, out, ...(isSame ? {} : { key: MISCOMPARE }) };
  }

  /** With the data to compare, of which one byte in the half of the cases differs. */
  private verify(): Sent {
    const { lba, blocks, form } = this.extent(1);
    const out = this.model.at(lba, blocks);
    const isSame = this.random.below(2) === 0;
    if (!isSame) out[this.random.below(out.length)]! ^= 0x80;
    const cdb = blocksCdb(form, [0, 0x2f, 0xaf, 0x8f][form]!, lba, blocks, 0x02);
    return { name: 'VERIFY', cdb, out, ...(isSame ? {} : { key: MISCOMPARE }) };
  }

  private writeAndVerify(): Sent {
    const { lba, blocks, form } = this.extent(1);
    const out = this.data(blocks);
    this.model.put(lba, out);
    const cdb = blocksCdb(form, [0, 0x2e, 0xae, 0x8e][form]!, lba, blocks, this.random.below(2) * 0x02);
    return { name: 'WRITE AND VERIFY', cdb, out };
  }

  private writeAtomic(): Sent {
    const { lba, blocks } = this.extent();
    const out = this.data(blocks);
    this.model.put(lba, out);
    return { name: 'WRITE ATOMIC', cdb: [0x9c, 0, ...be(lba, 8), 0, 0, ...be(blocks, 2), 0, 0], out };
  }

  private unmap(): Sent {
    const { lba, blocks } = this.extent();
    this.model.put(lba, new Uint8Array(blocks * BLOCK));
    const out = Uint8Array.from([
      ...be(22, 2),
      ...be(16, 2),
      ...be(0, 4),
      ...be(lba, 8),
      ...be(blocks, 4),
      ...be(0, 4),
    ]);
    return { name: 'UNMAP', cdb: [0x42, 0, 0, 0, 0, 0, 0, ...be(out.length, 2), 0], out };
  }

  /** Blocks, and one of the forms of 6, 10, 12 and 16 bytes, from `least` on. */
  private extent(least = 0): { lba: number; blocks: number; form: number } {
    const { random } = this;
    const blocks = 1 + random.below(MOST);
    return { lba: random.below(BLOCKS - blocks + 1), blocks, form: least + random.below(4 - least) };
  }

  private data(blocks: number): Uint8Array {
    const bytes = new Uint8Array(blocks * BLOCK);
    this.random.fill(bytes);
    return bytes;
  }
}

function blocksCdb(form: number, operation: number, lba: number, blocks: number, flags = 0): number[] {
  if (form === 0) return [operation, ...be(lba, 3), blocks, 0];
  if (form === 1) return [operation, flags, ...be(lba, 4), 0, ...be(blocks, 2), 0];
  if (form === 2) return [operation, flags, ...be(lba, 4), ...be(blocks, 4), 0, 0];
  return [operation, flags, ...be(lba, 8), ...be(blocks, 4), 0, 0];
}

function be(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) & 0xff);
}

describe('two machines that send any commands to one disk find the bytes of an array', () => {
  test.each(Array.from({ length: PARTS }, (_, part) => part))('part %d', (part) => {
    const medium = new MemoryMedium(BLOCKS * BLOCK);
    const disks = [{ medium, multiWriter: true, commands: 'all' as const }];
    const machines = [1, 2].map((seed) => gceN1({ seed, disks }));
    const hosts = machines.map((machine) => machine.attach(virtioScsiDriver));

    const found = Array.from({ length: SEQUENCES }, (_, i) => {
      const seed = part * SEQUENCES + i;
      medium.unmap(0, BLOCKS * BLOCK);
      return new Sequence(seed, hosts).work().faults.map((fault) => `seed ${seed}: ${fault}`);
    });

    expect(found.flat()).toEqual([]);
  });
});
