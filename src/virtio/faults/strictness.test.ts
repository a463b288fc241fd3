import { describe, expect, test } from 'vitest';
import { Echo } from '../echo-rig.ts';
import { PLAIN } from '../manners.ts';
import { LegacyRig } from '../rig.ts';
import { ModernRig } from '../transport/modern/modern-rig.ts';
import { answerTo, CONDUCT, type Strictness } from './strictness.ts';

const ONE = Uint8Array.of(1);
/** No descriptor of a ring of 8. */
const BEYOND = 99;

type Play<Rig> = (rig: Rig) => unknown;
/** The fault, the clause of its finding, the driver's actions and the question; lenient and strict answers. */
type Case<Rig> = readonly [
  fault: keyof typeof CONDUCT,
  clause: string,
  play: Play<Rig>,
  lenient: unknown,
  strict: unknown,
];

type Legacy = LegacyRig<Echo>;
const write = (rig: Legacy, ...statuses: readonly number[]) => {
  rig.out(0x12, 0, 1);
  rig.in(0x12, 1);
  for (const status of statuses) rig.out(0x12, status, 1);
  return rig.in(0x12, 1);
};
const accept = (rig: Legacy, features: number) => {
  rig.in(0x00, 4);
  rig.out(0x04, features, 4);
  return rig.in(0x04, 4);
};

const LEGACY: readonly Case<Legacy>[] = [
  ['DRIVER without ACKNOWLEDGE', 'virtio/INIT-D2', (rig) => write(rig, 0x02), 0x02, 0x00],
  ['DRIVER_OK before DRIVER', 'virtio/STATUS-D1', (rig) => write(rig, 0x01, 0x05), 0x05, 0x01],
  ['status bit lost', 'virtio/STATUS-D2', (rig) => write(rig, 0x01, 0x03, 0x01), 0x01, 0x03],
  ['status after FAILED', 'virtio/STATUS-D3', (rig) => write(rig, 0x01, 0x81, 0x83), 0x83, 0x81],
  ['FEATURES_OK on legacy', 'virtio/INIT-LEG-D1', (rig) => write(rig, 0x01, 0x03, 0x0b), 0x0b, 0x03],
  ['features before DRIVER', 'virtio/INIT-D3', (rig) => [write(rig, 0x01), accept(rig, 1)], [1, 1], [1, 0]],
  ['features after DRIVER_OK', 'virtio/INIT-D4', (rig) => accept(rig.start(0), 2), 2, 1],
  ['feature not offered', 'virtio/FEAT-D1', (rig) => [write(rig, 1, 3), accept(rig, 0x21)], [3, 1], [3, 1]],
  [
    'queue set up out of turn',
    'virtio/INIT-D7',
    (rig) => {
      rig.start().out(0x0e, 0, 2);
      rig.out(0x08, 0x180, 4);
      return rig.in(0x08, 4);
    },
    0x180,
    0x100,
  ],
  [
    'kick before DRIVER_OK',
    'virtio/INIT-D13',
    (rig) => {
      write(rig, 1, 3);
      rig.setUpQueue(0);
      rig.send(0, ONE, 1);
      return rig.guests[0]!.usedIdx;
    },
    1,
    0,
  ],
  [
    'ring',
    'virtio/VQ-IMP-3',
    (rig) => {
      rig.start().guests[0]!.offer(BEYOND);
      rig.kick(0);
      rig.send(1, ONE, 1);
      return [rig.guests[0]!.usedIdx, rig.guests[1]!.usedIdx];
    },
    [0, 1],
    [0, 0],
  ],
];

const step = (rig: ModernRig, ...statuses: readonly number[]) => {
  for (const status of statuses) {
    rig.out(0x14, status, 1);
    rig.in(0x14, 1);
  }
  return rig.in(0x14, 1);
};
const begin = (rig: ModernRig, ...statuses: readonly number[]) => step(rig, 0, ...statuses);
/** Accepts only these bits and ends the negotiation. */
const close = (rig: ModernRig, ...features: readonly number[]) => {
  rig.negotiate().accept(...features);
  return step(rig, 0x0b);
};
/** Accepts one more feature of the first word; the result is what the device accepted. */
const taken = (rig: ModernRig, feature: number) => {
  rig.out(0x08, 0, 4);
  rig.out(0x0c, 1 << feature, 4);
  return rig.in(0x0c, 4);
};
const enabled = (rig: ModernRig) => {
  rig.setUpQueue(0);
  return rig.in(0x1c, 2);
};

