import type { Nanos } from '../../core/bits.ts';
import type { TraceRecord, TraceWriter } from '../trace-record.ts';

/** Identifiers consist of the printable characters (IEEE 1364-2005, 18.2.1). */
const [FIRST, COUNT] = [33, 94];

/** A signal in a file: its scope and name, and its initial level. */
export interface Signal {
  readonly line: string;
  readonly scope: string;
  readonly name: string;
  readonly level: boolean;
}

/**
 * A value change dump (IEEE 1364-2005, 18) of binary lines, in nanoseconds, for GTKWave and PulseView. The signals must
 * be known before the first change.
 */
export class Vcd implements TraceWriter {
  private readonly line: (text: string) => void;
  private readonly ids = new Map<string, string>();
  private at: Nanos = -1;
  private last: Nanos = 0;

  constructor(line: (text: string) => void, signals: readonly Signal[]) {
    this.line = line;
    line('$version guestrig $end');
    line('$timescale 1 ns $end');
    for (const scope of new Set(signals.map((signal) => signal.scope))) {
      line(`$scope module ${scope} $end`);
      for (const one of signals.filter((signal) => signal.scope === scope)) {
        this.ids.set(one.line, identifier(this.ids.size));
        line(`$var wire 1 ${this.ids.get(one.line)} ${one.name} $end`);
      }
      line('$upscope $end');
    }
    line('$enddefinitions $end');
    line('$dumpvars');
    for (const one of signals) line(`${one.level ? 1 : 0}${this.ids.get(one.line)}`);
    line('$end');
  }

  add(record: TraceRecord): void {
    this.last = record.at;
    if (record.kind !== 'level') return;
    const id = this.ids.get(record.line);
    if (id === undefined) return;
    this.moveTo(record.at);
    this.line(`${record.level ? 1 : 0}${id}`);
  }

  /** The last time is written without a change, so that a viewer shows the whole duration. */
  end(): void {
    this.moveTo(this.last);
  }

  private moveTo(at: Nanos): void {
    const whole = Math.floor(at);
    if (whole <= this.at) return;
    this.at = whole;
    this.line(`#${whole}`);
  }
}

function identifier(index: number): string {
  const rest = Math.floor(index / COUNT);
  const character = String.fromCharCode(FIRST + (index % COUNT));
  return rest === 0 ? character : identifier(rest - 1) + character;
}
