import { describe, expect, test } from 'vitest';
import { checkLoggedOptions, checkOptions, LOGGED_OPTIONS } from './options.ts';

/** What valibot makes of any schema, as far as it is walked here. */
interface Shape {
  readonly type: string;
  readonly wrapped?: Shape;
  readonly getter?: () => Shape;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly unknown[];
}

/** All that is no object, list or choice, by the fields that lead there. */
function leavesOf(shape: Shape, path: string): [path: string, leaf: Shape][] {
  if (shape.wrapped) return leavesOf(shape.wrapped, path);
  if (shape.getter) return leavesOf(shape.getter(), path);
  if (shape.item) return leavesOf(shape.item, `${path}[]`);
  if (shape.entries)
    return Object.entries(shape.entries).flatMap(([key, one]) => leavesOf(one, `${path}.${key}`));
  if (shape.type === 'union') return (shape.options as Shape[]).flatMap((one) => leavesOf(one, path));
  return [[path, shape]];
}

const LEAVES = leavesOf(LOGGED_OPTIONS as unknown as Shape, '');
const CLOSED = ['boolean', 'number', 'picklist', 'literal', 'strict_tuple'];

describe('the machine options that a log may set', () => {
  test('have no free text, and no type that only code can supply', () => {
    const open = LEAVES.filter(([, { type }]) => !CLOSED.includes(type));

    // Dates, names of disks and a model in ASCII, a MAC address, and the contents of files for a guest; a pair of times.
    expect(open.filter(([, { pipe = [] }]) => pipe.length < 2).map(([path]) => path)).toEqual([
      '.fwCfg.files',
      '.completion.latency',
      '.scsi.latency',
      '.scsi.completion.latency',
      '.nics[].gvnic.completions.latency',
      '.nics[].gvnic.completions.reinjection',
      '.nics[].gvnic.commandLatency',
      '.nics[].completion.latency',
      '.nvme[].completion.latency',
    ]);
    expect(open.filter(([, { type }]) => type === 'string').map(([path]) => path)).toEqual([
      '.firmwareDate',
      '.date',
      '.disks[].name',
      '.nics[].mac',
      '.nvme[].namespaces[].name',
      '.nvme[].model',
    ]);
  });

  test('are options of a machine', () => {
    const said = { seed: 5, disks: [{ bytes: 4096, name: 'a' }], nics: [{ backend: 'loopback' }], rng: true };

    expect(checkLoggedOptions(said)).toEqual(checkOptions(said));
  });

  test.each([
    [{ disks: [{ file: 'a' }] }, 'disks[0]: "file" is not what a log may name'],
    [{ clock: {} }, 'options: "clock" is not what a log may name'],
    [{ memory: { buffer: new ArrayBuffer(8) } }, 'memory: "buffer" is not what a log may name'],
    [{ nics: [{ backend: { send() {}, attach() {} } }] }, /^nics\[0\]\.backend must be /],
    [{ memory: { above4G: 2 ** 40 } }, /^memory must be at most 4 GiB/],
    [{ disks: new Array(257).fill({ bytes: 512 }) }, /^disks must be a list of disks of at most 256; got /],
  ])('are no host resource, nor exceed the host: %j', (options, said) => {
    expect(() => checkLoggedOptions(options)).toThrow(said);
  });
});
