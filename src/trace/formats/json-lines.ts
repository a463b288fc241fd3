import type { TraceRecord, TraceWriter } from '../trace-record.ts';

/** Every record as a JSON object on its own line; bytes of frames in hexadecimal. */
export class JsonLines implements TraceWriter {
  private readonly line: (text: string) => void;

  constructor(line: (text: string) => void) {
    this.line = line;
  }

  add(record: TraceRecord): void {
    const plain =
      record.kind === 'frame' ? { ...record, data: Buffer.from(record.data).toString('hex') } : record;
    this.line(JSON.stringify(plain));
  }

  end(): void {}
}
