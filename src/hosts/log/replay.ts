import { Buffer } from 'node:buffer';
import type { Nanos, Width } from '../../core/bits.ts';
import type { Timer } from '../../core/clock.ts';
import { execute } from '../../core/processor.ts';
import type { Machine } from '../../machine/machine.ts';
import { EndlessLoopError } from '../../machine/patience.ts';
import type { MachinePort } from '../../machine/port.ts';
import { type GuestReport, judgeReport } from '../../rules/guest-report.ts';
import type { GuestRecord, RamRecord } from '../../trace/index.ts';
import type { LogLines } from './log-lines.ts';
import { actAsOtherEnd, type Ended } from './record/other-end.ts';
import type { Act, Recording } from './recording.ts';
import { fullFor } from './room.ts';

type Of<Kind extends Act['kind']> = Extract<Act, { kind: Kind }>;

/** An hour. No guest sleeps for as long; a damaged line may say so. */
const LONGEST: Nanos = 3_600_000_000_000;
/**
 * How often timers may fire: so often, and that much more for each line. A clock that ticks 18 times a second takes eight hours to
 * do it without a line; one that ticks thousands of times a second has a guest whose answers are lines.
 */
const FIRES = 1 << 20;
const FIRES_OF_A_LINE = 1000;

/** An answer of the machine that differs from the log's. */
export interface Departure {
  readonly line: number;
  readonly text: string;
  readonly logged: number;
  readonly answered: number;
}

/** Replays on a machine what a guest, and users outside, did on a similar one. */
export class Replay {
  /** Accesses that were made. */
  accesses = 0;
  /** The first departure, and their number: from there on the run is not that of the log. */
  departure: Departure | null = null;
  departures = 0;
  private readonly ended: Ended;
  private readonly machine: Machine;
  private readonly port: MachinePort;
  private readonly recording: Recording;
  private readonly lines: LogLines;
  private readonly accessTime: Nanos;
  /** Fires when somebody outside acts while the guest waits: it looks again then, as it did in the run. */
  private readonly meanwhile: Timer;
  /** From one time at which timers fire to the next. */
  private steps = 0;

  /** @param recording begins behind the machine's record. */
  constructor(ended: Ended, recording: Recording, lines: LogLines) {
    const { machine } = ended;
    this.ended = ended;
    this.machine = machine;
    this.port = machine.chassis.port;
    this.recording = recording;
    this.lines = lines;
    this.accessTime = machine.chassis.plan.accessTime;
    this.meanwhile = machine.chassis.board.clock.timer('outside', () => this.actMeanwhile());
  }

  run(): void {
    for (let act = this.recording.next(); act !== null; act = this.recording.next()) this.play(act, true);
  }

  /** Every error is reported for its line; but an exhausted patience leaves the wait around it. */
  private play(act: Act, isTop = false): void {
    const line = this.recording.number;
    try {
      this.act(act);
    } catch (error) {
      if (!(error instanceof EndlessLoopError)) this.lines.damage(error, line);
      else if (!isTop) throw error;
    }
  }

  private act(act: Act): void {
    switch (act.kind) {
      case 'access':
        if (act.firmware !== true) this.access(act);
        return;
      case 'ram':
        this.ram(act);
        return;
      case 'guest':
        this.guest(act);
        return;
      case 'outside':
        this.moveTo(act.at);
        this.outside(act);
        return;
      case 'told':
        judgeReport(this.machine.journal, act as unknown as GuestReport);
        return;
      case 'turn':
        this.turn(act);
        return;
      case 'unjudged':
        if (act.begins) this.unjudged();
        return;
      case 'over':
        this.moveTo(act.at);
        this.machine.journal.end(act.waiting);
        return;
      case 'machine':
        this.lines.damage('a machine within the run of another', this.recording.number);
        return;
      case 'interrupt': // Its handler ran, or it was not taken here: the handler's actions follow.
        return;
    }
  }

  private outside({ of, does, with: given }: Of<'outside'>): void {
    const { ended, lines, recording } = this;
    const full = fullFor(ended, of, does, given);
    const isDone = full === null && actAsOtherEnd(ended, of, does, given);
    if (!isDone) lines.damage(full ?? `there is no device to ask for ${does} of ${of}`, recording.number);
  }

  private access(act: Of<'access'>): void {
    this.found();
    this.moveTo(act.at - this.accessTime);
    this.accesses++;
    const { address, width, value } = act;
    if (width === 8) {
      const high = Math.floor(value / 2 ** 32);
      this.accessOf({ ...act, width: 4, value: value >>> 0 });
      this.accessOf({ ...act, address: address + 4, width: 4, value: high });
    } else this.accessOf(act);
  }

  private accessOf(act: Of<'access'>): void {
    const { port } = this;
    const { space, write, address, value } = act;
    const width = act.width as Width;
    if (write && space === 'port') port.out(address, value, width);
    else if (write) port.write(address, value, width);
    else this.compare(act, space === 'port' ? port.in(address, width) : port.read(address, width));
  }

  private compare({ value: logged, text }: Of<'access'>, answered: number): void {
    if (answered >>> 0 === logged >>> 0) return;
    this.departures++;
    this.departure ??= { line: this.recording.number, text: text ?? '', logged, answered };
  }

