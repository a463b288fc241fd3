import { describe, expect, test } from 'vitest';
import { InitRig } from './init-rig.ts';

/** A transitional driver: it looks at the capabilities first. */
const BY_THE_BOOK = 'look reset read=0 status=1 status=3 offer accept=8000000 queue status=7 kick';

describe('a driver by the book', () => {
  test('breaks nothing and meets every rule', () => {
    const driver = new InitRig().play(BY_THE_BOOK);
    expect(driver.findings).toEqual([]);
    for (const clause of [
      'virtio/INIT-D1',
      'virtio/INIT-D2',
      'virtio/INIT-D3',
      'virtio/INIT-D4',
      'virtio/INIT-D7',
      'virtio/INIT-D8',
      'virtio/INIT-D13',
      'virtio/INIT-LEG-D1',
      'virtio/STATUS-D1',
      'virtio/STATUS-D2',
      'virtio/RESET-D1',
      'virtio/FEAT-D1',
      'virtio/RFEAT-LEG-D1',
      'virtio/RFEAT-LEG-D2',
    ] as const)
      expect([clause, driver.journal.reached(clause)]).toEqual([clause, true]);
  });

  test('may do so again after a reset', () => {
    expect(new InitRig().play(BY_THE_BOOK).play(BY_THE_BOOK).findings).toEqual([]);
  });

  test('that knows only legacy devices need not accept ANY_LAYOUT, whatever driver came before it', () => {
    const script = BY_THE_BOOK.replace('look ', '').replace('8000000', '1');
    const [alone, after] = [new InitRig().play(script), new InitRig().play(BY_THE_BOOK).play(script)];
    expect([alone.findings, after.findings]).toEqual([[], []]);
    expect(alone.journal.reached('virtio/RFEAT-LEG-D1')).toBe(false);
  });

  test('that came after another must accept it if it read the capabilities itself', () => {
    const driver = new InitRig().play(BY_THE_BOOK).play(BY_THE_BOOK.replace('8000000', '1'));
    expect(driver.findings).toEqual(['virtio/RFEAT-LEG-D1 net0: ANY_LAYOUT was offered and not accepted']);
  });

  test('may give up, and begin again with a reset: only then it meets the rule of FAILED', () => {
    const driver = new InitRig().play(BY_THE_BOOK);
    const before = driver.journal.reached('virtio/STATUS-D3');
    driver.play('reset read=0 status=1 status=81').play(BY_THE_BOOK);
    expect([before, driver.journal.reached('virtio/STATUS-D3'), driver.findings]).toEqual([false, true, []]);
  });

  test('may say twice that it gave up', () => {
    const driver = new InitRig().play('reset read=0 status=1 status=3 status=83 status=83');

    expect(driver.findings).toEqual([]);
  });

  test('may write the features of a legacy device behind its queues, as virtio 0.9.5 has it', () => {
    const driver = new InitRig().play(
      'look reset read=0 status=1 status=3 offer queue accept=8000000 status=7',
    );

    expect(driver.findings).toEqual([]);
  });

  test('meets a rule between features only if it accepts the one that needs others', () => {
    const driver = new InitRig().play(BY_THE_BOOK);
    const without = driver.journal.reached('virtio/NET-FEAT-D3');
    driver.play(BY_THE_BOOK.replace('8000000', '8000300'));
    expect([without, driver.journal.reached('virtio/NET-FEAT-D3'), driver.findings]).toEqual([
      false,
      true,
      [],
    ]);
  });
});

