import { CaptureWriter } from '../capture-writer.ts';
import type { TraceRecord, TraceWriter } from '../trace-record.ts';

/**
 * Frames as pcapng, an interface for each NIC; a finding is a comment on the next frame of the file, or on an empty one
 * at the end if none follows.
 */
export class CommentedCapture implements TraceWriter {
  private readonly writer: CaptureWriter;
  private readonly interfaces = new Map<string, number>();
  private comments: string[] = [];
  private last = 0;

  constructor(block: (block: Uint8Array) => void, nics: readonly string[]) {
    const [first = 'net0', ...more] = nics;
    this.writer = new CaptureWriter(block, first);
    this.interfaces.set(first, 0);
    for (const nic of more) this.interfaces.set(nic, this.writer.addInterface(nic));
  }

  add(record: TraceRecord): void {
    const at = Math.floor(record.at);
    this.last = at;
    if (record.kind === 'finding')
      this.comments.push(
        `${record.clause} ${record.severity.toUpperCase()}: ${record.subject}: ${record.said}`,
      );
    if (record.kind !== 'frame') return;
    const { nic, data, sent } = record;
    const known = this.interfaces.get(nic) ?? this.writer.addInterface(nic);
    this.interfaces.set(nic, known);
    this.writer.add({ at, data, direction: sent ? 'out' : 'in', interface: known, comments: this.taken() });
  }

  end(): void {
    const comments = this.taken();
    if (comments.length > 0) this.writer.add({ at: this.last, data: new Uint8Array(0), comments });
  }

  private taken(): readonly string[] {
    const taken = this.comments;
    this.comments = [];
    return taken;
  }
}
