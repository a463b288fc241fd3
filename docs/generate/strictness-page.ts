import type { ClauseId } from '../../src/rules/index.ts';
import { type Answer, CONDUCT, type Conduct, type Fault } from '../../src/virtio/faults/strictness.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`docs/generate.ts\` from the table in \`src/virtio/faults/strictness.ts\`; a test
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
  ['lost', 'the write or the kick has no effect, the frame is not sent'],
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

/** The clause that the driver breaks, or the page that tells which. */
const BREAKS: Readonly<Record<Fault, ClauseId | null>> = {
  'DRIVER without ACKNOWLEDGE': 'virtio/INIT-D2',
  'DRIVER_OK before DRIVER': 'virtio/STATUS-D1',
  'status bit lost': 'virtio/STATUS-D2',
  'status after FAILED': 'virtio/STATUS-D3',
  'FEATURES_OK on legacy': 'virtio/INIT-LEG-D1',
  'no FEATURES_OK': 'virtio/INIT-D5',
  'FEATURES_OK refused': 'virtio/INIT-D12',
  'features before DRIVER': 'virtio/INIT-D3',
  'features after DRIVER_OK': 'virtio/INIT-D4',
  'features after FEATURES_OK': 'virtio/INIT-D10',
  'feature not offered': 'virtio/FEAT-D1',
  'feature without another': null,
  'no VERSION_1': 'virtio/RFEAT-D1',
  'no ACCESS_PLATFORM': 'virtio/RFEAT-D2',
  'config before FEATURES_OK': 'virtio/INIT-D9',
  'queue set up out of turn': 'virtio/INIT-D7',
  'kick before DRIVER_OK': 'virtio/INIT-D13',
  'segments without number': null,
  'queue not in use': 'virtio/NET-MQ-D4',
  'frame beyond mtu': 'virtio/NET-CFG-D9',
  ring: null,
};

/** Rows that stand for many clauses, or for none. */
const MANY: Readonly<Record<string, string>> = {
  'feature without another': '`virtio/NET-FEAT-…`',
  'segments without number': 'none: it is a limit of this device',
  ring: '[malformed rings](malformed-rings.md)',
};

export async function strictnessPage(): Promise<string> {
  const rows = (Object.keys(CONDUCT) as Fault[]).map((fault) => {
    const { what, legacy, modern }: Conduct = CONDUCT[fault];
    const clause = BREAKS[fault];
    const answers = [legacy?.lenient, legacy?.strict, modern?.lenient, modern?.strict];
    return [what, clause === null ? MANY[fault]! : code(clause), ...answers.map(show)];
  });
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