describe('a driver that', () => {
  test.each([
    [
      'sets DRIVER without the ACKNOWLEDGE that it had set',
      'virtio/STATUS-D2',
      'status went from 01 to 02, which drops ACKNOWLEDGE',
      'look reset read=0 status=1 status=2 offer accept=8000000 queue',
    ],
    [
      'does not reset first',
      'virtio/INIT-D1',
      'the first status written was 01, without a reset',
      'status=1 status=3 offer accept=8000000 queue status=7',
    ],
    [
      'never sets ACKNOWLEDGE',
      'virtio/INIT-D2',
      'status 02 has DRIVER without ACKNOWLEDGE',
      'reset read=0 status=2',
    ],
    [
      'accepts features before DRIVER',
      'virtio/INIT-D3',
      'features were written while status was 01',
      'reset read=0 status=1 offer accept=8000000',
    ],
    [
      'accepts without reading the offer',
      'virtio/INIT-D4',
      'DRIVER_OK was set though the offered features were not read since the last reset',
      'reset read=0 status=1 status=3 accept=8000000 queue status=7',
    ],
    [
      'sets a queue up before DRIVER',
      'virtio/INIT-D7',
      'queue 0 was set up while status was 01',
      'reset read=0 status=1 queue',
    ],
    [
      'sets a queue up after DRIVER_OK',
      'virtio/INIT-D7',
      'queue 0 was set up while status was 07',
      `${BY_THE_BOOK} queue`,
    ],
    [
      'sets no queue up',
      'virtio/INIT-D8',
      'DRIVER_OK was set though no queue was set up',
      'reset read=0 status=1 status=3 offer accept=8000000 status=7',
    ],
    [
      'kicks before DRIVER_OK',
      'virtio/INIT-D13',
      'queue 0 was kicked while status was 03',
      'reset read=0 status=1 status=3 offer accept=8000000 queue kick',
    ],
    [
      'sets FEATURES_OK on a legacy device',
      'virtio/INIT-LEG-D1',
      'status 0b has FEATURES_OK, by the legacy interface',
      'reset read=0 status=1 status=3 offer accept=8000000 status=b',
    ],
    [
      'sets DRIVER_OK together with DRIVER',
      'virtio/STATUS-D1',
      'status went from 01 to 07: DRIVER_OK came in the same write as DRIVER',
      'reset read=0 status=1 queue=0 offer accept=8000000 status=7',
    ],
    [
      'drops a bit',
      'virtio/STATUS-D2',
      'status went from 03 to 02, which drops ACKNOWLEDGE',
      'reset read=0 status=1 status=3 status=2',
    ],
    [
      'goes on after FAILED',
      'virtio/STATUS-D3',
      'status 83 was written after FAILED, without a reset',
      'reset read=0 status=1 status=81 status=83',
    ],
    [
      'does not wait for the reset',
      'virtio/RESET-D1',
      'the device was used before its status read 0 after a reset',
      'reset status=1',
    ],
    [
      'does not wait for 0',
      'virtio/RESET-D1',
      'the device was used before its status read 0 after a reset',
      'reset read=7 other',
    ],
    [
      'accepts what was not offered',
      'virtio/FEAT-D1',
      '88000003 was accepted, of which 80000002 was not offered',
      'reset read=0 status=1 status=3 offer accept=88000003',
    ],
    [
      'takes a feature without what it needs',
      'virtio/NET-FEAT-D3',
      'GUEST_ECN (9) was accepted without GUEST_TSO4 (7) or GUEST_TSO6 (8)',
      BY_THE_BOOK.replace('8000000', '8000200'),
    ],
    [
      'takes bit 30',
      'virtio/RFEAT-LEG-D2',
      'bit 30 was accepted',
      BY_THE_BOOK.replace('8000000', '48000000'),
    ],
    [
      'takes a bit that nothing describes',
      'virtio/FEAT-D5',
      'bit 25 was accepted',
      BY_THE_BOOK.replace('8000000', 'a000000'),
    ],
    [
      'leaves ANY_LAYOUT',
      'virtio/RFEAT-LEG-D1',
      'ANY_LAYOUT was offered and not accepted',
      BY_THE_BOOK.replace('8000000', '1'),
    ],
  ] as const)('%s breaks %s', (_what, clause, said, script) => {
    const driver = new InitRig().play(script);
    expect(driver.journal.of(clause).map((finding) => `${finding.subject}: ${finding.said}`)).toEqual([
      `net0: ${said}`,
    ]);
  });

  test('writes no features at all breaks virtio/INIT-D4', () => {
    const driver = new InitRig().play('reset read=0 status=1 status=3 offer queue status=7');
    expect(driver.journal.of('virtio/INIT-D4').map(({ said }) => said)).toEqual([
      'DRIVER_OK was set though no features were written since the last reset',
    ]);
  });

  test('forgets the reset gets one finding, not one at every status it writes', () => {
    const driver = new InitRig().play('status=1 status=3 status=7');
    expect(driver.journal.count('virtio/INIT-D1')).toBe(1);
  });

  test('comes after another must reset the device again if the power was off between', () => {
    const driver = new InitRig().play(BY_THE_BOOK).play('power status=1');
    expect(driver.journal.count('virtio/INIT-D1')).toBe(1);
  });

  test('reads features before a reset must read them again after it', () => {
    const driver = new InitRig()
      .play('reset read=0 offer accept=0')
      .play('reset read=0 status=1 status=3 queue status=7');
    expect(driver.journal.count('virtio/INIT-D4')).toBe(1);
  });
});

test('the rules for legacy devices are not met by drivers of others', () => {
  const driver = new InitRig(false).play(
    BY_THE_BOOK.replace('8000000', '40000000').replace('status=7', 'status=b status=f'),
  );
  const { journal } = driver;
  expect([
    driver.findings,
    journal.reached('virtio/INIT-LEG-D1'),
    journal.reached('virtio/RFEAT-LEG-D1'),
  ]).toEqual([[], false, false]);
});
