import type { Machine } from '../machine/machine.ts';
import { AccessLog, CaptureWriter } from '../trace/index.ts';
import { BlockFile, LineFile } from './output.ts';

/** A file that grows while a machine runs. */
interface RecordFile {
  close(): void;
}

/** Writes down every access of the guest, a line each; null without a path. */
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

/** Writes down every frame on the wires, as pcapng; null without a path. */
export function captureFrames(machine: Machine, path: string | undefined): RecordFile | null {
  if (path === undefined) return null;
  const file = new BlockFile('pcap', path);
  const writer = new CaptureWriter((block) => file.write(block), 'net0');
  machine.events.on('frame', (_nic, frame, sent) =>
    writer.add({ at: Math.floor(machine.now), data: frame, direction: sent ? 'out' : 'in' }),
  );
  return file;
}
