import type { Nanos } from '../../core/bits.ts';
import { Random } from '../../core/random.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { DataError, isSame } from './differences.ts';
import { FarEnd } from './far-end.ts';
import { type Fixture, later, mayGiveUp } from './fixture.ts';
import { pass } from './frames.ts';
import type { SuiteScenario } from './scenario.ts';

/** Bytes: less than a trigger, the trigger, what the FIFO holds, and more; at 300 baud no more than the time for a scenario. */
const LENGTHS = [1, 3, 4, 7, 8, 13, 14, 15, 16, 17, 33, 64];
const [FEW, SHORT] = [12, 40];
const [UPPER, LETTERS] = [0x41, 26];
/** In UTF-8 it has both bytes above 7f. */
const UMLAUT = 'ä';
/** Those that come wrong are no capital letters. */
const [PARITY, FRAMING, LATE_ONE, OTHER] = [0x70, 0x66, 0x6f, 'typed there'];
const MILLISECOND: Nanos = 1_000_000;
/** Until CTS falls, and is back: no driver's patience ends so soon. */
const [RUSH, PAUSE]: readonly [Nanos, Nanos] = [400_000, 3 * MILLISECOND];
/** Of a character: sixteen are sent in less than the ten milliseconds that Linux waits for a transmitter. */
const SLOW: Nanos = 300_000;
const TIMES = 6;
/** From one to the next that is typed, and of a character at 115200 baud. */
const [STEP, CHARACTER]: readonly [Nanos, Nanos] = [1_000, 88_000];

/** Capital letters. */
function lettersOf(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => UPPER + random.below(LETTERS));
}

/** A text without control characters, whose bytes have eight bits. */
function textOf(random: Random, length: number): Uint8Array {
  const letters = lettersOf(random, length);
  if (length > 2) letters.set(new TextEncoder().encode(UMLAUT), random.below(length - 1));
  return letters;
}

const isLetter = (byte: number): boolean => byte >= UPPER && byte < UPPER + LETTERS;

function prints(fixture: Fixture): void {
  const random = new Random(fixture.machine.seed);
  const end = new FarEnd(fixture);
  for (const length of LENGTHS) end.demandPrinted(textOf(random, length));
  end.demandPrinted(...[SHORT, FEW, 1].map((length) => textOf(random, length)));
}

function takes(fixture: Fixture): void {
  const random = new Random(fixture.machine.seed);
  const end = new FarEnd(fixture);
  for (const length of LENGTHS) end.demandTaken(textOf(random, length));
}

/** In both directions, one after the other, as far as the model has uses for them. */
function exchange(fixture: Fixture, before: (end: FarEnd) => void = () => {}): void {
  const random = new Random(fixture.machine.seed);
  const end = new FarEnd(fixture);
  for (let time = 0; time < TIMES; time++) {
    before(end);
    const length = 1 + random.below(SHORT);
    if (fixture.can('print')) end.demandPrinted(textOf(random, length));
    if (fixture.can('key')) end.demandTaken(textOf(random, length));
  }
}

/** After a break a console may take the next character for a command. */
function takesAmongWrong(fixture: Fixture): void {
  const random = new Random(fixture.machine.seed);
  const end = new FarEnd(fixture);
  const { uart } = end.port;
  const wrong = [
    () => uart.inject(PARITY, { parity: true }),
    () => uart.inject(FRAMING, { framing: true }),
    () => uart.inject(LATE_ONE, { overrun: true }),
    () => {
      uart.inject(0, { break: true });
      uart.inject(PARITY, { parity: true });
    },
  ];
  for (let time = 0; time < TIMES; time++) {
    const letters = lettersOf(random, SHORT);
    const type = () => {
      for (const letter of letters) {
        if (random.below(4) === 0) wrong[random.below(wrong.length)]!();
        end.port.type(Uint8Array.of(letter));
      }
    };
    end.demandAmong(letters, type, isLetter);
  }
}

function hangsUp(fixture: Fixture): void {
  const { machine } = fixture;
  exchange(fixture, ({ port: { uart } }) => {
    for (const on of [false, true]) {
      uart.modem({ CTS: on, DSR: on, DCD: on, RI: !on });
      pass(machine, MILLISECOND);
    }
  });
}

