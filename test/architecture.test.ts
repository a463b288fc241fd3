import { describe, expect, test } from 'vitest';
import { unusedExports } from './architecture/exports.ts';
import { RULES, SHAPE } from './architecture/rules.ts';
import { parse, parseFolder } from './architecture/source.ts';

const house = parseFolder('src');

describe('the house', () => {
  test('has files', () => {
    expect(house.length).toBeGreaterThan(20);
  });

  test.each(RULES.map(({ name, breaches }) => [name, breaches] as const))('%s', (_name, breaches) => {
    expect(breaches(house)).toEqual([]);
  });

  test('exports nothing that no other file imports', () => {
    const beside = ['test', 'bench', 'docs', 'examples', 'fuzz', 'tools'];
    const others = beside.flatMap((folder) => parseFolder(folder, `../${folder}/`));
    expect(unusedExports(house, others)).toEqual([]);
  });
});

describe.each(['bench', 'fuzz'])('%s, beside the house', (folder) => {
  const files = parseFolder(folder);

  test.each(SHAPE.map(({ name, breaches }) => [name, breaches] as const))('%s', (_name, breaches) => {
    expect(files).not.toEqual([]);
    expect(breaches(files)).toEqual([]);
  });
});

const long = (lines: number) => 'let a = 1;\n'.repeat(lines);

const crowd = (room: string, files: number) =>
  Object.fromEntries(Array.from({ length: files }, (_, i) => [`${room}/a${i}.ts`, '']));

