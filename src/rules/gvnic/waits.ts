import type { Mark } from '../../core/access.ts';
import type { Nanos } from '../../core/bits.ts';
import { deviceOf } from '../../core/finding.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { DqoPacket, GvnicEvents } from '../../gvnic/events.ts';
import { COMMAND_STATUS, OPCODE, queue_resources } from '../../gvnic/registers/admin.ts';
import { DEVICE_STATUS } from '../../gvnic/registers/bar0.ts';
import { dqo_rx_completion, dqo_tx_completion, dqo_tx_pkt_desc } from '../../gvnic/registers/dqo.ts';
import { gqi_rx_desc, gqi_tx_pkt_desc, RX_SEQUENCES } from '../../gvnic/registers/gqi.ts';
import { MAILBOX_STATUS } from '../../gvnic/registers/mailbox.ts';
import { addSuspect } from '../suspected.ts';
import { type MadeQueue, resourcesOf } from './card-state.ts';
import type { CommandWatch } from './command-watch.ts';
import type { Looks } from './looks.ts';
import { commandBehind, refusalOf, requestBehind } from './posted.ts';

const { LINK_STATUS, RESET } = DEVICE_STATUS.mask;
const COUNTERS = 'the array of counters';
const WORD = 4;
/** Longer than a driver is busy with something else. */
const LONG: Nanos = 100_000_000;

/** What the device did with one queue since it was made. */
interface Progress {
  readonly made: MadeQueue;
  /** Descriptors or buffers that were posted, as the doorbell says. */
  posted: number;
  isRung: boolean;
  /** A descriptor asked for a completion. */
  asked: boolean;
  /** Entries that the device wrote into the ring of completions; of a GQI transmit ring descriptors that are done. */
  written: number;
  /** When it wrote the last one, and the first one since the driver looked at its ring. */
  at: Nanos;
  first: Nanos;
}

/** Knows in which state a driver left its card. It says nothing of a driver that ends. */
export class WaitWatch implements Partial<GvnicEvents> {
  /** The last use of the card. */
  since: Mark = 0;
  readonly device: string;
  private readonly commands: CommandWatch;
  private readonly journal: Journal;
  private readonly looks: Looks | null;
  private readonly queues = new Map<string, Progress>();
  /** Of the admin queue: where it is, and how many commands its doorbell says. */
  private admin = 0;
  private posted = 0;
  /** How the last command was refused, in words; null is not at all. */
  private refused: string | null = null;
  /** What was written to registers since the reset. */
  private readonly written = new Map<Register, number>();
  /** device_status, as it was read last. */
  private status = LINK_STATUS;

  /** @param looks of the driver at rings; null where its accesses to memory are not seen. */
  constructor(commands: CommandWatch, looks: Looks | null, journal: Journal) {
    this.commands = commands;
    this.journal = journal;
    this.device = deviceOf(commands.subject);
    this.looks = looks;
    addSuspect(journal, this);
  }

  get suspicion(): string | null {
    const said = this.refused ?? this.unposted() ?? this.ofStatus() ?? this.ofQueues();
    return said === null ? null : said.replace(/^(gvnic\/[-A-Z]+: )?/, `$1${this.device}: `);
  }

  private unposted(): string | null {
    const { memory } = this.commands.facts;
    return commandBehind(memory, this.admin, this.posted) ?? requestBehind(memory, this.written);
  }

  reset(): void {
    this.admin = this.posted = 0;
    this.refused = null;
    this.written.clear();
    this.sweep();
    this.looks?.end(COUNTERS);
  }

  registerWritten(register: Register | null, _offset: number, _width: number, value: number): void {
    this.since = this.journal.mark;
    if (register !== null) this.written.set(register, value);
  }

  registerRead(register: Register | null, _offset: number, _width: number, value: number): void {
    this.since = this.journal.mark;
    if (register === (DEVICE_STATUS as Register)) this.status = value;
  }

  doorbellWritten(): void {
    this.since = this.journal.mark;
  }

  adminPlaced(address: number): void {
    this.admin = address;
    this.posted = 0;
  }

  adminRung(posted: number): void {
    this.posted = posted;
  }

