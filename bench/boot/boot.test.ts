import { expect, test } from 'vitest';
import { bootRows } from './report.ts';

test('the boot benchmark reports the time of each boot until each mark', () => {
  const marks = [
    { name: 'kernel', virtual: 31.25, instructions: 3.1066, cpu: 8.04 },
    { name: 'login', virtual: 142.5, instructions: 12.1234, cpu: 93.84 },
  ];

  const rows = bootRows({
    device: 'a processor',
    rounds: 1,
    node: 'v20',
    load: 1,
    cells: [{ name: 'disk', marks }],
  });

  expect(rows.slice(1)).toEqual([
    ['disk', 'kernel', '31.3', '3.11', '8.0'],
    ['disk', 'login', '142.5', '12.12', '93.8'],
  ]);
});
