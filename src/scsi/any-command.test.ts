import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Medium } from '../media/medium.ts';
import { MemoryMedium } from '../media/memory.ts';
import { Command } from './command.ts';
import { LogicalUnit } from './logical-unit.ts';
import { ModePages } from './mode-pages.ts';
import { ALL_COMMANDS } from './optional/all-commands.ts';
import { Reservations } from './reservations/reservations.ts';
import { reservedBy } from './reservations/shared-disk.ts';
import { Target } from './target.ts';

const RAM = 4096;
const SIZE = 64 * 512;
const GUARD = 0xdb;

/** Fails every third call, and counts accesses beyond the medium. */
class Suspicious implements Medium {
  readonly blocks = SIZE / 512;
  readonly readOnly = false;
  strayed = 0;
  private calls = 0;
  private readonly good = new MemoryMedium(SIZE);

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    return this.answers(offset, length) && this.good.read(offset, into, at, length);
  }
  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    return this.answers(offset, length) && this.good.write(offset, from, at, length);
  }
  unmap(offset: number, length: number): boolean {
    return this.answers(offset, length) && this.good.unmap(offset, length);
  }
  flush(): boolean {
    return this.answers(0, 0);
  }
  close(): void {}

  private answers(offset: number, length: number): boolean {
    if (offset < 0 || length < 0 || offset + length > SIZE) this.strayed++;
    return ++this.calls % 3 !== 0;
  }
}

const byte = fc.integer({ min: 0, max: 255 });
/** Mostly zeros, like CDBs, so that some of them pass the checks. */
const sparse = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: byte });
const NEXUS = { attention: () => {}, endTasks: () => 0 };
const { commands } = reservedBy(new Reservations())(NEXUS, ALL_COMMANDS, new ModePages(true));
const opcode = fc.oneof(fc.constantFrom(...commands.operations.map(({ usage }) => usage[0]!)), byte);
const action = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 0x0c, 0x10);
const noise = fc.tuple(opcode, action, fc.array(sparse, { minLength: 30, maxLength: 30 }));
/** Only bits of the usage map. */
const sensible = fc
  .tuple(fc.constantFrom(...commands.operations), fc.array(sparse, { minLength: 16, maxLength: 16 }))
  .map(([{ usage, action }, bytes]) =>
    Array.from(usage, (used, i) => (i === 0 || (i === 1 && action !== null) ? used : used & bytes[i]!)),
  );
const cdb = fc.oneof(
  sensible,
  noise.map(([first, second, rest]) => [first, second, ...rest]),
);
const segment = fc
  .tuple(fc.nat(RAM), fc.nat(2048))
  .map(([at, length]) => ({ at, length: Math.min(length, RAM - at) }));
const segments = fc.array(segment, { maxLength: 5 });
const lun = fc.constantFrom(0, 1);

test('no command throws, leaves its segments, or leaves the medium', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ cdb, segments, lun }), { minLength: 1, maxLength: 6 }), (requests) => {
      const medium = new Suspicious();
      const target = new Target(1);
      target.add(
        0,
        new LogicalUnit('disk0', medium, { commands: 'all', part: reservedBy(new Reservations()) }),
      );
      const command = new Command();
      const out = new Uint8Array(RAM);
      for (const request of requests) {
        const ram = new Uint8Array(RAM).fill(GUARD);
        const mayWrite = new Uint8Array(RAM);
        command.cdb.fill(0);
        command.cdb.set(request.cdb);
        command.dataIn.clear();
        command.dataOut.clear();
        for (const { at, length } of request.segments) {
          command.dataIn.add(ram, at, length);
          command.dataOut.add(out, at, length);
          mayWrite.fill(1, at, at + length);
        }
        target.execute(request.lun, command);
        expect(ram.every((value, i) => value === GUARD || mayWrite[i] === 1)).toBe(true);
        expect(out.every((value) => value === 0)).toBe(true);
        expect(command.transferred).toBeLessThanOrEqual(Math.min(command.expected, command.dataIn.total));
        expect([0, 18]).toContain(command.senseLength);
      }
      expect(medium.strayed).toBe(0);
    }),
    { numRuns: 200 },
  );
});
