import { extname } from 'node:path';
import { recordMachine } from '../hosts/log/record/record.ts';
import type { QtestMachine } from '../hosts/qtest/machine/qtest-machine.ts';
import type { Machine } from '../machine/machine.ts';
import { signalsOf, traceMachine } from '../machine/trace.ts';
import {
  AccessLog,
  CaptureWriter,
  CommentedCapture,
  JsonLines,
  TraceEvents,
  type TraceRecord,
  type TraceWriter,
  Vcd,
} from '../trace/index.ts';
import { BlockFile, LineFile } from './output.ts';

/** A file that grows while a machine runs. */
interface RecordFile {
  close(): void;
}

/** Writes every access of the guest, a line each; null without a path. */
export function logAccesses(machine: Machine, path: string | undefined): RecordFile | null {
  if (path === undefined) return null;
  const file = new LineFile('log', path);
  machine.observe(
    new AccessLog(
      (line) => file.line(line),
      () => machine.now,
    ),
  );
  return file;
}

type MakeTrace = (
  file: { line: (text: string) => void; block: (block: Uint8Array) => void },
  machine: Machine,
) => TraceWriter;

/** By the extension of the file. */
const TRACES: Readonly<Record<string, MakeTrace>> = {
  '.json': ({ line }) => new TraceEvents(line),
  '.jsonl': ({ line }) => new JsonLines(line),
  '.vcd': ({ line }, machine) => new Vcd(line, signalsOf(machine)),
  '.pcapng': ({ block }, machine) =>
    new CommentedCapture(
      block,
      machine.nics.map(({ name }) => name),
    ),
};

/** Of the option, everywhere. */
export const TRACE_ABOUT =
  'write down all that happens, as the name ends: .json (Perfetto), .vcd (lines), .pcapng or .jsonl';

/** The extensions of traces. */
export const TRACE_ENDS = Object.keys(TRACES);

/** Writes all events, in the form of the extension; null without a path. */
export function traceTo(
  machine: Machine,
  path: string | undefined,
  qtest: QtestMachine | null = null,
): RecordFile | null {
  if (path === undefined) return null;
  const file = new BlockFile('trace', path);
  const text = new TextEncoder();
  const sinks = {
    block: (block: Uint8Array) => file.write(block),
    line: (line: string) => file.write(text.encode(`${line}\n`)),
  };
  const writer = TRACES[extname(path)]!(sinks, machine);
  let open = true;
  const told = (record: TraceRecord) => void (open && writer.add(record));
  if (extname(path) === '.jsonl') recordMachine(machine, told, qtest);
  else traceMachine(machine, told);
  return {
    close: () => {
      open = false;
      writer.end();
      file.close();
    },
  };
}

/** Writes every frame on the wires, as pcapng; null without a path. */
export function captureFrames(machine: Machine, path: string | undefined): RecordFile | null {
  if (path === undefined) return null;
  const file = new BlockFile('pcap', path);
  const writer = new CaptureWriter((block) => file.write(block), 'net0');
  machine.events.on('frame', (_nic, frame, sent) =>
    writer.add({ at: Math.floor(machine.now), data: frame, direction: sent ? 'out' : 'in' }),
  );
  return file;
}
