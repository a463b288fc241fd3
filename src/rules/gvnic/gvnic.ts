import { compose } from '../../core/compose.ts';
import type { Journal } from '../../core/journal.ts';
import { GVNIC_EVENTS, type GvnicEvents } from '../../gvnic/events.ts';
import { RegisterWatch } from './bring-up.ts';
import { BufferWatch } from './buffers.ts';
import { CommandWatch } from './command-watch.ts';
import { ConductWatch } from './conduct.ts';
import { DoorbellWatch } from './doorbells.ts';
import { DqoRingWatch } from './dqo-ring.ts';
import type { GvnicFacts } from './facts.ts';
import { LentToCard } from './lent-watch.ts';
import { Looks } from './looks.ts';
import { MailboxWatch } from './mailbox.ts';
import { MAILBOX_FORM, MailboxCommandWatch } from './mailbox-commands.ts';
import { SendWatch } from './sends.ts';
import { StockWatch } from './stock.ts';
import { TransmitWatch } from './transmit.ts';
import { WaitWatch } from './waits.ts';

/** Judges a driver of a gVNIC. */
export function judgeGvnic(facts: GvnicFacts, journal: Journal): GvnicEvents {
  const registers = new RegisterWatch(facts, journal);
  const commands = new CommandWatch(facts, journal, registers);
  return compose<GvnicEvents>(GVNIC_EVENTS, [
    registers,
    commands,
    new DoorbellWatch(commands, journal),
    new BufferWatch(commands, journal),
    new ConductWatch(facts, journal),
    new DqoRingWatch(commands, journal),
    new TransmitWatch(facts, journal),
    ...endWatches(commands, journal),
    ...lentWatches(commands, journal),
  ]);
}

/** Judges a driver of one with a mailbox. */
export function judgeMailbox(facts: GvnicFacts, journal: Journal): GvnicEvents {
  const registers = new RegisterWatch(facts, journal, MAILBOX_FORM);
  const commands = new MailboxCommandWatch(facts, journal, registers);
  return compose<GvnicEvents>(GVNIC_EVENTS, [
    new MailboxWatch(facts, journal),
    registers,
    commands,
    new DoorbellWatch(commands, journal),
    new BufferWatch(commands, journal),
    new ConductWatch(facts, journal),
    new DqoRingWatch(commands, journal),
    new TransmitWatch(facts, journal),
    ...endWatches(commands, journal),
    ...lentWatches(commands, journal),
  ]);
}

/** Of how a driver leaves its card. */
function endWatches(commands: CommandWatch, journal: Journal): Partial<GvnicEvents>[] {
  const { stores } = commands.facts;
  const looks = stores && new Looks(stores);
  // The second ends the looks at a queue that is gone.
  return [new StockWatch(commands, looks, journal), new WaitWatch(commands, looks, journal)];
}

/** Of a driver whose memory is seen. */
function lentWatches(commands: CommandWatch, journal: Journal): Partial<GvnicEvents>[] {
  const { stores, isLate } = commands.facts;
  if (stores === null) return [];
  // What is done within the access that asked for it nothing can change.
  const sends = isLate ? [new SendWatch(commands, stores.parts, journal)] : [];
  return [new LentToCard(commands, stores.allocations, journal), ...sends];
}
