import { AccessTrail } from '../core/access.ts';
import type { Gpa } from '../core/bits.ts';
import type { Board } from '../core/board.ts';
import { Clock } from '../core/clock.ts';
import { Journal } from '../core/journal.ts';
import { GuestMemory } from '../core/memory.ts';
import { MmioSpace } from '../core/mmio-space.ts';
import { PortSpace } from '../core/port-space.ts';
import { Random } from '../core/random.ts';

/** For tests: a board with both address spaces, and the interrupt messages that were sent. */
export class Rig {
  readonly clock = new Clock();
  readonly trail = new AccessTrail(() => this.clock.now);
  readonly journal = new Journal(() => this.clock.now, this.trail);
  readonly ports = new PortSpace();
  readonly mmio = new MmioSpace();
  /** Interrupt messages, oldest first. */
  readonly sent: { address: Gpa; data: number }[] = [];
  readonly board: Board;

  constructor() {
    this.ports.tap = this.trail;
    this.mmio.tap = this.trail;
    this.board = {
      memory: GuestMemory.of(4096),
      clock: this.clock,
      messages: { deliver: (_from, address, data) => this.sent.push({ address, data }) },
      journal: this.journal,
      random: new Random(1),
    };
  }

  /** The newest access in words. */
  get lastAccess(): string {
    return this.trail.newest(1)[0]!.text;
  }

  /** What each finding said, oldest first. */
  get findings(): string[] {
    return this.journal.findings.map(({ clause, subject, said }) => `${clause} ${subject}: ${said}`);
  }
}
