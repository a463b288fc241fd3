import { expect, test } from 'vitest';
import { configRead, configWrite } from '../src/guest/index.ts';
import { gceN1 } from '../src/index.ts';

const NIC = 4 << 3;
const [COMMAND, BASE] = [0x04, 0x10];

test('an access that nothing answers, as Command has it off, is its own evidence', () => {
  const { port, journal } = gceN1();
  const base = configRead(port, NIC, BASE, 4) & ~3;
  configWrite(port, NIC, COMMAND, 0, 2);
  port.in(0x80, 1);

  port.in(base, 1);
  port.out(base + 14, 1, 2);

  const shown = journal.of('pci/DECODE').map(({ at, evidence }) => {
    const { address, write, at: seen } = evidence.accesses.at(-1)!;
    return [address - base, write, at - seen];
  });
  expect(shown).toEqual([
    [0, false, 0],
    [14, true, 0],
  ]);
});
