import { expect, test } from 'vitest';
import { fails, judge } from '../src/conformance/index.ts';
import { gceN1 } from '../src/index.ts';
import { BROKEN_CLOCKS } from './unusual/broken-clocks.ts';
import { BROKEN_PORTS } from './unusual/broken-ports.ts';
import { PCI_CODE } from './unusual/pci-code.ts';
import { PIC_CODE } from './unusual/pic-code.ts';
import { PIT_CODE, RTC_CODE } from './unusual/timer-code.ts';
import { UART_CODE } from './unusual/uart-code.ts';

const BROKEN = [...BROKEN_PORTS, ...BROKEN_CLOCKS];
const CODE = [...PCI_CODE, ...PIC_CODE, ...PIT_CODE, ...RTC_CODE, ...UART_CODE];

test.each(CODE)('good code of a PC is not accused: it $name', ({ name, run }) => {
  const { stopped, verdicts } = judge({ name, drivers: [], run }, { machine: () => gceN1() });

  const failing = verdicts.filter(fails).map(({ clause, findings }) => `${clause}: ${findings[0]!.said}`);
  expect([stopped, failing]).toEqual([null, []]);
});

test.each(BROKEN)('code that $name breaks $clause', ({ name, clause, run }) => {
  const { verdicts } = judge({ name, drivers: [], run }, { machine: () => gceN1() });

  expect(verdicts.filter(({ broken }) => broken > 0).map((one) => one.clause)).toContain(clause);
});
