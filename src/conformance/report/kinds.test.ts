import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { GatheredKinds, otherKinds } from '../../report/kinds.ts';
import type { Finding } from '../../rules/index.ts';
import { verdictsOf } from '../verdict.ts';
import { renderVerdicts } from './verdict-report.ts';

const finding = (subject: string, said: string, count = 1) =>
  ({ clause: 'virtio/STATUS-D2', severity: 'must', at: 0, count, subject, said }) as Finding;

test('breaches that differ only in numbers are listed once, with their total count', () => {
  const findings = [
    finding('net0', '7 became 3'),
    finding('net1, transmit queue 1', 'head 0x1f was offered', 2),
    finding('net1, transmit queue 3', 'head bd was offered'),
    finding('net0', '7 became 1'),
  ];

  expect(otherKinds(findings)).toEqual(['also net1, transmit queue 1: head 0x1f was offered (3 times)']);
});

test('other words of one device are another kind', () => {
  expect(otherKinds([finding('net0', 'it was cleared'), finding('net0', 'it was set')])).toEqual([
    'also net0: it was set',
  ]);
});

test('no more than sixteen further kinds are listed, and of those each device first', () => {
  const kinds = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r'];

  const lines = otherKinds([...kinds.map((said) => finding('net0', said)), finding('net1', 'a')]);

  expect([lines.length, lines[0], lines.at(-1)]).toEqual([17, 'also net1: a', 'and in 2 more ways']);
});

test('each device is listed, even if there are more than sixteen', () => {
  const nics = Array.from({ length: 28 }, (_, index) => finding(`net${index}`, 'a'));

  const lines = otherKinds(nics);

  expect([lines.length, lines.at(-1)]).toEqual([27, 'also net27: a']);
});

test('all kinds of the first run are kept, and the new ones of the others', () => {
  const gathered = new GatheredKinds();

  gathered.add([finding('net0', '1 byte'), finding('net0', '2 bytes')]);
  gathered.add([finding('net0', '3 bytes'), finding('net1', '1 byte')]);

  expect(gathered.findings.map(({ subject, said }) => `${subject} ${said}`)).toEqual([
    'net0 1 byte',
    'net0 2 bytes',
    'net1 1 byte',
  ]);
});

test('a device is listed, even after a thousand findings of another', () => {
  const machine = gceN1({ nics: [{}, {}] });
  const { port, functions } = machine;
  const [one, other] = functions.filter(({ name }) => name.startsWith('net'));
  const status = ({ bars }: (typeof functions)[number]) => bars[0]!.mapped! + 18;
  // Each write drops bits of the status, in other numbers.
  for (let i = 0; i < 1100; i++) for (const value of [0x80 | (i & 0x3f), 1]) port.out(status(one!), value, 1);
  for (const value of [3, 1]) port.out(status(other!), value, 1);

  const text = renderVerdicts(verdictsOf(machine.journal), { color: false });

  expect(text).toMatch(/virtio\/STATUS-D2 {2}net0[\s\S]*\n {2}also net1/);
});
