import { describe, expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import { played, type Sent, UNITS } from './initiator.proof.ts';
import { InitiatorWatch } from './initiator-watch.ts';

/** What is said of a clause, of these commands. */
function said(clause: string, ...commands: readonly Sent[]): string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const watch = new InitiatorWatch(() => 'scsi0', UNITS, journal);
  played(...commands)(watch);
  watch.ended();
  return journal.of(clause).map((finding) => finding.said);
}

const MODE_SELECT = '15 10 0000 18 00';
const [INVALID, LENGTH] = [0x26, 0x1a];
/** Header, block descriptor of 8 bytes, caching page of 12: its first byte and its length are at 12 and 13. */
const list = (page: string) => `00000008 00000800 00000200 ${page} ${'00'.repeat(10)}`;
const refused = (sent: string, at: number, sense = INVALID) =>
  [MODE_SELECT, { list: sent, sense, key: 5, at }] as const;

describe('a list of MODE SELECT that a unit refuses', () => {
  test.each([
    ['for PS', refused(list('880a'), 12), 'with bit 7 of the page in byte 12, which is reserved there'],
    [
      'for a length',
      refused(list('0812'), 13),
      'with a page of 18 bytes behind its head, which is not its length',
    ],
    [
      'since it ends too soon',
      refused(list('0812'), 0, LENGTH),
      'with a list of 24 bytes, which is not whole',
    ],
  ])('%s is named', (_why, command, expected) => {
    expect(said('scsi/PARAMETER-LIST', command)).toEqual([
      `target 1 LUN 0 was sent MODE SELECT(6) ${expected}`,
    ]);
  });

  test('for a value that cannot be changed breaks nothing: a driver may try', () => {
    expect(said('scsi/PARAMETER-LIST', refused(list('080a'), 14))).toEqual([]);
  });

  test('for a page that the unit does not have breaks nothing', () => {
    expect(said('scsi/PARAMETER-LIST', refused(list('0a0a'), 12))).toEqual([]);
  });
});

const RESERVE = '5f 01 05 0000 00000018 00';
const REGISTER = '5f 00 00 0000 00000018 00';
const keys = (key: number, other: number) =>
  `${[key, other].map((one) => one.toString(16).padStart(16, '0')).join('')}${'00'.repeat(8)}`;
const CONFLICT = 0x18;
const PREEMPTED = ['00 00 00 00 00 00', { sense: 0x2a, qualifier: 0x05, key: 6 }] as const;

describe('a reservation that a unit denies', () => {
  test('is the fault of another key than was registered', () => {
    const commands: readonly Sent[] = [
      [REGISTER, { list: keys(0, 7) }],
      [RESERVE, { list: keys(8, 0), status: CONFLICT }],
    ];

    expect(said('scsi/RESERVATION-KEY', ...commands)).toEqual([
      'target 1 LUN 0 was sent PERSISTENT RESERVE OUT, RESERVE with the key 8, but the driver registered 7',
    ]);
  });

  test('is no fault of a driver that gave its key: another has the unit', () => {
    const commands: readonly Sent[] = [
      [REGISTER, { list: keys(0, 7) }],
      [RESERVE, { list: keys(7, 0), status: CONFLICT }],
    ];

    expect(said('scsi/RESERVATION-KEY', ...commands)).toEqual([]);
  });

  test('is no fault of a driver whose registration another took', () => {
    const commands: readonly Sent[] = [
      [REGISTER, { list: keys(0, 7) }],
      PREEMPTED,
      [RESERVE, { list: keys(7, 0), status: CONFLICT }],
    ];

    expect(said('scsi/RESERVATION-KEY', ...commands)).toEqual([]);
  });
});

const UNMAP_TWO = '42 00 00000000 00 0028 00';
const extent = (lba: number, blocks: number) =>
  `${lba.toString(16).padStart(16, '0')}${blocks.toString(16).padStart(8, '0')}00000000`;

test.each([
  ['20', []],
  ['10', ['target 1 LUN 0 was sent UNMAP with 1 more than its header counts, which are not unmapped']],
])('of two ranges to unmap a header of %sh bytes counts: %j', (bytes, expected) => {
  const sent = `0026 00${bytes} 00000000 ${extent(8, 8)}${extent(32, 8)}`;

  expect(said('scsi/UNMAP-LIMITS', [UNMAP_TWO, { list: sent }])).toEqual(expected);
});

const ABSENT = { in: 512, target: 3, response: 3 } as const;
const READ = '28 00 00000000 00 0001 00';

test('a first read of a target that is not there breaks nothing', () => {
  expect(said('scsi/ABSENT-UNIT', [READ, ABSENT], [READ, ABSENT])).toEqual([]);
});

test('LUN 0 by bytes 00 40 is told, where nothing else was addressed', () => {
  const turned = ['12 00 00 0024 00', { in: 36, target: 3, lun: 0x40, response: 3 }] as const;

  expect([said('scsi/LUN-SWAPPED', turned), said('scsi/LUN-SWAPPED', turned, [READ, { in: 512 }])]).toEqual([
    ['bytes 2 and 3 were 00 and 40, which is LUN 64, and no other unit was asked'],
    [],
  ]);
});
