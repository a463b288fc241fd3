import { GuestMemory } from '../../core/memory.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import * as reg from '../../gvnic/registers/mailbox.ts';
import { scripts } from '../script.proof.ts';
import { judgeMailbox } from './gvnic.ts';
import type { GVNIC_MAILBOX } from './mailbox.ts';
import { factsWith } from './script-rig.proof.ts';

const { MAILBOX_OPCODE: OPCODE, mailbox_desc: desc } = reg;
const { DD, RD, BUF } = reg.MAILBOX_FLAGS.mask;
const { PASSED } = reg.MAILBOX_STATUS;
/** The ring of requests. */
const [RING, SLOTS] = [0x1000, 64];
const BYTES = 1 << 14;
/** Where doorbells of queues are. */
const DOORBELLS = { transmit: 0x1000, receive: 0x2000 } as const;
const ONE = Uint8Array.of(1, 0, 0, 0);

const REQUEST = {
  flags: BUF | RD,
  destination: reg.MAILBOX_DESTINATION,
  opcode: OPCODE.REPORT_LINK_STATUS,
  length: 1,
  addr_low: RING,
};

interface Mailbox {
  readonly events: GvnicEvents;
  readonly memory: GuestMemory;
}

/** Posts so many requests; cookies count up. */
function posts({ events, memory }: Mailbox, count: number, more: object = {}, hasBuffer = true): void {
  for (let slot = 0; slot < count; slot++)
    memory.write(RING + slot * desc.size, desc.encode({ ...REQUEST, cookie: 0x8000 | (slot << 6), ...more }));
  events.requestsRung(RING, 0, count, SLOTS, hasBuffer);
}

function resets({ events }: Mailbox, waits: boolean, base: number = RING): void {
  const wrote = (register: { readonly offset: number }, value: number) =>
    events.registerWritten(register as never, register.offset, 4, value, true);
  wrote(reg.RESET_CONTROL, reg.RESET_CONTROL.mask.RESET);
  events.reset();
  if (waits) events.registerRead(reg.RESET_STATUS as never, reg.RESET_STATUS.offset, 4, 1);
  wrote(reg.TX_BASE_LOW, base);
  wrote(reg.TX_LENGTH, (reg.TX_LENGTH.mask.ENABLE | SLOTS) >>> 0);
}

/** A queue of a kind is made, and its doorbell is written or not. */
function makes({ events }: Mailbox, kind: keyof typeof DOORBELLS, rings = true): void {
  const opcode = kind === 'transmit' ? OPCODE.CREATE_TX_QUEUES : OPCODE.CREATE_RX_QUEUES;
  const answer = new Uint8Array(reg.QUEUES_AT + reg.mailbox_queue_made.size);
  answer[0] = 1;
  reg.mailbox_queue_made.encode({ id: 0, tail_db: DOORBELLS[kind] }, answer, reg.QUEUES_AT);
  events.requested(opcode, new Uint8Array(64));
  events.replied(opcode, PASSED, answer);
  if (rings) events.doorbellWritten(DOORBELLS[kind], 4, true, true);
}

function enables({ events }: Mailbox, opcode: number): void {
  events.requested(opcode, ONE);
  events.replied(opcode, PASSED, ONE);
}

/** Both queues, enabled in this order. */
function inOrder(mailbox: Mailbox, ...opcodes: readonly number[]): void {
  makes(mailbox, 'transmit');
  makes(mailbox, 'receive');
  for (const opcode of opcodes) enables(mailbox, opcode);
}

function rings(mailbox: Mailbox, first: boolean): void {
  makes(mailbox, 'receive', first);
  enables(mailbox, OPCODE.ENABLE_RX_QUEUES);
}

export const GVNIC_MAILBOX_PROOFS = scripts<Mailbox, keyof typeof GVNIC_MAILBOX>(
  (journal) => {
    const memory = GuestMemory.of(BYTES);
    return { events: judgeMailbox(factsWith(memory), journal), memory };
  },
  {
    'gvnic/MBX-RESET': {
      breaks: (mailbox) => resets(mailbox, false),
      keeps: (mailbox) => resets(mailbox, true),
    },
    'gvnic/MBX-RING': {
      breaks: (mailbox) => resets(mailbox, true, RING + 4),
      keeps: (mailbox) => resets(mailbox, true),
    },
    'gvnic/MBX-BUFFERS': {
      breaks: (mailbox) => posts(mailbox, 1, {}, false),
      keeps: (mailbox) => posts(mailbox, 1),
    },
    'gvnic/MBX-SLOT': {
      breaks: (mailbox) => posts(mailbox, 1, { flags: BUF | RD | DD }),
      keeps: (mailbox) => posts(mailbox, 1),
    },
    'gvnic/MBX-REQUEST': {
      breaks: (mailbox) => posts(mailbox, 1, { destination: 0 }),
      keeps: (mailbox) => posts(mailbox, 1),
    },
    'gvnic/MBX-COOKIE': {
      breaks: (mailbox) => posts(mailbox, 2, { cookie: 0x8000 }),
      keeps: (mailbox) => posts(mailbox, 2),
    },
    'gvnic/MBX-MOST': { breaks: (mailbox) => posts(mailbox, 49), keeps: (mailbox) => posts(mailbox, 48) },
    'gvnic/MBX-FIRST': {
      breaks: (mailbox) => inOrder(mailbox, OPCODE.ENABLE_TX_QUEUES, OPCODE.ENABLE_RX_QUEUES),
      // One receive queue may be made and enabled again later.
      keeps: (mailbox) =>
        inOrder(mailbox, OPCODE.ENABLE_RX_QUEUES, OPCODE.ENABLE_TX_QUEUES, OPCODE.ENABLE_RX_QUEUES),
    },
    'gvnic/MBX-TAIL': {
      breaks: (mailbox) => rings(mailbox, false),
      keeps: (mailbox) => rings(mailbox, true),
    },
  },
);
