import ts from 'typescript';
import { loadsBuiltin, roomOf, type Source } from './source.ts';

/** A rule of the house: given all files of `src/`, a line per breach, which names the file. */
export interface Rule {
  readonly name: string;
  readonly breaches: (sources: readonly Source[]) => string[];
}

/** A room imports only from floors below its own, and never from another room on its floor. */
const FLOOR: Readonly<Record<string, number>> = {
  core: 1,
  pci: 2,
  serial: 2,
  media: 2,
  trace: 2,
  acpi: 2,
  report: 2,
  scsi: 3,
  net: 3,
  virtio: 4,
  chipset: 4,
  kvm: 4,
  gvnic: 4,
  nvme: 4,
  display: 4,
  rules: 5,
  machine: 6,
  guest: 6,
  conformance: 7,
  audit: 7,
  hosts: 7,
  drivers: 8,
  cli: 9,
  vitest: 9,
  '': 10,
};

const floorOf = (room: string): number => FLOOR[room] ?? Number.NaN;

const floors: Rule = {
  name: 'a room imports only from floors below it',
  breaches: (sources) =>
    shipped(sources).flatMap(({ path, room, imports }) =>
      imports
        .filter((target) => roomOf(target) !== room && !(floorOf(roomOf(target)) < floorOf(room)))
        .map(
          (target) => `src/${path} imports ${target}: ${room || 'index'} may import only from floors below`,
        ),
    ),
};

const DECLARATIONS = /(^|\/)(registers|[\w-]+-registers)\.ts$|\/registers\//;

const guest: Rule = {
  name: 'the guest side knows the core and the declarations of registers, never a device',
  breaches: (sources) =>
    shipped(sources)
      .filter(({ room }) => room === 'guest')
      .flatMap(({ path, imports }) =>
        imports
          .filter((target) => !['guest', 'core'].includes(roomOf(target)) && !DECLARATIONS.test(target))
          .map(
            (target) => `src/${path} imports ${target}: guest may import only core and registers.ts files`,
          ),
      ),
};

/** The events by which a device notifies the watch of its driver, declared as its registers are. */
const EVENTS = /(^|\/)events\.ts$/;

/** How the bytes of a frame are read. */
const FRAMES = /^net\/frame\//;

const watchers: Rule = {
  name: 'rules know the core, registers, events and what a frame is, never a device',
  breaches: (sources) =>
    shipped(sources)
      .filter(({ room }) => room === 'rules')
      .flatMap(({ path, imports }) =>
        imports
          .filter((target) => !['rules', 'core'].includes(roomOf(target)))
          .filter((target) => ![DECLARATIONS, EVENTS, FRAMES].some((kind) => kind.test(target)))
          .map(
            (target) =>
              `src/${path} imports ${target}: rules may import only core, registers.ts, events.ts and net/frame files`,
          ),
      ),
};

/**
 * A type of device, or what a machine knows of one: in `machine/devices` the list and the descriptor type are
 * neither.
 */
const DEVICE_TYPE =
  /^(display|gvnic|nvme|virtio\/(?!queue|transport|completion|features|faults)[\w-]+)\/|^machine\/devices\/(?!index|descriptor)/;

const devices: Rule = {
  name: 'of the machine only devices/ knows which devices there are',
  breaches: (sources) =>
    shipped(sources)
      .filter(({ path }) => /^machine\/(?!devices\/)/.test(path))
      .flatMap(({ path, imports }) =>
        imports
          .filter((target) => DEVICE_TYPE.test(target))
          .map((target) => `src/${path} imports ${target}: a device is named in machine/devices alone`),
      ),
};

/** Rooms of devices, and the rooms that build a machine of them: all leave judging to `rules`. */
const DEVICE_ROOMS = [
  'pci',
  'serial',
  'media',
  'trace',
  'acpi',
  'scsi',
  'net',
  'virtio',
  'gvnic',
  'nvme',
  'chipset',
  'display',
  'machine',
];
/** It creates the journal, and gives it to the watches. */
const HAS_JOURNAL = ['machine'];
const CLAUSE = /'(virtio|gvnic|nvme|pci|uart|pl011|pic|gce|scsi|chipset|ram)\/[A-Z0-9-]{3,}'/g;

const judging: Rule = {
  name: 'devices know registers and faults, no clause and no journal',
  breaches: (sources) =>
    shipped(sources)
      .filter(({ room }) => DEVICE_ROOMS.includes(room))
      .flatMap(({ path, room, nodes }) => {
        const clauses = nodes
          .filter(ts.isStringLiteral)
          .flatMap((node) => node.getText().match(CLAUSE) ?? []);
        const journals = HAS_JOURNAL.includes(room) ? [] : nodes.filter(takesJournal).map(() => 'a journal');
        return [...new Set([...clauses, ...journals])].map((what) => `src/${path} has ${what}: rules judge`);
      }),
};

/** `board.journal`, or `const { journal } = board`. */
function takesJournal(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'journal';
  return ts.isBindingElement(node) && (node.propertyName ?? node.name).getText() === 'journal';
}

