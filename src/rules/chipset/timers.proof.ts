import { REGISTER_A, REGISTER_B } from '../../chipset/registers/rtc.ts';
import type { Journal } from '../../core/journal.ts';
import { type ScriptClock, scripts } from '../script.proof.ts';
import { type PIT, PitWatch } from './pit.ts';
import { type RTC, RtcWatch } from './rtc.ts';
import type { RTC_READING } from './rtc-reading.ts';

const SECOND = 1_000_000_000;
const [UPDATING, HELD, HIGH] = [true, true, true];
const [SECONDS, MINUTES] = [0, 2];
const { HOURS_24: BY_24, PIE } = REGISTER_B.mask;
const HOURS_AT = 4;
/** REGISTER_A of a clock that counts, and interrupts 1024 times a second. */
const A = 0x26;

/** A clock, and time. */
class TimedRtc extends RtcWatch {
  private readonly clock: ScriptClock;

  constructor(journal: Journal, clock: ScriptClock) {
    super('rtc', journal);
    this.clock = clock;
  }

  /** A second passes, and the minutes are read again. */
  pass(): void {
    this.clock.now += SECOND;
    this.timeRead(MINUTES, !UPDATING, 0);
  }
}

export const RTC_READING_PROOFS = scripts<TimedRtc, keyof typeof RTC_READING>(
  (journal, clock) => new TimedRtc(journal, clock),
  {
    'rtc/UIP': {
      breaks: (rtc) => {
        rtc.timeRead(SECONDS, UPDATING, 0);
        rtc.pass();
      },
      keeps: (rtc) => {
        rtc.timeRead(SECONDS, UPDATING, 0);
        rtc.timeRead(SECONDS, !UPDATING, 0);
        rtc.pass();
      },
    },
    'rtc/UNGUARDED': {
      breaks: (rtc) => {
        rtc.indexed(REGISTER_A.offset);
        rtc.timeRead(SECONDS, !UPDATING, 0);
        rtc.timeRead(MINUTES, !UPDATING, 1);
        rtc.pass();
      },
      keeps: (rtc) => {
        rtc.indexed(REGISTER_A.offset);
        rtc.timeRead(SECONDS, !UPDATING, 0);
        rtc.timeRead(MINUTES, !UPDATING, 0);
        rtc.pass();
      },
    },
  },
);

export const RTC_PROOFS = scripts<TimedRtc, keyof typeof RTC>(
  (journal, clock) => new TimedRtc(journal, clock),
  {
    'rtc/SET-TIME': {
      breaks: (rtc) => rtc.timeWritten(SECONDS, !HELD, 0),
      keeps: (rtc) => rtc.timeWritten(SECONDS, HELD, 0),
    },
    'rtc/SET-LEFT': {
      breaks: (rtc) => {
        rtc.controlled(HELD, A, BY_24, BY_24);
        rtc.pass();
      },
      keeps: (rtc) => {
        rtc.controlled(HELD, A, BY_24, BY_24);
        rtc.controlled(!HELD, A, BY_24, BY_24);
        rtc.pass();
      },
    },
    'rtc/REFORMAT': {
      breaks: (rtc) => rtc.controlled(!HELD, A, PIE, BY_24),
      keeps: (rtc) => {
        rtc.controlled(HELD, A, 0, BY_24);
        rtc.timeWritten(HOURS_AT, HELD, 0x12);
        rtc.controlled(!HELD, A, 0, 0);
      },
    },
    'rtc/RATE': {
      breaks: (rtc) => rtc.controlled(!HELD, 0x20, BY_24 | PIE, BY_24),
      keeps: (rtc) => rtc.controlled(!HELD, A, BY_24 | PIE, BY_24),
    },
    'rtc/FORMAT': {
      breaks: (rtc) => {
        rtc.timeWritten(SECONDS, HELD, 0x2d);
        rtc.controlled(!HELD, A, BY_24, BY_24);
      },
      keeps: (rtc) => {
        rtc.timeWritten(SECONDS, HELD, 0x45);
        rtc.controlled(!HELD, A, BY_24, BY_24);
      },
    },
    'rtc/FLAGS': {
      breaks: (rtc) => {
        rtc.driven(HIGH);
        rtc.pass();
      },
      keeps: (rtc) => {
        rtc.driven(HIGH);
        rtc.driven(!HIGH);
        rtc.pass();
      },
    },
    'rtc/NMI': {
      breaks: (rtc) => rtc.indexed(0x8a),
      keeps: (rtc) => rtc.indexed(0x0a),
    },
  },
);

const [WHOLE, LATCHED, HALF] = [true, true, true];
const [ONE_SHOT, RATE] = [0, 2];

export const PIT_PROOFS = scripts<PitWatch, keyof typeof PIT>((journal) => new PitWatch('pit', journal), {
  'pit/TORN': {
    breaks: (pit) => pit.counted(0, WHOLE, !LATCHED),
    keeps: (pit) => pit.counted(0, WHOLE, LATCHED),
  },
  'pit/HALF-READ': {
    breaks: (pit) => pit.commanded(0, HALF, !HALF, false),
    keeps: (pit) => pit.commanded(0, !HALF, !HALF, false),
  },
  'pit/HALF-WRITTEN': {
    breaks: (pit) => pit.commanded(2, !HALF, HALF, false),
    keeps: (pit) => pit.commanded(2, !HALF, !HALF, false),
  },
  'pit/NO-COUNT': {
    breaks: (pit) => {
      pit.written(0, !HALF, RATE, 2, false, WHOLE);
      pit.controlled(0, RATE);
      pit.ended();
    },
    keeps: (pit) => {
      pit.controlled(0, RATE);
      pit.written(0, !HALF, RATE, 2, false, WHOLE);
      pit.controlled(2, ONE_SHOT);
      pit.ended();
    },
  },
  'pit/COUNT-ONE': {
    breaks: (pit) => pit.written(0, !HALF, RATE, 1, false, WHOLE),
    keeps: (pit) => {
      pit.written(0, HALF, RATE, 1, false, WHOLE);
      pit.written(0, !HALF, RATE, 2, false, WHOLE);
      pit.written(2, !HALF, ONE_SHOT, 1, false, WHOLE);
    },
  },
  'pit/GATE': {
    breaks: (pit) => {
      for (let i = 0; i < 1000; i++) pit.outputRead(true);
    },
    keeps: (pit) => pit.written(2, !HALF, RATE, 2, false, WHOLE),
  },
  'pit/BYTES': {
    breaks: (pit) => {
      for (const byte of [0x9c, 0x2e]) pit.written(0, !HALF, RATE, byte, false, !WHOLE);
    },
    keeps: (pit) => pit.written(0, !HALF, RATE, 0x9c, false, !WHOLE),
  },
  'pit/BCD': {
    breaks: (pit) => pit.written(0, !HALF, RATE, 29_822, true, WHOLE),
    keeps: (pit) => pit.written(0, !HALF, RATE, 2982, false, WHOLE),
  },
});
