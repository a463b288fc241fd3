import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { verdictsOf } from '../verdict.ts';
import { renderVerdicts } from './text.ts';

test('a broken note is told and fails nothing', () => {
  const machine = gceN1();
  // CONFADD has no bits 1 and 0: Linux writes them all the same.
  machine.port.out(0xcf8, 0x8000_0001, 4);
  machine.port.in(0xcfd, 1);

  const text = renderVerdicts(verdictsOf(machine.journal), { color: false });

  expect(text).toMatch(
    /^Rules for drivers {3}\d+ pass {3}0 fail {3}\d+ not reached {3}1 noted\n\npci\/CONFADD-ALIGN/,
  );
});

test('no word of notes where none is broken', () => {
  const text = renderVerdicts(verdictsOf(gceN1().journal), { color: false });

  expect(text).not.toContain('noted');
});
