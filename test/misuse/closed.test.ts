import { describe, expect, test } from 'vitest';
import { gceN1, type Machine, MisuseError, serialStream } from '../../src/index.ts';
import { CONFORMANCE, type Entry, MACHINE, PORT } from './entries.ts';

/** The members that still work on a closed machine: reading results, and removing listeners. */
const STILL = [
  'load',
  'store',
  'memory read',
  'memory write',
  'fill',
  'release',
  'handle',
  'idOf',
  'observe',
  'events.',
  'readConfig',
  'nic.watch',
  'nic.onFrame',
  'virtio.onConfigRead',
  'balloon.target',
  'serial.endpoint',
  'uart.',
];
const RIGHT: { readonly [name: string]: unknown } = {
  'in, port': 0x3fd,
  'out, port': 0x3ff,
  'read, address': 0x1000,
  'write, address': 0x1000,
  'allocate, bytes': 16,
  'wait, until': () => true,
};

describe('once a machine is closed', () => {
  const gone = [...PORT, ...MACHINE].filter(([name]) => !STILL.some((still) => name.startsWith(still)));

  test.each<Entry>(gone.filter(([name]) => name in RIGHT || !name.includes(',')))(
    '%s says so',
    (name, use) => {
      const machine = gceN1({ balloon: true });
      machine.close();

      expect(() => use(machine, RIGHT[name])).toThrow(/^\S+: the machine is closed$/);
    },
  );

  test('its results stay readable, and it may be closed again', () => {
    const machine = gceN1();
    machine.port.memory.store(0x20_0000, 0x1234, 2);
    machine.close();

    machine.close();

    expect([machine.port.memory.load(0x20_0000, 2), machine.findings, machine.serial[0]!.text]).toEqual([
      0x1234,
      [],
      '',
    ]);
  });

  test('it is closed at the end of its block', () => {
    const kept: Machine[] = [];
    {
      using machine = gceN1();
      kept.push(machine);
    }

    expect(() => kept[0]!.reset('hard')).toThrow(MisuseError);
  });

  test('a probe says so before anything else', () => {
    const machine = gceN1();
    machine.close();
    const [, probe] = CONFORMANCE.find(([name]) => name === 'probeMachine, errand')!;

    expect(() => probe(machine, { text: '', frames: [] })).toThrow('port: the machine is closed');
  });

  test('its processors execute nothing', () => {
    const machine = gceN1();
    const [cpu] = machine.port.processors!;
    machine.close();

    const uses = [
      () => cpu!.cpuid(1, 0),
      () => cpu!.rdmsr(0x12),
      () => cpu!.wrmsr(0x12, 0, 0),
      () => cpu!.rdtsc(),
      () => cpu!.vmcall(5, 0, 0, 0, 0),
    ];

    for (const use of uses) expect(use).toThrow('port: the machine is closed');
  });

  test('a write to a stream of its serial port is an error of the stream', async () => {
    const machine = gceN1();
    const stream = serialStream(machine.serial[0]!);
    const error = new Promise((resolve) => stream.once('error', resolve));
    machine.close();

    stream.write('root\n');

    expect(await error).toEqual(new MisuseError('ttyS0.type', 'closed', '', 'the machine is closed'));
  });

  test('another on its clock goes on', () => {
    const one = gceN1();
    const other = gceN1({ clock: one.chassis.board.clock });
    one.close();

    expect(() => other.port.in(0x3fd, 1)).not.toThrow();
  });
});
