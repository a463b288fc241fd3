import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { guestrig, inFolderOf } from '../src/cli/rig.ts';
import { virtioNetDriver } from '../src/guest/index.ts';
import { gceN1 } from '../src/index.ts';
import { signalsOf, traceMachine } from '../src/machine/trace.ts';
import {
  CommentedCapture,
  JsonLines,
  readCapture,
  type Signal,
  TraceEvents,
  type TraceRecord,
  Vcd,
} from '../src/trace/index.ts';

const FRAME = new Uint8Array(60).fill(0xff, 0, 12);

/** The trace of a driver that sends a frame. */
function sent() {
  const records: TraceRecord[] = [];
  const machine = gceN1({ nics: [{ backend: 'loopback' }] });
  traceMachine(machine, (record) => records.push(record));
  const nic = machine.attach(virtioNetDriver);
  nic.send(FRAME);
  machine.port.out(0x3fc, 3, 1);
  machine.port.out(0xcf9, 6, 1);
  return records;
}

const of = <Kind extends TraceRecord['kind']>(records: readonly TraceRecord[], kind: Kind) =>
  records.filter((record): record is Extract<TraceRecord, { kind: Kind }> => record.kind === kind);

describe('a trace of a machine', () => {
  test('has accesses by register, in the order of their times', () => {
    const accesses = of(sent(), 'access');
    expect(accesses.some(({ write, text }) => write && text === 'ttyS0 MCR ← 03  DTR RTS')).toBe(true);
    expect(accesses.map(({ at }) => at)).toEqual(accesses.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  test('has the frame, the chain that it was in, and the interrupts', () => {
    const records = sent();
    expect(of(records, 'frame').map((record) => record.sent)).toEqual([true, false]);
    expect(of(records, 'chain').map(({ queue }) => queue)).toContain('net0, transmit queue 1 (queue 1)');
    expect(of(records, 'interrupt').length).toBeGreaterThan(0);
  });

  test('has the pins of a UART when they change, and resets', () => {
    const records = sent();
    const pins = of(records, 'level').filter(({ line }) => line.startsWith('ttyS0'));
    expect(pins.map(({ line, level }) => [line, level])).toEqual([
      ['ttyS0 DTR', true],
      ['ttyS0 RTS', true],
      ['ttyS0 DTR', false],
      ['ttyS0 RTS', false],
    ]);
    expect(of(records, 'power').map(({ what }) => what)).toEqual(['hard reset']);
  });
});

/** One of each kind. */
const RECORDS: readonly TraceRecord[] = [
  {
    at: 1000,
    kind: 'access',
    space: 'port',
    write: true,
    address: 0x3f8,
    width: 1,
    value: 65,
    text: 'THR ← 41',
  },
  { at: 1500, kind: 'level', line: 'IRQ4', level: true },
  { at: 2000, kind: 'interrupt', vector: 0x24 },
  { at: 2500, kind: 'level', line: 'IRQ4', level: false },
  { at: 3000, kind: 'frame', nic: 'net0', sent: true, data: Uint8Array.of(1, 2, 255) },
  { at: 3500, kind: 'chain', queue: 'net0 transmit queue 1', id: 7, since: 2800, written: 0 },
  {
    at: 4000,
    kind: 'command',
    disk: 'target 1 LUN 0',
    name: 'READ(10)',
    cdb: '28',
    since: 3900,
    response: 0,
    status: 2,
  },
  {
    at: 4500,
    kind: 'finding',
    severity: 'must',
    clause: 'uart/THR-FULL',
    subject: 'ttyS0',
    said: 'a byte was lost',
  },
  { at: 5000, kind: 'serial', port: 'ttyS0', byte: 0x68 },
  { at: 5500, kind: 'serial', port: 'ttyS0', byte: 0x0a },
  { at: 6000, kind: 'frame', nic: 'net1', sent: false, data: Uint8Array.of(3) },
  { at: 9000, kind: 'power', what: 'hard reset' },
];

const SIGNALS: readonly Signal[] = [
  { line: 'IRQ4', scope: 'interrupts', name: 'IRQ4', level: false },
  { line: 'ttyS0 CTS', scope: 'ttyS0', name: 'CTS', level: true },
];

describe('a trace as a file', () => {
  test('of JSON lines has each record', () => {
    const lines: string[] = [];
    const writer = new JsonLines((line) => lines.push(line));
    for (const record of RECORDS) writer.add(record);
    writer.end();
    expect(lines.map((line) => JSON.parse(line).kind)).toEqual(RECORDS.map(({ kind }) => kind));
    expect(JSON.parse(lines[4]!).data).toBe('0102ff');
  });

  test('of value changes has those of its signals, and the time at the end', () => {
    const lines: string[] = [];
    const writer = new Vcd((line) => lines.push(line), SIGNALS);
    for (const record of RECORDS) writer.add(record);
    writer.end();
    expect(lines).toEqual([
      '$version guestrig $end',
      '$timescale 1 ns $end',
      '$scope module interrupts $end',
      '$var wire 1 ! IRQ4 $end',
      '$upscope $end',
      '$scope module ttyS0 $end',
      '$var wire 1 " CTS $end',
      '$upscope $end',
      '$enddefinitions $end',
      '$dumpvars',
      '0!',
      '1"',
      '$end',
      '#1500',
      '1!',
      '#2500',
      '0!',
      '#9000',
    ]);
  });

  test('of events has a slice for a line that was high, a span for a chain, a slice for a command', () => {
    const lines: string[] = [];
    const writer = new TraceEvents((line) => lines.push(line));
    for (const record of RECORDS) writer.add(record);
    writer.end();
    const events = JSON.parse(lines.join('\n')) as Record<string, unknown>[];
    const shown = events.filter(({ ph }) => ph !== 'M').map(({ ph, name, ts, dur }) => [ph, name, ts, dur]);
    expect(shown).toEqual([
      ['i', 'THR ← 41', 1, undefined],
      ['i', 'vector 24', 2, undefined],
      ['X', 'IRQ4', 1.5, 1],
      ['i', 'sent', 3, undefined],
      ['b', 'chain 7', 2.8, undefined],
      ['e', 'chain 7', 3.5, undefined],
      ['b', 'READ(10)', 3.9, undefined],
      ['e', 'READ(10)', 4, undefined],
      ['i', 'uart/THR-FULL', 4.5, undefined],
      ['i', 'h', 5.5, undefined],
      ['i', 'received', 6, undefined],
      ['i', 'hard reset', 9, undefined],
    ]);
  });

  test('of frames has an interface for each NIC, and findings as comments', () => {
    const blocks: Uint8Array[] = [];
    const writer = new CommentedCapture((block) => blocks.push(block), ['net0', 'net1']);
    for (const record of RECORDS) writer.add(record);
    writer.end();
    const file = new Uint8Array(Buffer.concat(blocks));
    expect(readCapture(file).map(({ data }) => [...data])).toEqual([[1, 2, 255], [3]]);
    expect(Buffer.from(file).includes('uart/THR-FULL MUST: ttyS0: a byte was lost')).toBe(true);
  });

  test('names more signals than there are characters', () => {
    const signals = Array.from({ length: 100 }, (_, i) => ({
      line: `l${i}`,
      scope: 's',
      name: `l${i}`,
      level: false,
    }));
    const lines: string[] = [];
    new Vcd((line) => lines.push(line), signals);
    const ids = lines.flatMap((line) => /^\$var wire 1 (\S+)/.exec(line)?.[1] ?? []);
    expect(new Set(ids).size).toBe(100);
  });

  test('knows the lines of a machine', () => {
    const names = signalsOf(gceN1()).map(({ line }) => line);
    expect(names).toHaveLength(16 + 4 * 8);
    expect(names).toContain('ttyS3 DCD');
  });
});

describe('--trace', () => {
  inFolderOf({});

  test.each(['.json', '.jsonl', '.vcd', '.pcapng'])('of the probe writes %s', async (end) => {
    const { status } = await guestrig('probe', '--no-hash', '--trace', `t${end}`);
    expect(status).toBe(0);
    expect(readFileSync(`t${end}`).length).toBeGreaterThan(1000);
  });

  test('refuses an unknown extension', async () => {
    expect((await guestrig('probe', '--trace', 'trace.txt')).err).toBe(
      '--trace must be a path that ends in .json, .jsonl, .vcd or .pcapng; got "trace.txt"\n',
    );
  });
});
