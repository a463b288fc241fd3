import { expect, test } from 'vitest';
import { verdictsOf } from '../../src/conformance/verdict.ts';
import { Clock, gceN1 } from '../../src/index.ts';
import { LSR } from '../../src/serial/registers.ts';
import { type Run, recorded, replayed } from './recorded.ts';

const COM1_LSR = 0x3fd;
const { DR } = LSR.mask;
/** At a time that is no tick of a timer. */
const [TYPED, LIMIT] = [1_234_567, 100_000_000];

/** Somebody types while a guest waits for a character. */
function waits(): { run: Run; ended: () => number } {
  const clock = new Clock();
  const machine = gceN1({ clock });
  const play: Run['play'] = (made) => {
    made(machine);
    clock.timer('user', () => machine.serial[0]!.type('y')).arm(TYPED);
    machine.port.wait(() => (machine.port.in(COM1_LSR, 1) & DR) !== 0, LIMIT);
    machine.port.in(COM1_LSR, 1);
    return verdictsOf(machine.journal);
  };
  return { run: { name: 'waits', play }, ended: () => machine.now };
}

test('what comes while a guest waits comes at its time in a replay, too', () => {
  const { run, ended } = waits();
  const { verdicts, lines } = recorded(run);

  const again = replayed(lines);

  expect([again.departure, again.machine.now]).toEqual([null, ended()]);
  expect(again.verdicts).toEqual(verdicts);
});

test('a replay whose machine answers otherwise says from which line on', () => {
  const { lines } = recorded(waits().run);
  const at = lines.findLastIndex((line) => line.includes('"kind":"access"'));
  const other = JSON.stringify({ ...JSON.parse(lines[at]!), value: 0 });

  const again = replayed(lines.toSpliced(at, 1, other));

  expect(again.departure).toMatchObject({ line: at + 1, logged: 0, answered: 0x61 });
});
