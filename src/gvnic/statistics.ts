import type { Board, DmaGate } from '../core/board.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { Area } from './area.ts';
import { COMMAND_STATUS, report_stats, STAT, stats, stats_report } from './registers/admin.ts';

const { PASSED, INVALID_ARGUMENT } = COMMAND_STATUS;
const MILLISECOND = 1_000_000;
/** A minute: no driver asks for less often. */
const INTERVAL_MOST = 60_000;
const KINDS = Object.values(STAT);

/** What a receive queue counts. */
interface ReceiveCounts {
  noBuffers: number;
  badChecksums: number;
}

/** The card that reports. */
interface Reporting {
  readonly name: string;
  readonly board: Board;
  readonly gate: DmaGate;
}

/** Reports what the receive queues count into memory of the driver's, again and again. */
export class Statistics {
  /** Of each receive queue. */
  readonly counts: ReceiveCounts[];
  private area: Area | null = null;
  private interval = 0;
  private readonly card: Reporting;
  private readonly clock: Clock;
  private readonly timer: Timer;
  /** How many receive queues there are now. */
  private readonly running: () => number;

  constructor(card: Reporting, pairs: number, running: () => number) {
    const { name, board } = card;
    this.card = card;
    this.clock = board.clock;
    this.running = running;
    this.counts = Array.from({ length: pairs }, () => ({ noBuffers: 0, badChecksums: 0 }));
    this.timer = this.clock.timer(`${name} statistics`, () => this.report());
  }

  /** A length and an address of 0 end the reports. */
  configure(payload: Uint8Array): number {
    const command = report_stats.decode(payload);
    const [length, interval] = [Number(command.stats_report_len), Number(command.interval)];
    this.stop();
    if (length === 0) return PASSED;
    const area = new Area(this.card.board.memory, Number(command.stats_report_addr), length);
    if (length < stats_report.size || !area.find()) return INVALID_ARGUMENT;
    this.area = area;
    this.interval = Math.min(Math.max(interval, 1), INTERVAL_MOST) * MILLISECOND;
    this.timer.arm(this.interval);
    return PASSED;
  }

  stop(): void {
    this.area = null;
    this.timer.disarm();
  }

  close(): void {
    this.clock.remove(this.timer);
  }

  /** The device's records are the last of the block. */
  private report(): void {
    const { area } = this;
    if (area === null) return;
    this.timer.arm(this.interval);
    const queues = this.running();
    const records = Math.floor((area.length - stats_report.size) / stats.size);
    const first = records - KINDS.length * queues;
    if (first < 0 || !this.card.gate.open || !area.find()) return;
    for (let i = 0; i < KINDS.length * queues; i++) {
      const queue_id = Math.floor(i / KINDS.length);
      const stat_name = KINDS[i % KINDS.length]!;
      const value = BigInt(this.valueOf(stat_name, queue_id));
      const at = stats_report.size + (first + i) * stats.size;
      stats.encode({ stat_name, queue_id, value }, area.bytes, area.at + at);
      area.wrote(at, stats.size);
    }
  }

  private valueOf(name: number, queue: number): number {
    const { noBuffers, badChecksums } = this.counts[queue]!;
    if (name === STAT.RX_DROPS || name === STAT.RX_NO_BUFFERS) return noBuffers;
    return name === STAT.RX_BAD_CHECKSUM ? badChecksums : 0;
  }
}