  answered(opcode: number, status: number): void {
    this.refused =
      status === COMMAND_STATUS.PASSED ? null : refusalOf(COMMAND_STATUS, 'command', opcode, status);
    const { looks, commands } = this;
    if (opcode === OPCODE.CONFIGURE_DEVICE_RESOURCES && this.refused === null && !commands.isDqo) {
      const [{ address, length }] = resourcesOf(commands.fields);
      looks?.begin(COUNTERS, address, length, WORD);
    }
    this.sweep();
  }

  replied(opcode: number, status: number): void {
    this.refused =
      status === MAILBOX_STATUS.PASSED ? null : refusalOf(MAILBOX_STATUS, 'request', opcode, status);
    this.sweep();
  }

  transmitRung(queue: number, outstanding: number, entries: number, added: number): void {
    if (added >= 0 && outstanding <= entries) this.ring(`transmit queue ${queue}`, added);
  }

  receiveRung(queue: number, outstanding: number, entries: number, added: number): void {
    if (added >= 0 && outstanding <= entries) this.give(queue, outstanding);
  }

  tailRung(queue: number, _tail: number, _entries: number, added: number): void {
    this.ring(`transmit queue ${queue}`, added);
  }

  buffersRung(queue: number, _tail: number, outstanding: number): void {
    this.give(queue, outstanding);
  }

  dqoPacket({ queue, reports }: DqoPacket): void {
    const one = this.queues.get(`transmit queue ${queue}`);
    if (one !== undefined) one.asked ||= reports;
  }

  gqiCounted(queue: number, count: number): void {
    this.write(`transmit queue ${queue}`, count);
  }

  dqoCompleted(queue: number): void {
    const name = `transmit queue ${queue}`;
    this.write(name, (this.queues.get(name)?.written ?? 0) + 1);
  }

  received(queue: number, count: number): void {
    const name = `receive queue ${queue}`;
    this.write(name, (this.queues.get(name)?.written ?? 0) + count);
  }

  private ring(name: string, added: number): void {
    const one = this.queues.get(name);
    if (one === undefined) return;
    one.isRung = true;
    one.posted += added;
  }

  /** So many buffers are with the device now. */
  private give(queue: number, outstanding: number): void {
    const one = this.queues.get(`receive queue ${queue}`);
    if (one === undefined) return;
    one.isRung = true;
    one.posted = one.written + outstanding;
  }

  private write(name: string, written: number): void {
    const one = this.queues.get(name);
    if (one === undefined) return;
    const { now } = this.journal;
    if (one.written === 0 || (this.looks?.lookedAt(name) ?? -1) >= one.at) one.first = now;
    one.written = written;
    one.at = now;
  }

  /** Queues come and go. */
  private sweep(): void {
    const { transmit, receive } = this.commands.state;
    const now = new Map<string, MadeQueue>();
    for (const [id, made] of transmit) now.set(`transmit queue ${id}`, made);
    for (const [id, made] of receive) now.set(`receive queue ${id}`, made);
    for (const [name, { made }] of this.queues)
      if (now.get(name) !== made) {
        this.queues.delete(name);
        this.looks?.end(name);
      }
    for (const [name, made] of now) if (!this.queues.has(name)) this.begin(name, made);
  }

  private begin(name: string, made: MadeQueue): void {
    this.queues.set(name, { made, posted: 0, isRung: false, asked: false, written: 0, at: 0, first: 0 });
    const ring = made.areas[this.writtenIn(name)];
    if (ring !== undefined) this.looks?.begin(name, ring.address, ring.length, this.entryOf(name));
  }

  /** The ring of a queue that the device writes. */
  private writtenIn(name: string): number {
    if (name.startsWith('receive')) return 0;
    return this.commands.isDqo ? 1 : -1;
  }

  private entryOf(name: string): number {
    const { isDqo } = this.commands;
    if (name.startsWith('receive')) return isDqo ? dqo_rx_completion.size : gqi_rx_desc.size;
    return dqo_tx_completion.size;
  }

  private ofStatus(): string | null {
    if ((this.status & RESET) !== 0) return 'gvnic/RESET-ASKED: device_status was read last with RESET set';
    return (this.status & LINK_STATUS) === 0
      ? 'gvnic/LINK-DOWN: device_status was read last with LINK_STATUS clear'
      : null;
  }