/** Per row: files that break one rule, and the checker's message; no other rule may report anything. */
const BROKEN: readonly (readonly [what: string, files: Record<string, string>, said: string])[] = [
  [
    'a room imports a room on its own floor',
    { 'serial/fifo.ts': "import { sense } from '../scsi/sense.ts';" },
    'src/serial/fifo.ts imports scsi/sense.ts: serial may import only from floors below',
  ],
  [
    'a room imports a type from above',
    { 'core/a.ts': "import type { Bus } from '../pci/bus.ts';" },
    'src/core/a.ts imports pci/bus.ts: core may import only from floors below',
  ],
  [
    'a room exports from above',
    { 'virtio/net/a.ts': "export * from '../../machine/machine.ts';" },
    'src/virtio/net/a.ts imports machine/machine.ts: virtio may import only from floors below',
  ],
  [
    'a room loads lazily from above',
    { 'core/a.ts': "await import('../cli/main.ts');" },
    'src/core/a.ts imports cli/main.ts: core may import only from floors below',
  ],
  [
    'a type is imported in place from above',
    { 'core/a.ts': "type A = import('../trace/pcap.ts').Pcap;" },
    'src/core/a.ts imports trace/pcap.ts: core may import only from floors below',
  ],
  [
    'a room imports the public face',
    { 'cli/main.ts': "import { gceN1 } from '../index.ts';" },
    'src/cli/main.ts imports index.ts: cli may import only from floors below',
  ],
  [
    'a room has no floor',
    { 'attic/a.ts': "import { hex } from '../core/bits.ts';" },
    'src/attic/a.ts imports core/bits.ts: attic may import only from floors below',
  ],
  [
    'the guest side imports a device',
    { 'guest/drivers/net.ts': "import type { Net } from '../../virtio/net/device.ts';" },
    'src/guest/drivers/net.ts imports virtio/net/device.ts: guest may import only core and registers.ts files',
  ],
  [
    'a rule imports a device',
    { 'rules/virtio/net.ts': "import type { VirtioNet } from '../../virtio/net/device.ts';" },
    'src/rules/virtio/net.ts imports virtio/net/device.ts: rules may import only core, registers.ts, events.ts and net/frame files',
  ],
  [
    'the machine names a device',
    { 'machine/machine.ts': "import { BALLOON } from './devices/balloon.ts';" },
    'src/machine/machine.ts imports machine/devices/balloon.ts: a device is named in machine/devices alone',
  ],
  [
    'a machine knows a device type',
    { 'machine/plan.ts': "import type { VirtioNet } from '../virtio/net/device.ts';" },
    'src/machine/plan.ts imports virtio/net/device.ts: a device is named in machine/devices alone',
  ],
  [
    'a device names a clause',
    { 'serial/a.ts': "const rule = on ? 'uart/THR-FULL' : null;" },
    "src/serial/a.ts has 'uart/THR-FULL': rules judge",
  ],
  ...['pci', 'media', 'trace', 'acpi', 'scsi', 'net', 'virtio', 'chipset', 'display', 'machine'].map(
    (room) =>
      [
        `${room} names a clause`,
        { [`${room}/a.ts`]: "const rule = 'virtio/FEAT-D1';" },
        `src/${room}/a.ts has 'virtio/FEAT-D1': rules judge`,
      ] as const,
  ),
  [
    'a device writes into the journal',
    { 'scsi/a.ts': 'this.board.journal.add(finding);' },
    'src/scsi/a.ts has a journal: rules judge',
  ],
  [
    'a device takes the journal from its board',
    { 'net/a.ts': 'const { clock, journal: told } = board;' },
    'src/net/a.ts has a journal: rules judge',
  ],
  [
    'two files import each other',
    { 'core/a.ts': "import type { B } from './b.ts';", 'core/b.ts': "import { A } from './a.ts';" },
    'src/core/a.ts → core/b.ts → core/a.ts: an import cycle',
  ],
  ['a file is long', { 'a.test.ts': long(301) }, 'src/a.test.ts has 301 lines: at most 300'],
  [
    'most files are longish',
    { 'core/a.ts': long(10), 'core/b.ts': long(101), 'core/c.ts': long(200) },
    'src/core/b.ts has 101 lines and is the median: at most 100',
  ],
  ['a room is crowded', crowd('virtio', 19), 'src/virtio has 19 entries: at most 18'],
  [
    'a disk reads files itself',
    { 'scsi/target.ts': "import { readSync } from 'node:fs';" },
    'src/scsi/target.ts imports node:fs: it reaches the host',
  ],
  [
    'a disk loads what reads files when it comes to that',
    { 'scsi/target.ts': "process.getBuiltinModule('node:fs');" },
    'src/scsi/target.ts imports node:fs: it reaches the host',
  ],
  [
    'a device takes random numbers from the host',
    { 'virtio/rng/a.ts': 'const seed = randomBytes(4);' },
    'src/virtio/rng/a.ts has randomBytes(4): it reads the host',
  ],
  [
    'a device reads wall time',
    { 'core/a.ts': 'const t = Date.now();' },
    'src/core/a.ts has Date.now: it reads the host',
  ],
  [
    'a device makes a date',
    { 'core/a.ts': 'const t = new Date();' },
    'src/core/a.ts has Date: it reads the host',
  ],
  [
    'a device reads a counter',
    { 'pci/a.ts': 'performance.now();' },
    'src/pci/a.ts has performance.now: it reads the host',
  ],
  [
    'a machine rolls dice',
    { 'machine/a.ts': 'Math.random();' },
    'src/machine/a.ts has Math.random: it reads the host',
  ],
  [
    'a driver reads the environment',
    { 'guest/a.ts': 'process.env;' },
    'src/guest/a.ts has process.env: it reads the host',
  ],
  [
    'a device sleeps',
    { 'chipset/a.ts': 'setTimeout(f);' },
    'src/chipset/a.ts has setTimeout(f): it reads the host',
  ],
  [
    'a scenario looks at the clock',
    { 'conformance/suite/a.ts': 'performance.now();' },
    'src/conformance/suite/a.ts has performance.now: it reads the host',
  ],
  ['a member is #private', { 'core/a.ts': 'class A { #b = 1 }' }, 'src/core/a.ts has #b: use private'],
  ['there is an enum', { 'core/a.ts': 'enum A { B }' }, 'src/core/a.ts has enum A: use a union or a table'],
];

