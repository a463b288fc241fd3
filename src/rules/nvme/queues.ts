import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import { ENTRY_SIZE, PAGE } from '../../nvme/registers/bar0.ts';
import { ADMIN, CREATE_CQ_CDW11, CREATE_SQ_CDW11, cqe, FEATURE, sqe } from '../../nvme/registers/commands.ts';
import type { NvmeFacts } from './facts.ts';

/** What is known of an admin command. */
export interface AdminKnows {
  readonly subject: string;
  readonly facts: NvmeFacts;
  readonly opcode: number;
  readonly cdw10: number;
  readonly cdw11: number;
  /** PRP1. */
  readonly place: number;
  /** CC.IOSQES and CC.IOCQES. */
  readonly sizes: { readonly IOSQES: number; readonly IOCQES: number };
  /** What queues there are. */
  hasSubmission(queue: number): boolean;
  hasCompletion(queue: number): boolean;
  /** How many I/O queues there are, and how many submission queues complete there. */
  readonly ioQueues: number;
  usersOf(completion: number): number;
  /** The completion queue was made, or lost its submission queues, before the doorbell that gave the command. */
  isMade(completion: number): boolean;
  isLeft(completion: number): boolean;
  /** Set Features was given with the number of queues since the controller was reset. */
  readonly hasAsked: boolean;
  /** A completion queue that is used for the first time, and an entry of it that has the phase of a new one; -1 for none. */
  readonly completion: number;
  readonly stale: number;
  /** Requests for events that wait; there were some; and the log page of an event that was told and not read; 0 is none. */
  readonly requests: number;
  readonly hasRequested: boolean;
  readonly unread: number;
  /** The last request ended with an event, which was looked at; another command was given, and no request. */
  readonly isDeaf: boolean;
}

const queueOf = ({ cdw10 }: AdminKnows) => cdw10 & 0xffff;
const entriesOf = ({ cdw10 }: AdminKnows) => (cdw10 >>> 16) + 1;
const makesCompletion = (k: AdminKnows) => k.opcode === ADMIN.CREATE_CQ;
const makesSubmission = (k: AdminKnows) => k.opcode === ADMIN.CREATE_SQ;
const makes = (k: AdminKnows) => makesCompletion(k) || makesSubmission(k);
const setsQueues = (k: AdminKnows) =>
  k.opcode === ADMIN.SET_FEATURES && (k.cdw10 & 0xff) === FEATURE.NUMBER_OF_QUEUES;
const requests = (k: AdminKnows) => k.opcode === ADMIN.ASYNC_EVENT_REQUEST;
const deletesSubmission = (k: AdminKnows) => k.opcode === ADMIN.DELETE_SQ;
const deletes = (k: AdminKnows) => deletesSubmission(k) || k.opcode === ADMIN.DELETE_CQ;
const aborts = (k: AdminKnows) => k.opcode === ADMIN.ABORT;
const isOfSubmission = (k: AdminKnows) => makesSubmission(k) || deletesSubmission(k) || aborts(k);
const targetOf = (k: AdminKnows) => k.cdw11 >>> CREATE_SQ_CDW11.shift.CQID;
const kindText = (k: AdminKnows) => `${isOfSubmission(k) ? 'submission' : 'completion'} queue ${queueOf(k)}`;
const bytesOf = (k: AdminKnows) => entriesOf(k) * (makesSubmission(k) ? sqe.size : cqe.size);
const isRam = (k: AdminKnows) => k.place > 0 && k.facts.memory.find(k.place, bytesOf(k)) !== null;
const isThere = (k: AdminKnows) =>
  isOfSubmission(k) ? k.hasSubmission(queueOf(k)) : k.hasCompletion(queueOf(k));

