import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { virtioNetDriver } from '../../src/guest/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import { signalsOf, traceMachine } from '../../src/machine/trace.ts';
import { CommentedCapture, type TraceRecord, type TraceWriter, Vcd } from '../../src/trace/index.ts';
import { workFolder } from './work-folder.ts';

const folder = workFolder();
const [pcapng, vcd] = ['run.pcapng', 'run.vcd'].map((name) => join(folder, name)) as [string, string];
const FRAME = new Uint8Array(60).fill(0xff, 0, 12);

/** Two cards on one machine send, one byte too many goes to a UART, whose pins and interrupt then go up. */
function run(machine: ReturnType<typeof gceN1>): void {
  const nic = machine.attach(virtioNetDriver);
  nic.send(FRAME);
  for (let i = 0; i < 3; i++) machine.port.out(0x3f8, 0x41, 1);
  nic.send(FRAME);
  machine.port.out(0x3f9, 2, 1);
  machine.port.out(0x3fc, 0x0b, 1);
}

/** Runs the scene, and writes the output of a writer of one form. */
function traced(
  path: string,
  make: (write: (bytes: Uint8Array | string) => void, machine: ReturnType<typeof gceN1>) => TraceWriter,
): TraceRecord[] {
  const file = openSync(path, 'w');
  const machine = gceN1({ nics: [{ backend: 'loopback' }, { backend: 'loopback' }] });
  const writer = make((bytes) => writeSync(file, bytes as Uint8Array), machine);
  const records: TraceRecord[] = [];
  traceMachine(machine, (record) => {
    records.push(record);
    writer.add(record);
  });
  run(machine);
  writer.end();
  closeSync(file);
  return records;
}

let capture: TraceRecord[];
let lines: TraceRecord[];

beforeAll(() => {
  capture = traced(pcapng, (write) => new CommentedCapture(write, ['net0', 'net1']));
  lines = traced(vcd, (write, machine) => new Vcd((line) => write(`${line}\n`), signalsOf(machine)));
});

test('tshark shows frames with their interface and direction, and findings as comments', () => {
  const fields = ['frame.interface_name', 'frame.packet_flags_direction', 'frame.comment'];
  const options = fields.flatMap((field) => ['-e', field]);
  const shown = execFileSync('tshark', ['-r', pcapng, '-T', 'fields', '-E', 'separator=|', ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const expected = capture.flatMap((record) =>
    record.kind === 'frame' ? [`${record.nic}|${record.sent ? '0x00000002' : '0x00000001'}`] : [],
  );

  expect(
    shown
      .trimEnd()
      .split('\n')
      .map((line) => line.split('|').slice(0, 2).join('|')),
  ).toEqual(expected);
  expect(shown).toContain('|uart/THR-FULL MUST: ttyS0: ');
});

test("GTKWave's converter reads the lines, and returns every change", () => {
  const fst = join(folder, 'run.fst');
  execFileSync('vcd2fst', [vcd, fst]);
  const back = join(folder, 'back.vcd');
  writeFileSync(back, execFileSync('fst2vcd', [fst]));
  const changes = (text: string) => text.slice(text.indexOf('$enddefinitions')).match(/^[01]\S+$/gm)!.length;

  expect(changes(readFileSync(back, 'utf8'))).toBe(changes(readFileSync(vcd, 'utf8')));
  expect(lines.filter(({ kind }) => kind === 'level').length).toBeGreaterThan(2);
});
