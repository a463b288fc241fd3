import { type Answer, CONDUCT, type Conduct } from '../../src/virtio/strictness.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by [generate.ts](generate.ts) from the table in [strictness.ts](../src/virtio/strictness.ts); a test
compares. Change the table, then run \`npm run docs\`.

What virtio devices do about a driver that breaks a rule is an option, \`strictness\`. \`lenient\`, the default, is what QEMU 10.0
did when asked through its qtest port, or what its source says of what it was not asked; \`strict\` refuses what a device can refuse,
as the devices of some small monitors do. The finding is the same either way. A rule that is not in the table is never enforced: to
break it is a finding and nothing else. What a driver breaks later may differ, as it meets another device.

A lenient device that refuses all the same does so because QEMU does. A strict legacy device goes beyond the standard, which has
legacy devices serve queues before DRIVER_OK; no Compute Engine device was seen to be strict or lenient.`;

const WORDS = table([
  ['Answer', 'Means'],
  ['taken', 'the device goes along as if it were right'],
  ['lost', 'the write or the kick has no effect'],
  ['dropped', 'the bits at fault are left out'],
  ['refused', 'FEATURES_OK stays clear'],
  [
    'queue stops',
    'the queue takes no chain until it is set up anew, see [malformed rings](malformed-rings.md)',
  ],
  [
    'device stops',
    'no queue takes a chain until the device is reset, which a modern one tells by DEVICE_NEEDS_RESET',
  ],
  ['–', 'the interface cannot meet it'],
]);

/** Rows that stand for many clauses. */
const MANY: Readonly<Record<string, string>> = {
  needs: '`virtio/NET-FEAT-…`',
  ring: '[malformed rings](malformed-rings.md)',
};

export async function strictnessPage(): Promise<string> {
  const rows = Object.entries(CONDUCT as Readonly<Record<string, Conduct>>).map(([rule, conduct]) => [
    conduct.what,
    MANY[rule] ?? code(rule),
    ...[conduct.legacy, conduct.modern].flatMap((answers) => [show(answers?.lenient), show(answers?.strict)]),
  ]);
  const head = [
    'What the driver did',
    'Clause',
    'Legacy, lenient',
    'Legacy, strict',
    'Modern, lenient',
    'Modern, strict',
  ];
  return page(['# Lenient and strict devices', INTRODUCTION, WORDS, table([head, ...rows])]);
}

function show(answer: Answer | undefined): string {
  return answer ?? '–';
}