/** Rules for the commands that make and delete queues, and for requests for events. */
export const NVME_QUEUES = {
  'nvme/CC-ENTRIES': {
    where: 'NVM Express 1.4, 3.1.5',
    text: 'A driver MUST set CC.IOSQES and CC.IOCQES before it creates an I/O queue.',
    advice: 'Set IOSQES to 6 and IOCQES to 4: entries of 64 and 16 bytes.',
    on: 'commanded',
    when: makes,
    kept: ({ sizes: { IOSQES, IOCQES } }) => IOSQES === ENTRY_SIZE.IOSQES && IOCQES === ENTRY_SIZE.IOCQES,
    said: ({ sizes: { IOSQES, IOCQES } }) => `CC.IOSQES is ${IOSQES} and CC.IOCQES ${IOCQES}`,
  },
  'nvme/QUEUE-ID': {
    where: 'NVM Express 1.4, 5.1 and 5.3 to 5.6',
    text: 'A driver MUST give a new queue a number of its own, from 1 up to those granted, and delete, or abort commands of, only queues that are there.',
    advice:
      'Ask for queues by Set Features, 07, and use the numbers up to the lesser of both answers, plus 1; delete each once. In dword 10 the number is the lower half.',
    on: 'commanded',
    when: (k) => makes(k) || deletes(k) || aborts(k),
    kept: (k) => {
      if (aborts(k)) return isThere(k);
      return queueOf(k) > 0 && queueOf(k) <= k.facts.queues && isThere(k) === deletes(k);
    },
    said: (k) => {
      if (aborts(k)) return `a command of ${kindText(k)} was to be aborted, which is not there`;
      if (!deletes(k)) return `${kindText(k)} was to be made, of ${k.facts.queues}`;
      return `${kindText(k)} was to be deleted, which is ${queueOf(k) === 0 ? 'for admin commands' : 'not there'}`;
    },
  },
  'nvme/QUEUE-SIZE': {
    where: 'NVM Express 1.4, 5.3 and 5.4',
    text: 'A driver MUST make queues of 2 entries up to CAP.MQES + 1.',
    advice: 'Put the number less one into the upper half of dword 10.',
    on: 'commanded',
    when: makes,
    kept: (k) => entriesOf(k) >= 2 && entriesOf(k) <= k.facts.entries,
    said: (k) => `${kindText(k)} was to have ${entriesOf(k)} entries, of ${k.facts.entries}`,
  },
  'nvme/QUEUE-PIECE': {
    where: 'NVM Express 1.4, 5.3 and 5.4',
    text: 'A driver MUST set PC, and give a queue memory in one piece, where CAP.CQR is set.',
    advice: 'Set bit 0 of dword 11.',
    on: 'commanded',
    when: makes,
    kept: (k) => (k.cdw11 & CREATE_CQ_CDW11.mask.PC) !== 0,
    said: (k) => `${kindText(k)} was made without PC`,
  },
  'nvme/QUEUE-ALIGN': {
    where: 'NVM Express 1.4, 5.3 and 5.4',
    text: 'A driver MUST place an I/O queue in RAM, at the beginning of a page.',
    advice: 'Allocate whole pages for it, and put their physical address, of 64 bits, into PRP1.',
    on: 'commanded',
    when: makes,
    kept: (k) => k.place % PAGE === 0 && isRam(k),
    said: (k) =>
      isRam(k)
        ? `${kindText(k)} begins at ${hex(k.place % PAGE, 3)} of a page`
        : `${kindText(k)} is at ${hex(k.place, 8)}, where ${bytesOf(k)} bytes are not all RAM`,
  },
  'nvme/CQ-VECTOR': {
    where: 'NVM Express 1.4, 5.3',
    text: 'A driver MUST give a completion queue a vector that the MSI-X table has, and 0 without MSI-X.',
    advice: 'Number vectors from 0, and use those below the size of the table.',
    on: 'commanded',
    when: makesCompletion,
    kept: (k) => k.cdw11 >>> CREATE_CQ_CDW11.shift.IV < (k.facts.canSignal ? k.facts.vectors : 1),
    said: (k) => `${kindText(k)} was to use vector ${k.cdw11 >>> CREATE_CQ_CDW11.shift.IV}`,
  },
  'nvme/CQ-CLEAR': {
    where: 'NVM Express 1.4, 4.6',
    text: 'A driver MUST clear the memory of a completion queue before it submits a command that completes there.',
    advice: 'Write zeros: an entry whose phase is 1 is taken for a new one.',
    // Linux creates the queue first.
    on: 'begun',
    kept: (k) => k.stale < 0,
    said: (k) => `entry ${k.stale} of completion queue ${k.completion} has phase 1 already`,
  },
  'nvme/SQ-CQ': {
    where: 'NVM Express 1.4, 5.4',
    text: 'A driver MUST create a completion queue before a submission queue that names it.',
    advice:
      'Send Create I/O Completion Queue first, and wait for it: commands of one doorbell have no order.',
    on: 'commanded',
    when: makesSubmission,
    kept: (k) => targetOf(k) > 0 && k.hasCompletion(targetOf(k)) && k.isMade(targetOf(k)),
    said: (k) =>
      `${kindText(k)} names completion queue ${targetOf(k)}${k.hasCompletion(targetOf(k)) ? ', which was not there yet when the command was given' : ''}`,
  },
  'nvme/CQ-DELETE': {
    where: 'NVM Express 1.4, 5.5',
    text: 'A driver MUST delete the submission queues of a completion queue before it.',
    advice:
      'Send Delete I/O Submission Queue first, and wait for it: commands of one doorbell have no order.',
    on: 'commanded',
    when: (k) => k.opcode === ADMIN.DELETE_CQ && queueOf(k) > 0,
    kept: (k) => k.usersOf(queueOf(k)) === 0 && k.isLeft(queueOf(k)),
    said: (k) =>
      k.usersOf(queueOf(k)) === 0
        ? `completion queue ${queueOf(k)} still had a submission queue when its deletion was given`
        : `completion queue ${queueOf(k)} was deleted with ${k.usersOf(queueOf(k))} submission queues`,
  },
  'nvme/QUEUES-ASKED': {
    // EDK II, SeaBIOS and nanos make a queue or two without.
    where: 'NVM Express 1.4, 5.21.1.7',
    text: 'Do not create a queue before the number of queues was asked for.',
    advice: 'Send Set Features, 07, and look at dword 0 of the answer.',
    on: 'commanded',
    when: makes,
    kept: (k) => k.hasAsked,
    said: (k) => `${kindText(k)} was made, and no number of queues was asked for`,
  },
  'nvme/QUEUES-ONCE': {
    where: 'NVM Express 1.4, 5.21.1.7',
    text: 'A driver MUST NOT ask for the number of queues once there is an I/O queue.',
    advice: 'Ask after a reset of the controller, before the first queue.',
    on: 'commanded',
    when: setsQueues,
    kept: (k) => k.ioQueues === 0,
    said: (k) => `Set Features, 07, was sent with ${k.ioQueues} I/O queues`,
  },
  'nvme/AER-LIMIT': {
    where: 'NVM Express 1.4, 5.2',
    text: 'A driver MUST NOT have more requests for events outstanding than AERL + 1.',
    advice: 'Read AERL of Identify Controller, byte 259.',
    on: 'commanded',
    when: requests,
    kept: (k) => k.requests < k.facts.requests,
    said: (k) => `${k.requests} requests for events wait, of ${k.facts.requests}`,
  },
  'nvme/AER-LOG': {
    where: 'NVM Express 1.4, 5.2',
    // Linux waits for the next event first.
    text: 'Send Get Log Page for each event, then Asynchronous Event Request again: until both no further one of its type is told.',
    advice:
      'Read the page in dword 0 of the completion, with RAE 0, and give another request for the one that ended.',
    on: 'ended',
    when: (k) => k.hasRequested,
    kept: (k) => k.unread === 0 && !k.isDeaf,
    said: (k) =>
      k.unread === 0
        ? 'an event was told, and no other request for events was sent'
        : `log page ${hex(k.unread, 2)} of an event was not read`,
  },
} as const satisfies Rules<AdminKnows>;
