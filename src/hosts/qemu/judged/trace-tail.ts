import { closeSync, openSync, readSync } from 'node:fs';
import { type TraceEvent, traceEvent } from '../../log/qemu/trace-line.ts';

const CHUNK = 1 << 16;

/** What QEMU's `-trace` wrote since the last read: QEMU writes an access before it answers it. */
export class TraceTail {
  private readonly file: number;
  private readonly bytes = Buffer.alloc(CHUNK);
  private at = 0;
  /** The beginning of a line. */
  private rest = '';

  constructor(path: string) {
    this.file = openSync(path, 'r');
  }

  events(): TraceEvent[] {
    const lines = (this.rest + this.text()).split('\n');
    this.rest = lines.pop()!;
    return lines.flatMap((line) => {
      const event = traceEvent(line);
      return event === null || event === 'damaged' ? [] : [ofCpu(event)];
    });
  }

  skip(): void {
    this.text();
    this.rest = '';
  }

  close(): void {
    closeSync(this.file);
  }

  private text(): string {
    let text = '';
    for (;;) {
      const length = readSync(this.file, this.bytes, 0, CHUNK, this.at);
      this.at += length;
      text += this.bytes.toString('latin1', 0, length);
      if (length < CHUNK) return text;
    }
  }
}

/** An access over the wire has no CPU number. */
function ofCpu(event: TraceEvent): TraceEvent {
  return event.event === 'access' ? { ...event, cpu: 0 } : event;
}
