import type { NvmeEvents } from '../../nvme/events.ts';
import * as reg from '../../nvme/registers/bar0.ts';
import { ADMIN } from '../../nvme/registers/commands.ts';
import { type Script, scripts } from '../script.proof.ts';
import type { NVME_BRING_UP } from './bring-up.ts';
import type { NVME_DOORBELLS } from './doorbells.ts';
import type { NVME_QUEUES } from './queues.ts';
import {
  COMPLETIONS,
  enable,
  give,
  makePair,
  makeWatch,
  type NvmeScript,
  prepared,
  RUNNING,
  run,
  STALE,
  SUBMISSIONS,
  write,
} from './script-rig.proof.ts';

const [READY, FAILED, SHUT] = [1, 2, 9];
const OPEN = true;

/** A way to begin that differs from the good one. */
const enabling = (wrong: Parameters<typeof enable>[1]): Script<NvmeScript> => ({
  breaks: (script) => enable(script, wrong),
  keeps: (script) => enable(script),
});

/** The machine is turned off with this CSTS. */
const turningOff = (wrong: number, right: number): Script<NvmeScript> => ({
  breaks: (script) => turnOff(script, wrong),
  keeps: (script) => turnOff(script, right),
});
function turnOff(script: NvmeScript, csts: number): void {
  enable(script);
  script.csts = csts;
  script.turnOff();
}

export const NVME_BRING_UP_PROOFS = scripts<NvmeScript, keyof typeof NVME_BRING_UP>(makeWatch, {
  'nvme/REG-WIDTH': {
    breaks: ({ events }) => events.registerRead(reg.CAP, 0, 2, 0),
    keeps: ({ events }) => events.registerRead(reg.CAP, 0, 4, 0),
  },
  'nvme/EN-MASTER': enabling({ open: !OPEN }),
  'nvme/EN-READY': enabling({ csts: READY }),
  'nvme/EN-STOP': {
    breaks: (script) => {
      enable(script);
      write(script.events, reg.CC, 0);
    },
    keeps: (script) => {
      enable(script);
      write(script.events, reg.CC, 0, READY);
    },
  },
  'nvme/AQ-STABLE': {
    breaks: (script) => {
      enable(script);
      write(script.events, reg.AQA, 0x0007_0007, READY);
    },
    keeps: (script) => {
      enable(script);
      write(script.events, reg.CC, 0, READY);
      write(script.events, reg.AQA, 0x0007_0007);
    },
  },
  'nvme/AQ-ALIGN': {
    breaks: ({ events }) => write(events, reg.ASQ, SUBMISSIONS + 64),
    keeps: ({ events }) => write(events, reg.ASQ, SUBMISSIONS),
  },
  'nvme/AQ-SIZE': enabling({ aqa: 0x0007_0000 }),
  'nvme/AQ-LIMITS': enabling({ hasCap: false }),
  'nvme/CC-PAGE': enabling({ cc: RUNNING | 0x80 }),
  'nvme/REG-RESERVED': enabling({ cc: RUNNING | 0x100_0000 }),
  'nvme/CC-SET': enabling({ cc: RUNNING | 0x60 }),
  'nvme/CC-STABLE': {
    breaks: (script) => {
      enable(script);
      write(script.events, reg.CC, RUNNING | 0x80, READY);
    },
    keeps: (script) => {
      enable(script);
      write(script.events, reg.CC, RUNNING | 0x4000, READY);
    },
  },
  'nvme/INTM-MESSAGES': {
    breaks: (script) => {
      script.canSignal = true;
      write(script.events, reg.INTMS, 1);
    },
    keeps: ({ events }) => write(events, reg.INTMS, 1),
  },
  'nvme/SHUT-POWER': turningOff(READY, SHUT),
});

const tail = (events: NvmeEvents, value: number, csts = READY, queue = 1) => {
  events.doorbellWritten(0x1000 + queue * 8, 4, value, csts, OPEN);
  events.submissionRung(queue, value, 8, 0, 0);
};
const head = (events: NvmeEvents, value: number) => {
  events.doorbellWritten(0x100c, 4, value, READY, OPEN);
  events.completionRung(1, value, 8, 0, 2);
};
/** A doorbell with another number. */
const ringing = (
  wrong: (events: NvmeEvents) => void,
  right: (events: NvmeEvents) => void,
): Script<NvmeScript> => ({
  breaks: ({ events }) => wrong(events),
  keeps: ({ events }) => right(events),
});

