import { hex, type Width } from '../../../core/bits.ts';
import { PM_PORTS } from '../machine/qemu-machine.ts';
import { type Area, anyValue, pick, type Question } from './question.ts';

const BLOCK = 0x40;
const PM1_STATUS = 0;
/** Writing ones clears them. */
const ALL_EVENTS = 0xffff;
const PM1_CONTROL = 4;
const TIMER = 8;
const TIMER_BITS = 24;
/** TMROF comes by time, every 2.3 seconds. */
const TMROF = 1;
/** SLP_EN would switch the machine off. */
const SLP_EN = 0x2000;

/** The PM timer and the registers around it. */
export const pmTimer: Area = {
  name: 'pm',
  modern: false,
  scripted: [
    {
      about: 'the timer, read twice',
      ask: ({ port }) => {
        const [first, second] = [port.in(PM_PORTS + TIMER, 4), port.in(PM_PORTS + TIMER, 4)];
        const went = (second - first) & (2 ** TIMER_BITS - 1);
        return [
          { place: 'pm timer bits 31:24', said: hex((first >>> TIMER_BITS) | (second >>> TIMER_BITS), 2) },
          { place: 'pm timer goes on', said: `${went > 0 && went < 2 ** (TIMER_BITS - 1)}` },
        ];
      },
    },
    {
      about: 'the timer, written',
      ask: ({ port }) => {
        const first = port.in(PM_PORTS + TIMER, 4);
        port.out(PM_PORTS + TIMER, 0, 4);
        const went = (port.in(PM_PORTS + TIMER, 4) - first) & (2 ** TIMER_BITS - 1);
        return [{ place: 'pm timer takes no write', said: `${went < 2 ** (TIMER_BITS - 1)}` }];
      },
    },
  ],
  seeded: (random) => {
    const width = pick(random, [1, 2, 4] as const);
    const at = random.below(BLOCK) & ~(width - 1);
    return writtenBack(at, width, awake(at, anyValue(random, width)));
  },
};

function writtenBack(at: number, width: Width, value: number): Question {
  const mask = timeless(at, width);
  const answer = (what: string, said: number) => ({
    place: `pm ${hex(at, 2)}/${width} ${what}`,
    said: hex((said & mask) >>> 0, 2 * width),
  });
  return {
    about: `${hex(at, 2)}/${width} = ${hex(value, 2 * width)}`,
    ask: ({ port }) => {
      port.out(PM_PORTS + PM1_STATUS, ALL_EVENTS, 2);
      const before = port.in(PM_PORTS + at, width);
      port.out(PM_PORTS + at, value, width);
      const written = port.in(PM_PORTS + at, width);
      port.out(PM_PORTS + at, awake(at, before), width);
      const after = port.in(PM_PORTS + at, width);
      return [answer('read', before), answer('written', written), answer('after', after)];
    },
  };
}

/** The bits of a read value that do not depend on time. */
function timeless(at: number, width: Width): number {
  if (at === PM1_STATUS) return ~TMROF;
  if (at < TIMER || at >= TIMER + 4) return -1;
  const below = TIMER_BITS - 8 * (at - TIMER);
  return below >= 8 * width ? 0 : ~(2 ** below - 1);
}

function awake(at: number, value: number): number {
  const shift = 8 * (PM1_CONTROL - at);
  if (at > PM1_CONTROL + 1 || shift > 24) return value;
  return (value & ~(shift < 0 ? SLP_EN >> -shift : SLP_EN << shift)) >>> 0;
}