const cycles: Rule = {
  name: 'no files import each other in a circle, not even types',
  breaches: (sources) => {
    const importsOf = new Map(sources.map((source) => [source.path, source.imports]));
    const done = new Set<string>();
    const found: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path))
        found.push(`src/${[...trail.slice(trail.indexOf(path)), path].join(' → ')}: an import cycle`);
      if (done.has(path)) return;
      done.add(path);
      for (const target of importsOf.get(path) ?? []) visit(target, [...trail, path]);
    };
    for (const { path } of sources) visit(path, []);
    return found;
  },
};

const LONGEST = 300;
const MEDIAN = 100;

const longest: Rule = {
  name: `no file is longer than ${LONGEST} lines`,
  breaches: (sources) =>
    sources
      .filter(({ lines }) => lines > LONGEST)
      .map(({ path, lines }) => `src/${path} has ${lines} lines: at most ${LONGEST}`),
};

const median: Rule = {
  name: `half of the files have ${MEDIAN} lines or fewer`,
  breaches: (sources) => {
    const sorted = shipped(sources).sort((a, b) => a.lines - b.lines);
    const middle = sorted[Math.floor(sorted.length / 2)];
    if (middle === undefined || middle.lines <= MEDIAN) return [];
    return [`src/${middle.path} has ${middle.lines} lines and is the median: at most ${MEDIAN}`];
  },
};

/** Rooms of several parts, and the most files that may be at their top for clarity. */
const AT_TOP: Readonly<Record<string, number>> = { virtio: 18 };

const crowded: Rule = {
  name: 'a room of several parts has them in folders',
  breaches: (sources) =>
    Object.entries(AT_TOP).flatMap(([room, most]) => {
      const inside = sources.filter((source) => source.room === room).map(({ path }) => path.split('/')[1]!);
      const entries = new Set(inside).size;
      return entries > most ? [`src/${room} has ${entries} entries: at most ${most}`] : [];
    }),
};

/** The code that ends a driver that computes without end: only the host's clock knows. */
const ENDS_DRIVERS = /^conformance\/host\//;
/** Where the host may be used: other CPUs, the command line, tests, threads, backends of files and sockets, and what reads our version. */
const REACHES_HOST = /^(hosts|drivers|cli|vitest)\/|^media\/file[\w-]*\.ts$|\/backends\/|^core\/version\.ts$/;
/** Modules of Node that only compute. */
const PURE = ['node:assert', 'node:buffer', 'node:crypto', 'node:events', 'node:util', 'node:zlib'];

const modules: Rule = {
  name: 'only hosts, cli and file- or socket-backed backends import modules that reach the host',
  breaches: (sources) =>
    shipped(sources)
      .filter(({ path }) => !REACHES_HOST.test(path) && !ENDS_DRIVERS.test(path))
      .flatMap(({ path, packages }) =>
        packages
          .filter((name) => name.startsWith('node:') && !PURE.includes(name))
          .map((name) => `src/${path} imports ${name}: it reaches the host`),
      ),
};

const HOST_OBJECTS = ['performance', 'process', 'crypto', 'globalThis'];
const HOST_CALLS = [
  'randomBytes',
  'randomInt',
  'randomUUID',
  'getRandomValues',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
];

const globals: Rule = {
  name: 'only hosts, drivers, cli and vitest read the host: its clock, randomness and environment',
  breaches: (sources) =>
    shipped(sources)
      .filter(
        ({ path, room }) => !['hosts', 'drivers', 'cli', 'vitest'].includes(room) && !ENDS_DRIVERS.test(path),
      )
      .flatMap(({ path, nodes }) =>
        nodes.filter(readsHost).map((node) => `src/${path} has ${node.getText()}: it reads the host`),
      ),
};

/** By syntax, so that a function or a method of ours may have one of these names. */
function readsHost(node: ts.Node): boolean {
  if (ts.isIdentifier(node)) return node.text === 'Date' && !isGivenTime(node);
  if (ts.isCallExpression(node)) return HOST_CALLS.includes(node.expression.getText());
  if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return false;
  if (loadsBuiltin(node)) return false;
  const object = node.expression.getText();
  return object === 'Date' || HOST_OBJECTS.includes(object) || node.getText() === 'Math.random';
}

/** The name of a property, or a date of a time that is given: neither asks what time it is. */
function isGivenTime({ parent }: ts.Identifier): boolean {
  if (ts.isNewExpression(parent)) return (parent.arguments?.length ?? 0) > 0;
  return ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent);
}

const syntax: Rule = {
  name: 'no #private member and no enum',
  breaches: (sources) =>
    sources.flatMap(({ path, nodes }) =>
      nodes
        .filter((node) => ts.isPrivateIdentifier(node) || ts.isEnumDeclaration(node))
        .map((node) =>
          ts.isEnumDeclaration(node)
            ? `src/${path} has enum ${node.name.text}: use a union or a table`
            : `src/${path} has ${node.getText()}: use private`,
        ),
    ),
};

/** What holds for any folder of ours. */
export const SHAPE: readonly Rule[] = [cycles, longest, median, syntax];

export const RULES: readonly Rule[] = [
  floors,
  guest,
  watchers,
  devices,
  judging,
  cycles,
  longest,
  median,
  crowded,
  modules,
  globals,
  syntax,
];

/** The rules about rooms hold for what ships; a test may build anything it needs. */
function shipped(sources: readonly Source[]): Source[] {
  return sources.filter(({ isTest }) => !isTest);
}
