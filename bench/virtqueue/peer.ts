import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Ring } from './cells.ts';
import { type Order, type Outcome, orderLine, parseOutcome } from './order.ts';

export type PeerName = 'guestrig' | 'c' | 'rust-vmm' | 'v86';

/** A subject of the comparison, and its command. */
export interface PeerKind {
  readonly peer: PeerName;
  /** For ours: `plain` or `wasm` copies, or `batch`, chains taken and returned at once; for others their name. */
  readonly build: string;
  readonly rings: readonly Ring[];
  /** Whether it can measure its allocation. */
  readonly heap: boolean;
  readonly command: readonly string[] | null;
  /** Why there is no command. */
  readonly missing?: string;
}

/** A peer's process. It is idle between orders, so that peers take turns. */
export class Peer {
  readonly kind: PeerKind;
  /** The process's description of itself. */
  readonly version: string;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  private constructor(kind: PeerKind, child: ChildProcess, lines: AsyncIterator<string>, version: string) {
    this.kind = kind;
    this.child = child;
    this.lines = lines;
    this.version = version;
  }

  /** Starts the process; a string is the reason why it is unavailable. */
  static async start(kind: PeerKind): Promise<Peer | string> {
    if (kind.command === null) return kind.missing ?? 'not built';
    const [program, ...args] = kind.command;
    const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value } = await lines.next();
    const version = /^ready (.*)/.exec(value ?? '')?.[1];
    return version === undefined ? whyNot(said) : new Peer(kind, child, lines, version);
  }

  /** Runs `repeats` batches; throws unless every byte of every chain was used. */
  async carryOut(order: Order): Promise<Outcome> {
    this.child.stdin!.write(`${orderLine(order)}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.kind.peer} ended at: ${orderLine(order)}`);
    const outcome = parseOutcome(value);
    const { peer } = this.kind;
    const due = order.repeats * order.batch;
    if (outcome.chains !== due || outcome.bytes !== due * order.chainBytes)
      throw new Error(`${peer} answered ${value}, for ${due} chains, to: ${orderLine(order)}`);
    return outcome;
  }

  stop(): void {
    this.child.stdin!.end();
    this.child.unref();
  }
}

function whyNot(said: string): string {
  return said.split('\n').find((line) => /error/i.test(line)) ?? 'it does not start';
}
