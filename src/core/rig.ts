import { AccessTrail } from './access.ts';
import { MmioSpace, PortSpace } from './address-space.ts';
import type { Gpa } from './bits.ts';
import type { Board } from './board.ts';
import { Clock } from './clock.ts';
import { Journal } from './journal.ts';
import { GuestMemory } from './memory.ts';
import { Random } from './random.ts';

/** For tests: a board with both address spaces, and a record of its interrupt messages. */
export class Rig {
  readonly clock = new Clock();
  readonly trail = new AccessTrail(this.clock);
  readonly journal = new Journal(this.clock, this.trail);
  readonly ports = new PortSpace();
  readonly mmio = new MmioSpace();
  /** Interrupt messages, oldest first. */
  readonly sent: { address: Gpa; data: number }[] = [];
  readonly board: Board;

  constructor(memory: GuestMemory = GuestMemory.of(4096)) {
    this.ports.tap = this.trail;
    this.mmio.tap = this.trail;
    this.board = {
      memory,
      clock: this.clock,
      messages: { deliver: (_from, address, data) => this.sent.push({ address, data }) },
      random: new Random(1),
    };
  }

  /** The newest access in words. */
  get lastAccess(): string {
    return this.trail.newest(1)[0]!.text;
  }

  /** The text of each finding, oldest first. */
  get findings(): string[] {
    return this.journal.findings.map(({ clause, subject, said }) => `${clause} ${subject}: ${said}`);
  }
}