  private ofQueues(): string | null {
    for (const [name, one] of this.queues) {
      const said = this.unrung(name, one) ?? this.untaken(name, one);
      if (said !== null) return said;
    }
    return null;
  }

  /** What was filled in, and is beyond the doorbell: known of a ring that never went round. */
  private unrung(name: string, { made, posted, isRung, asked, written }: Progress): string | null {
    const { isDqo, facts } = this.commands;
    if (name.startsWith('receive')) {
      const some = posted > 0 ? `all ${posted} that it got were used` : 'its doorbell says none';
      const why = isRung ? some : 'its doorbell was never written';
      return written < posted ? null : `gvnic/RX-${isDqo ? 'TAIL' : 'COUNT'}: ${name} has no buffers: ${why}`;
    }
    if (isDqo && !asked && posted * 2 * dqo_tx_pkt_desc.size > made.areas[0]!.length)
      return `gvnic/DQO-REUSE: none of ${posted} descriptors of ${name} asked for a completion of its slots`;
    const [ring] = made.areas;
    const size = isDqo ? dqo_tx_pkt_desc.size : gqi_tx_pkt_desc.size;
    const bytes =
      posted * size < ring!.length ? facts.memory.slice(ring!.address + posted * size, size) : null;
    if (bytes?.some((byte) => byte !== 0) !== true) return null;
    const clause = isDqo ? 'gvnic/DQO-TAIL' : 'gvnic/TX-COUNT';
    const said = isRung ? `says ${posted}` : 'was never written';
    return `${clause}: descriptor ${posted} of ${name} is filled in, and the doorbell ${said}`;
  }

  /** What the device wrote long ago, and the driver does not take. */
  private untaken(name: string, one: Progress): string | null {
    const { looks, journal, commands } = this;
    const { made, written, at, first } = one;
    const index = this.writtenIn(name);
    if (looks === null || !looks.isSeen || written === 0 || journal.now - (index < 0 ? at : first) < LONG)
      return null;
    const held = commands.facts.heldBack(made.block ?? -1);
    const why = held === null ? '' : `: ${held}`;
    if (index < 0) return this.uncounted(name, one, held);
    const entries = made.areas[index]!.length / this.entryOf(name);
    const newest = (written - 1) % entries;
    const last = looks.lastIn(name);
    const looked = looks.lookedAt(name);
    const isOld = last >= 0 && (newest - last + entries) % entries < Math.min(written, entries / 2);
    if (isOld && looked - at >= LONG)
      return `entry ${last} of ${name} was looked at, and not taken, ${this.markOf(written - ((newest - last + entries) % entries), entries)}`;
    if (looked >= at || (held === null && name.startsWith('transmit'))) return null;
    return `entry ${newest} of ${name} was not looked at${why}`;
  }

  /** By what a driver knows that an entry is new: the device wrote it as so many-th. */
  private markOf(count: number, entries: number): string {
    if (!this.commands.isDqo) return `whose sequence is ${((count - 1) % RX_SEQUENCES) + 1}`;
    return `whose generation is ${Math.floor((count - 1) / entries) % 2 === 0 ? 1 : 0}`;
  }

  /** The counter of a GQI transmit queue is not looked at, or another one is. */
  private uncounted(name: string, { made, written, at }: Progress, held: string | null): string | null {
    const { looks, commands } = this;
    const resources = made.fields.queue_resources_addr;
    const bytes =
      resources === undefined ? null : commands.facts.memory.slice(resources, queue_resources.size);
    if (bytes === null || looks === null) return null;
    const { counter_index } = queue_resources.decode(bytes);
    const counter = commands.facts.memory.slice(looks.placeOf(COUNTERS, counter_index), WORD);
    const value = counter === null ? written : new DataView(counter.buffer, counter.byteOffset).getUint32(0);
    if (value !== written)
      return `counter ${counter_index} of ${name} was ${written}, and the driver stored ${value} there`;
    if (looks.timeOf(COUNTERS, counter_index) >= at) return null;
    const last = looks.lastIn(COUNTERS);
    const isOther = last >= 0 && looks.timeOf(COUNTERS, last) - at >= LONG;
    if (!isOther && held === null) return null;
    const why = isOther ? `counter ${last} was` : held!;
    return `counter ${counter_index} of ${name} is ${written}, and was not looked at: ${why}`;
  }
}