function takesTurns(fixture: Fixture): void {
  const { machine } = fixture;
  const random = new Random(machine.seed);
  const end = new FarEnd(fixture);
  for (let time = 0; time < TIMES; time++) {
    let clear = true;
    const turn = () => {
      clear = !clear;
      end.port.uart.modem({ CTS: clear });
    };
    later(machine, turn, RUSH, PAUSE, RUSH, PAUSE, RUSH, PAUSE);
    end.demandPrinted(textOf(random, SHORT));
    pass(machine, 3 * (RUSH + PAUSE));
  }
}

/** What was printed meanwhile may be lost, or come before what is printed later. */
function staysAway(fixture: Fixture): void {
  const random = new Random(fixture.machine.seed);
  const end = new FarEnd(fixture);
  end.port.uart.modem({ CTS: false });
  mayGiveUp(() => fixture.print(lettersOf(random, 3)));
  end.port.uart.modem({ CTS: true });
  const text = textOf(random, SHORT);
  const got = end.heard(() => fixture.print(text), text.length);
  if (!isSame(got.slice(-text.length), text))
    throw new DataError(`${end.port.name}: what was printed once CTS was on again did not arrive`);
}

/** With each step the others begin a little earlier: one of them interrupts while another is served. */
function typesOnAll(fixture: Fixture): void {
  const { machine } = fixture;
  const random = new Random(machine.seed);
  const end = new FarEnd(fixture);
  for (let ahead = STEP; ahead <= CHARACTER; ahead += STEP) {
    const letters = lettersOf(random, FEW);
    const type = () => {
      for (const port of machine.serial) if (port !== end.port) port.type(OTHER);
      pass(machine, ahead);
      end.port.type(letters);
    };
    end.demandAmong(letters, type, isLetter);
  }
}

const serially =
  (more: NonNullable<MachineOptions['serial']>) =>
  (base: MachineOptions): MachineOptions => ({ ...base, serial: { ...base.serial, ...more } });

/** What a driver of a serial port prints and takes. */
export const SERIAL: readonly SuiteScenario[] = [
  {
    name: 'texts that are to come out of a serial port as they were printed',
    why: 'a byte that is written to a full transmitter, or in a format of fewer bits, arrives changed or not at all; also where one text is printed right behind another',
    needs: ['print'],
    act: prints,
  },
  {
    name: 'characters that are to be taken as they were typed, now fewer than the trigger, now more than the FIFO',
    why: 'a timeout tells of characters below the trigger, and RBR gives each character once',
    meets: ['pl011/RX-EMPTY', 'pl011/OVERRUN'],
    needs: ['key'],
    act: takes,
  },
  {
    name: 'characters that come wrong, among good ones',
    why: 'errors belong to one character, and those before and after it are as good as any',
    meets: ['uart/LINE', 'pl011/ERRORS', 'pl011/CLEAR'],
    needs: ['key'],
    act: takesAmongWrong,
  },
  {
    name: 'serial ports without FIFOs',
    why: 'with THRE there is room for one character, and RBR holds one',
    needs: ['serial'],
    options: serially({ fifo: false }),
    act: (fixture) => exchange(fixture),
  },
  {
    name: 'serial ports that send in no time',
    why: 'THRE is there when its interrupt is enabled, and again before a handler returns',
    needs: ['serial'],
    options: serially({ pace: 'instant' }),
    act: (fixture) => exchange(fixture),
  },
  {
    name: 'serial ports whose characters take longer than their divisor says',
    why: 'THRE comes when there is room, not when the driver expects it',
    needs: ['serial'],
    options: serially({ pace: SLOW }),
    act: (fixture) => exchange(fixture),
  },
  {
    name: 'modems that hang up and answer again between what is sent',
    why: 'an interrupt of modem status ends by a read of MSR, and until then no edge comes',
    needs: ['serial'],
    act: hangsUp,
  },
  {
    name: 'another end of a serial port that takes CTS away and gives it back',
    why: 'characters that wait for CTS are sent when it is back, and are not lost',
    needs: ['print'],
    act: takesTurns,
  },
  {
    name: 'another end of a serial port that does not give CTS back',
    why: 'a driver that waits forever hangs, and what it prints later must still arrive',
    needs: ['print'],
    act: staysAway,
  },
  {
    name: 'serial ports that share their interrupts',
    why: 'the line is edge-triggered: it stays high, without another edge, until every port on it is served',
    needs: ['key'],
    options: serially({ irqs: [4, 3, 4, 3] }),
    act: typesOnAll,
  },
];