/** Files that come near a rule and keep it. */
const KEPT: readonly (readonly [what: string, files: Record<string, string>])[] = [
  ['importing down', { 'virtio/a.ts': "import '../pci/bar.ts';", 'index.ts': "export * from './cli/a.ts';" }],
  ['importing within a room', { 'scsi/a.ts': "import './commands/read.ts';" }],
  [
    'a guest driver that imports declarations',
    {
      'guest/a.ts': "import '../virtio/registers.ts';",
      'guest/b.ts': "import '../virtio/net/header-registers.ts';",
      'guest/c.ts': "import '../chipset/registers/pm.ts';",
    },
  ],
  [
    'a rule that imports what a device tells',
    { 'rules/a.ts': "import '../virtio/net/events.ts'; import '../virtio/net/registers.ts';" },
  ],
  [
    'a machine that has the list of devices, and knows what all virtio devices have in common',
    {
      'machine/plan.ts':
        "import './devices/index.ts'; import '../virtio/transport/function.ts'; import '../virtio/manners.ts';",
      'machine/devices/balloon.ts': "import '../../virtio/balloon/device.ts';",
    },
  ],
  ['a device that cites a standard', { 'serial/a.ts': "const where = 'PC16550D/8.4'; // uart/THR-FULL" }],
  ['a machine that makes the journal', { 'machine/a.ts': 'return this.chassis.journal;' }],
  [
    'a room of several parts that has them in folders',
    { ...crowd('virtio', 17), 'virtio/net/a.ts': '', 'virtio/net/b.ts': '' },
  ],
  ['a rig that has a journal', { 'serial/rig.ts': "rig.journal.reached('uart/THR-FULL');" }],
  ['a test beside its file that builds a machine', { 'guest/a.test.ts': "import '../machine/machine.ts';" }],
  ['drivers that break a rule, beside it', { 'rules/a.mutants.ts': "import '../conformance/judge.ts';" }],
  [
    'a diamond, which is no circle',
    { 'core/a.ts': "import './b.ts'; import './c.ts';", 'core/b.ts': "import './c.ts';" },
  ],
  ['a medium in a file', { 'media/file.ts': "import 'node:fs';" }],
  ['the command line', { 'cli/main.ts': "import 'node:fs'; Date.now(); process.exit();" }],
  ['what ends a driver', { 'conformance/host/a.ts': "import 'node:vm'; performance.now();" }],
  ['a method with such a name', { 'scsi/a.ts': 'this.process(x); clock.now(); random.random(); a.Date;' }],
  ['300 lines beside short files', { 'core/a.ts': long(300), 'core/b.ts': '', 'core/c.ts': '' }],
];

const judge = (files: Record<string, string>): string[] => {
  const sources = Object.entries(files).map(([path, text]) => parse(path, text));
  return RULES.flatMap(({ breaches }) => breaches(sources));
};

describe('the checker', () => {
  test.each(BROKEN)('finds that %s', (_what, files, said) => {
    expect(judge(files)).toEqual([said]);
  });

  test.each(KEPT)('accepts %s', (_what, files) => {
    expect(judge(files)).toEqual([]);
  });
});

const ALL_KINDS = `
  export const a = 1;
  export const [b, c] = pair;
  export function d() {}
  export class E {}
  export interface F {}
  export type G = 1;
  const h = 1;
  export { h };`;

const exportsLeftOver = (importing: string): string[] =>
  unusedExports([parse('core/kinds.ts', ALL_KINDS)], [parse('../test/x.test.ts', importing)]);

describe('the search for exports', () => {
  test('finds every kind of export that is not imported', () => {
    expect(exportsLeftOver('')).toEqual(
      ['a', 'b', 'c', 'd', 'E', 'F', 'G', 'h'].map((name) => `src/core/kinds.ts: ${name}`),
    );
  });

  test.each([
    [
      'by name',
      "import { a, b, c as z, d, type E, type F } from '../src/core/kinds.ts'; import type { G, h } from '../src/core/kinds.ts';",
    ],
    [
      'as a whole, member by member',
      "import * as k from '../src/core/kinds.ts'; f(k.a, k.b, k.c, k.d, k.E, k.h); type T = k.F | k.G;",
    ],
    ['to be exported on', "export * from '../src/core/kinds.ts';"],
    ['lazily', "await import('../src/core/kinds.ts');"],
    ['in place', "type T = import('../src/core/kinds.ts');"],
  ])('takes for used what is imported %s', (_how, importing) => {
    expect(exportsLeftOver(importing)).toEqual([]);
  });

  test('does not take a whole import for a use of every member', () => {
    expect(exportsLeftOver("import * as k from '../src/core/kinds.ts'; f(k.a, k.b, k.c, k.d);")).toHaveLength(
      4,
    );
  });

  test.each([
    [
      'what declares hardware',
      'chipset/a.ts',
      'export const A = [1, 2].map((i) => register(names[i], i, 1, {}));',
    ],
    ['what the package exports', 'guest/index.ts', 'export const a = 1;'],
  ])('leaves out %s', (_what, path, text) => {
    expect(unusedExports([parse(path, text)])).toEqual([]);
  });

  test('leaves out a type that an exported constant is of, not the constant', () => {
    const text = 'export interface Facade {} export const A: Kind<Facade> = make();';
    expect(unusedExports([parse('machine/a.ts', text)])).toEqual(['src/machine/a.ts: A']);
  });
});
