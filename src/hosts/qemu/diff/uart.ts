import { COM_PORTS } from '../../../core/places.ts';
import type { Random } from '../../../core/random.ts';
import {
  type Answer,
  type Area,
  anyValue,
  pick,
  play,
  type Question,
  type Reach,
  type Step,
  stepsText,
} from './question.ts';

/** As they are called where they are read. */
const READ = ['RBR', 'IER', 'IIR', 'LCR', 'MCR', 'LSR', 'MSR', 'SCR'] as const;
const WRITTEN = ['THR', 'IER', 'FCR', 'LCR', 'MCR', 'LSR', 'MSR', 'SCR'] as const;
const LOOP = 0x10;
const DLAB = 0x80;
const DATA_READY = 1;
const IER = 1;
const STEPS = 12;

/** `FCR=07` writes, `LSR?` reads; hexadecimal. With DLAB on, THR is DLL and IER is DLM. */
function steps(script: string): Step[] {
  return [...script.matchAll(/([A-Z]+)(?:=([0-9a-f]+)|\?)/g)].map(([, name, value]) => {
    const written = value !== undefined;
    const names: readonly string[] = written ? WRITTEN : READ;
    return {
      name: name!,
      offset: names.indexOf(name!),
      width: 1,
      value: written ? Number.parseInt(value, 16) : null,
    };
  });
}

/** Loopback on, so that no byte leaves; the slowest rate, so that no time that passes is a timeout. */
const QUIET = steps(
  'LCR=00 IER=00 MCR=18 FCR=01 FCR=07 FCR=00 LCR=80 THR=ff IER=ff LCR=03 LSR? RBR? IIR? MSR? SCR=00',
);

const SCRIPTS = [
  'IER=ff IER? LCR=ff LCR? LCR=03 MCR=ef MCR? SCR=a5 SCR?',
  'LSR=9f LSR? MSR=0f MSR?',
  'LCR=83 THR=34 IER=12 RBR? IER? LCR=03 IER?',
  'FCR=01 IIR? FCR=c1 IIR? FCR=00 IIR? FCR=c0 IIR?',
  'IER=02 IIR? IIR? IER=00 IIR? IER=02 IIR? THR=41 LSR? RBR? IIR?',
  'FCR=07 IER=05 THR=41 IIR? LSR? RBR? LSR? IIR?',
  'MCR=10 MSR? MCR=11 MSR? MCR=12 MSR? MCR=14 MSR? MCR=18 MSR? MCR=1f MSR?',
  `FCR=07 ${'THR=55 '.repeat(20)}LSR? LSR? ${'RBR? '.repeat(17)}LSR?`,
  'THR=41 THR=42 LSR? LSR? RBR? LSR?',
  'IER=08 MCR=10 IIR? MSR? IIR? MSR?',
];

/** A serial port in loopback. */
export const uart: Area = {
  name: 'uart',
  modern: false,
  scripted: SCRIPTS.map((script) => question(COM_PORTS[0], steps(script))),
  seeded: (random) =>
    question(
      pick(random, COM_PORTS),
      Array.from({ length: 2 + random.below(STEPS) }, () => anyStep(random)),
    ),
};

/** A byte is asked for only where LSR says that there is one: what an empty receiver shows means nothing. */
function question(base: number, list: readonly Step[]): Question {
  return {
    about: stepsText(list),
    ask: ({ port }) => {
      const registers = {
        read: (offset: number) => port.in(base + offset, 1),
        write: (offset: number, value: number) => port.out(base + offset, value, 1),
      };
      play('uart', QUIET, registers);
      let latched = false;
      return list.flatMap((step) => {
        if (step.name === 'LCR' && step.value !== null) latched = (step.value & DLAB) !== 0;
        return ask(step, registers, latched);
      });
    },
  };
}

function ask(step: Step, registers: Reach, latched: boolean): Answer[] {
  if (step.value !== null || step.offset > IER) return play('uart', [step], registers);
  if (latched) return play('uart', [{ ...step, name: step.offset === IER ? 'DLM' : 'DLL' }], registers);
  if (step.offset === IER) return play('uart', [step], registers);
  const lsr = play('uart', [{ ...step, name: 'LSR', offset: READ.indexOf('LSR') }], registers);
  const there = (Number.parseInt(lsr[0]!.said, 16) & DATA_READY) !== 0;
  return there ? [...lsr, ...play('uart', [step], registers)] : lsr;
}

/** Loopback stays on. */
function anyStep(random: Random): Step {
  const offset = random.below(READ.length);
  if (random.below(2) === 0) return { name: READ[offset]!, offset, width: 1, value: null };
  const name = WRITTEN[offset]!;
  const value = anyValue(random, 1);
  return { name, offset, width: 1, value: name === 'MCR' ? value | LOOP : value };
}