const MODERN: readonly Case<ModernRig>[] = [
  ['DRIVER without ACKNOWLEDGE', 'virtio/INIT-D2', (rig) => begin(rig, 0x02), 0x02, 0x00],
  ['DRIVER_OK before DRIVER', 'virtio/STATUS-D1', (rig) => begin(rig, 0x01, 0x05), 0x05, 0x01],
  ['status bit lost', 'virtio/STATUS-D2', (rig) => step(rig.start(), 0x03), 0x03, 0x0f],
  ['status after FAILED', 'virtio/STATUS-D3', (rig) => begin(rig, 0x01, 0x81, 0x83), 0x83, 0x81],
  ['no FEATURES_OK', 'virtio/INIT-D5', (rig) => step(rig.negotiate(), 0x07), 0x07, 0x03],
  ['no FEATURES_OK', 'virtio/INIT-D5', (rig) => enabled(rig.negotiate()), 1, 0],
  ['features before DRIVER', 'virtio/INIT-D3', (rig) => [begin(rig, 0x01), taken(rig, 0)], [1, 1], [1, 0]],
  ['features after FEATURES_OK', 'virtio/INIT-D10', (rig) => taken(rig.start(0), 1), 1, 1],
  ['feature not offered', 'virtio/FEAT-D1', (rig) => close(rig, 32, 5), 0x0b, 0x03],
  ['feature without another', 'virtio/NET-FEAT-D1', (rig) => close(rig, 32, 1), 0x0b, 0x03],
  ['no VERSION_1', 'virtio/RFEAT-D1', (rig) => close(rig, 0), 0x0b, 0x03],
  [
    'config before FEATURES_OK',
    'virtio/INIT-D9',
    (rig) => {
      rig.negotiate().writeConfig(0, 0x77, 1);
      return rig.readConfig(0, 1);
    },
    0x77,
    0x01,
  ],
  [
    'queue set up out of turn',
    'virtio/INIT-D7',
    (rig) => {
      close(rig, 32);
      step(rig, 0x0f);
      return enabled(rig);
    },
    1,
    0,
  ],
  [
    'kick before DRIVER_OK',
    'virtio/INIT-D13',
    (rig) => {
      close(rig, 32);
      rig.setUpQueue(0);
      rig.send(0, ONE, 1);
      return rig.guests[0]!.usedIdx;
    },
    1,
    0,
  ],
  [
    'ring',
    'virtio/VQ-IMP-3',
    (rig) => {
      rig.start().guests[0]!.offer(BEYOND);
      rig.kick(0);
      rig.send(1, ONE, 1);
      return [rig.in(0x14, 1), rig.guests[1]!.usedIdx];
    },
    [0x4f, 0],
    [0x4f, 0],
  ],
];

/** On a device that offers ACCESS_PLATFORM, which the driver must accept. */
const PLATFORM: readonly Case<ModernRig>[] = [
  ['no ACCESS_PLATFORM', 'virtio/RFEAT-D2', (rig) => close(rig, 32), 0x03, 0x03],
  [
    'FEATURES_OK refused',
    'virtio/INIT-D12',
    (rig) => {
      close(rig, 32);
      return enabled(rig);
    },
    1,
    0,
  ],
];

const legacyRig = (strictness: Strictness) =>
  new LegacyRig((board) => new Echo(board, 'echo0', { manners: { ...PLAIN, strictness } }));

/** The result and the finding, on a device of each kind. */
function onBoth<Rig extends { findings: string[] }>(make: (strictness: Strictness) => Rig, play: Play<Rig>) {
  return (['lenient', 'strict'] as const).map((strictness) => {
    const rig = make(strictness);
    return { outcome: play(rig), findings: rig.findings };
  });
}

describe('the same faulty driver gets the same finding and another answer, on a legacy device', () => {
  test.each(LEGACY)('%s (%s)', (_rule, clause, play, lenient, strict) => {
    const [first, second] = onBoth(legacyRig, play);

    expect([first!.outcome, second!.outcome]).toEqual([lenient, strict]);
    expect(first!.findings.some((finding) => finding.startsWith(`${clause} `))).toBe(true);
    expect(second!.findings).toEqual(first!.findings);
  });
});

describe.each([
  ['modern', [], MODERN],
  ['modern, behind a platform', [33], PLATFORM],
] as const)('and on a %s one', (_kind, offers, cases) => {
  test.each(cases)('%s (%s)', (_rule, clause, play, lenient, strict) => {
    const [first, second] = onBoth((strictness) => new ModernRig(offers, 0, { strictness }), play);

    expect([first!.outcome, second!.outcome]).toEqual([lenient, strict]);
    expect(first!.findings.some((finding) => finding.startsWith(`${clause} `))).toBe(true);
    expect(second!.findings).toEqual(first!.findings);
  });
});

/** These need a network card: net/strict.test.ts. */
const OF_NET = ['queue not in use', 'frame beyond mtu'];

describe('the table', () => {
  test.each(['legacy', 'modern'] as const)('has a driver for each fault with two answers: %s', (kind) => {
    const cases: readonly (readonly [string, ...unknown[]])[] =
      kind === 'legacy' ? LEGACY : [...MODERN, ...PLATFORM];
    const faults = (Object.keys(CONDUCT) as (keyof typeof CONDUCT)[]).filter(
      (fault) =>
        answerTo(fault, kind === 'legacy', 'lenient') !== answerTo(fault, kind === 'legacy', 'strict'),
    );
    expect(faults.filter((fault) => !cases.some(([known]) => known === fault))).toEqual(OF_NET);
  });
});

test('a correct driver sees no difference', () => {
  const [legacy, modern] = [
    onBoth(legacyRig, (rig) => rig.start(0).send(0, ONE, 1)),
    onBoth(
      (strictness) => new ModernRig([], 0, { strictness }),
      (rig) => rig.start(0).send(0, ONE, 1),
    ),
  ];
  expect([legacy, modern]).toEqual([
    [
      { outcome: 0, findings: [] },
      { outcome: 0, findings: [] },
    ],
    [
      { outcome: 0, findings: [] },
      { outcome: 0, findings: [] },
    ],
  ]);
});
