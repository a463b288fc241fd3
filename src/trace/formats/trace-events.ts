import type { Nanos } from '../../core/bits.ts';
import type { TraceRecord, TraceWriter } from '../trace-record.ts';

/** Tracks in the order in which a viewer shows them. */
const ORDER = [
  'findings',
  'power',
  'interrupts',
  'lines',
  'commands',
  'queues',
  'wires',
  'serial',
  'accesses',
];
const PROCESS = 1;
const NEWLINE = 0x0a;
/** A guest's output without line ends is split into parts of so many characters. */
const LONGEST = 0x1_0000;

/** An event of the format, without its process and thread. */
interface Shown {
  readonly ph: 'X' | 'i' | 'B' | 'E' | 'b' | 'e';
  readonly name: string;
  readonly at: Nanos;
  readonly until?: Nanos;
  readonly id?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

/**
 * The Trace Event Format, which ui.perfetto.dev and chrome://tracing open: a track for each queue, disk, line, wire and
 * serial port, and for accesses, interrupts and findings. Times are microseconds of virtual time.
 */
export class TraceEvents implements TraceWriter {
  private readonly line: (text: string) => void;
  private readonly threads = new Map<string, number>();
  private readonly printed = new Map<string, string>();
  private readonly high = new Map<string, Nanos>();
  private begun = false;
  private last: Nanos = 0;
  private spans = 0;

  constructor(line: (text: string) => void) {
    this.line = line;
    line('[');
  }

  add(record: TraceRecord): void {
    const { at } = record;
    this.last = at;
    switch (record.kind) {
      case 'access': {
        const { space, write, address, width, value, text } = record;
        const args = { space, address: address.toString(16), width, value: value.toString(16) };
        this.put('accesses', `${write ? 'write' : 'read'}s`, { ph: 'i', name: text, at, args });
        break;
      }
      case 'frame': {
        const args = { bytes: record.data.length };
        this.put('wires', record.nic, { ph: 'i', name: record.sent ? 'sent' : 'received', at, args });
        break;
      }
      case 'serial':
        this.print(record.port, record.byte, at);
        break;
      case 'level':
        this.level(record.line, record.level, at);
        break;
      case 'interrupt':
        this.put('interrupts', 'CPU', { ph: 'i', name: `vector ${record.vector.toString(16)}`, at });
        break;
      case 'chain': {
        const { queue, id, since, written } = record;
        this.span('queues', queue, { name: `chain ${id}`, since, at, args: { written } });
        break;
      }
      case 'command': {
        const { disk, name, since, cdb, response, status } = record;
        this.span('commands', disk, { name, since, at, args: { cdb, response, status } });
        break;
      }
      case 'finding': {
        const { severity, subject, said, clause } = record;
        this.put('findings', severity, { ph: 'i', name: clause, at, args: { subject, said } });
        break;
      }
      case 'power':
        this.put('power', 'machine', { ph: 'i', name: record.what, at });
        break;
    }
  }

  end(): void {
    for (const line of this.high.keys()) this.level(line, false, this.last);
    for (const [port, text] of this.printed)
      if (text !== '') this.put('serial', port, { ph: 'i', name: text, at: this.last });
    this.line(']');
  }

  /** Chains and commands overlap, which slices of one track may not: events of one category and id are matched. */
  private span(
    track: string,
    who: string,
    { name, since, at, args }: { name: string; since: Nanos; at: Nanos; args: Record<string, unknown> },
  ): void {
    const id = this.spans++;
    this.put(track, who, { ph: 'b', name, at: since, id, args });
    this.put(track, who, { ph: 'e', name, at, id });
  }

  /** A high line is a slice from its rise. */
  private level(line: string, level: boolean, at: Nanos): void {
    const since = this.high.get(line);
    if (level) this.high.set(line, at);
    else if (since !== undefined) {
      this.high.delete(line);
      this.put('lines', line, { ph: 'X', name: line, at: since, until: at });
    }
  }

  /** Outputs one line of text at a time. */
  private print(port: string, byte: number, at: Nanos): void {
    const text = this.printed.get(port) ?? '';
    if (byte !== NEWLINE && text.length < LONGEST) {
      this.printed.set(port, text + String.fromCharCode(byte));
      return;
    }
    this.printed.set(port, byte === NEWLINE ? '' : String.fromCharCode(byte));
    this.put('serial', port, { ph: 'i', name: text.trimEnd(), at });
  }

  private put(track: string, name: string, { at, until, ...event }: Shown): void {
    const more = until === undefined ? {} : { dur: (until - at) / 1000 };
    const kind = event.ph === 'i' ? { s: 't' } : {};
    this.write({
      ...event,
      cat: track,
      ts: at / 1000,
      ...more,
      ...kind,
      pid: PROCESS,
      tid: this.thread(track, name),
    });
  }

  private thread(track: string, name: string): number {
    const key = `${track}: ${name}`;
    const known = this.threads.get(key);
    if (known !== undefined) return known;
    const tid = this.threads.size + 1;
    this.threads.set(key, tid);
    const about = { ph: 'M', pid: PROCESS, tid };
    this.write({ ...about, name: 'thread_name', args: { name: key } });
    this.write({ ...about, name: 'thread_sort_index', args: { sort_index: ORDER.indexOf(track) } });
    return tid;
  }

  private write(event: object): void {
    this.line(`${this.begun ? ',' : ''}${JSON.stringify(event)}`);
    this.begun = true;
  }
}