export const NVME_DOORBELL_PROOFS = scripts<NvmeScript, keyof typeof NVME_DOORBELLS>(makeWatch, {
  'nvme/DB-WIDTH': ringing(
    (events) => events.doorbellWritten(0x1008, 2, 1, READY, OPEN),
    (events) => tail(events, 1),
  ),
  'nvme/DB-READY': ringing(
    (events) => events.doorbellWritten(0x1008, 4, 1, 0, OPEN),
    (events) => tail(events, 1),
  ),
  'nvme/CFS-RESET': {
    breaks: ({ events }) => {
      events.registerRead(reg.CSTS, reg.CSTS.offset, 4, FAILED);
      events.doorbellWritten(0x1008, 4, 1, FAILED, OPEN);
    },
    keeps: ({ events }) => events.doorbellWritten(0x1008, 4, 1, FAILED, OPEN),
  },
  'nvme/SHUT-QUIET': ringing(
    (events) => events.doorbellWritten(0x1008, 4, 1, 9, OPEN),
    (events) => tail(events, 1),
  ),
  'nvme/DB-QUEUE': ringing(
    (events) => {
      events.doorbellWritten(0x1010, 4, 1, READY, OPEN);
      events.submissionRung(2, 1, 0, 0, 0);
    },
    (events) => tail(events, 1),
  ),
  'nvme/DB-RANGE': ringing(
    (events) => tail(events, 8),
    (events) => tail(events, 7),
  ),
  'nvme/DB-SAME': ringing(
    (events) => tail(events, 0),
    (events) => tail(events, 1),
  ),
  'nvme/SQ-OVERRUN': ringing(
    (events) => {
      events.doorbellWritten(0x1008, 4, 3, READY, OPEN);
      events.submissionRung(1, 3, 8, 1, 3);
    },
    (events) => {
      events.doorbellWritten(0x1008, 4, 2, READY, OPEN);
      events.submissionRung(1, 2, 8, 1, 3);
    },
  ),
  'nvme/CQ-BEYOND': ringing(
    (events) => head(events, 3),
    (events) => head(events, 2),
  ),
});

/** A queue that is made in another way. */
const making = (
  completion: Parameters<typeof makePair>[1],
  submission: Parameters<typeof makePair>[2] = {},
) => ({
  breaks: (script: NvmeScript) => {
    run(script);
    makePair(script, completion, submission);
  },
  keeps: prepared,
});
/** The first command of an admin queue that completes there. */
const begins = ({ events, memory }: NvmeScript, completions: number) => {
  memory.ranges[0]!.bytes[SUBMISSIONS] = ADMIN.IDENTIFY;
  events.queueMade(false, 0, completions, 8);
  events.queueMade(true, 0, SUBMISSIONS, 8);
  tail(events, 1, READY, 0);
};
const times = (count: number, script: NvmeScript) => {
  run(script);
  for (let cid = 0; cid < count; cid++) give(script, { opcode: ADMIN.ASYNC_EVENT_REQUEST, cid });
};

export const NVME_QUEUE_PROOFS = scripts<NvmeScript, keyof typeof NVME_QUEUES>(makeWatch, {
  'nvme/CC-ENTRIES': {
    breaks: (script) => {
      run(script, { cc: 0x0040_0001 });
      makePair(script);
    },
    keeps: prepared,
  },
  'nvme/QUEUE-ID': making({ cdw10: 0x7_0003 }),
  'nvme/QUEUE-SIZE': making({ cdw10: 0x400_0001 }),
  'nvme/QUEUE-PIECE': making({ cdw11: 0 }),
  'nvme/QUEUE-ALIGN': making({}, { prp1: BigInt(SUBMISSIONS + 64) }),
  'nvme/CQ-VECTOR': making({ cdw11: 0x1_0003 }),
  'nvme/CQ-CLEAR': {
    breaks: (script) => begins(script, STALE),
    keeps: (script) => begins(script, COMPLETIONS),
  },
  'nvme/SQ-CQ': making({}, { cdw11: 0x2_0001 }),
  'nvme/CQ-DELETE': {
    breaks: (script) => {
      prepared(script);
      give(script, { opcode: ADMIN.DELETE_CQ, cdw10: 1 });
    },
    keeps: (script) => {
      prepared(script);
      script.events.queueGone(true, 1);
      give(script, { opcode: ADMIN.DELETE_CQ, cdw10: 1 });
    },
  },
  'nvme/QUEUES-ASKED': {
    breaks: (script) => {
      run(script);
      give(script, { opcode: ADMIN.CREATE_CQ, cdw10: 0x7_0001, cdw11: 1, prp1: BigInt(COMPLETIONS) });
    },
    keeps: prepared,
  },
  'nvme/QUEUES-ONCE': {
    breaks: (script) => {
      prepared(script);
      give(script, { opcode: ADMIN.SET_FEATURES, cdw10: 7 });
    },
    keeps: prepared,
  },
  'nvme/AER-LIMIT': {
    breaks: (script) => times(5, script),
    keeps: (script) => times(4, script),
  },
  'nvme/AER-LOG': {
    breaks: (script) => {
      times(1, script);
      script.events.answered(0, 0, 0, 0x4_0002);
      script.end();
    },
    keeps: (script) => {
      times(1, script);
      script.events.answered(0, 0, 0, 0x4_0002);
      give(script, { opcode: ADMIN.GET_LOG_PAGE, cdw10: 0x3ff_0004 });
      script.end();
    },
  },
});