  /**
   * What devices find in RAM during an access was there before it, and was not stored by the guest as far as was
   * seen.
   */
  private found(): void {
    for (let next = this.recording.peek(); next !== null; next = this.recording.peek()) {
      if (next.kind === 'ram' && next.does === 'found') this.put(next.address, Buffer.from(next.data, 'hex'));
      else if (next.kind === 'turn' && next.within === true) this.turn(next);
      else return;
      this.recording.next();
    }
  }

  private turn({ firmware, anew }: Of<'turn'>): void {
    const { journal } = this.machine;
    journal.excuses = () => firmware;
    if (anew === true) journal.startOver();
  }

  private put(address: number, bytes: Uint8Array): void {
    this.machine.chassis.board.memory.slice(address, bytes.length)?.set(bytes);
  }

  private ram(act: RamRecord & { readonly at: Nanos }): void {
    const { memory } = this.port;
    const { address } = act;
    if (act.does !== 'found') this.moveTo(act.at);
    switch (act.does) {
      case 'found':
        this.put(address, Buffer.from(act.data, 'hex'));
        return;
      case 'load':
        memory.load(address, act.width as Width);
        return;
      case 'store':
        memory.store(address, act.value, act.width as Width);
        return;
      case 'read':
        memory.read(address, new Uint8Array(Math.min(act.length, this.machine.ramBytes)));
        return;
      case 'write':
        memory.write(address, Buffer.from(act.data, 'hex'));
        return;
      case 'fill':
        memory.fill(address, act.value, act.length);
        return;
      case 'missed':
        if (act.write) memory.fill(address, 0, act.length);
        else memory.read(address, new Uint8Array(Math.min(act.length, this.machine.ramBytes)));
        return;
      case 'given':
      case 'released':
        this.allocated(address, act.length, act.does === 'given');
        return;
    }
  }

  /** What an allocator gives, and takes back, is RAM. */
  private allocated(address: number, length: number, isGiven: boolean): void {
    const { tap } = this.port.memory;
    const bytes = this.machine.chassis.board.memory.slice(address, length);
    if (bytes === null) this.lines.damage('it is about memory that is none', this.recording.number);
    else if (!isGiven) tap?.released(address, length);
    else {
      bytes.fill(0);
      tap?.allocated(address, length);
    }
  }

  private guest(act: GuestRecord & { readonly at: Nanos }): void {
    const { port } = this;
    this.moveTo(act.at);
    switch (act.does) {
      case 'mask':
      case 'unmask':
        port[act.does]();
        return;
      case 'time':
        port.now();
        return;
      case 'execute':
        if (act.vcpu < port.processors.length) execute(port.processors[act.vcpu]!, act.instruction, act.with);
        else this.lines.damage(`the machine has no vCPU ${act.vcpu}`, this.recording.number);
        return;
      case 'handle':
        port.handle(act.vector, () => this.handle(act.vector));
        return;
      case 'wait':
        port.wait(() => this.look(), act.limit ?? Number.POSITIVE_INFINITY);
        return;
    }
  }

  /** The guest's actions while it tested a wait's condition. */
  private look(): boolean {
    const { recording } = this;
    for (let act = recording.peek(); act !== null && act.kind !== 'over'; act = recording.peek()) {
      recording.next();
      if (act.kind === 'guest' && act.does === 'look') {
        const next = recording.peek();
        if (next?.kind === 'outside' && next.at > this.machine.now) this.meanwhile.armAt(next.at);
        return act.done;
      }
      this.play(act);
    }
    return true;
  }

  private actMeanwhile(): void {
    const { recording, machine } = this;
    const isDue = (act: Act | null) => act?.kind === 'outside' && act.at <= machine.now;
    while (isDue(recording.peek())) this.play(recording.next()!);
  }

  /** The actions of its handler; none, if the log has no such interrupt here. */
  private handle(vector: number): void {
    const { recording } = this;
    const isOther = (act: Act | null) => act?.kind === 'interrupt' && act.vector !== vector;
    while (isOther(recording.peek())) recording.next();
    if (recording.peek()?.kind !== 'interrupt') return;
    recording.next();
    for (let act = recording.peek(); act !== null && act.kind !== 'over'; act = recording.peek()) {
      recording.next();
      if (act.kind === 'guest' && act.does === 'return') return;
      this.play(act);
    }
  }

  private unjudged(): void {
    this.machine.journal.quietly(() => {
      for (let act = this.recording.next(); act !== null; act = this.recording.next()) {
        if (act.kind === 'unjudged') return;
        this.play(act);
      }
    });
  }

  private moveTo(at: Nanos): void {
    const { lines, recording, machine } = this;
    const { clock } = machine.chassis.board;
    const { number } = recording;
    const end = Math.floor(at);
    const isFar = end - clock.now > LONGEST;
    if (isFar) lines.damage('its time is hours after that of the line before', number);
    while (!isFar && clock.now < end) {
      clock.step(end);
      if (this.steps++ <= FIRES + FIRES_OF_A_LINE * number) continue;
      lines.damage('timers fire too often before its time comes', number);
      return;
    }
  }
}
