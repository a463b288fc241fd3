import { describe, expect, test } from 'vitest';
import { Command } from '../command.ts';
import { ask } from '../initiator-rig.ts';
import { fullUnit, GOOD, hex, of, refused, send } from './full-rig.ts';

describe('mode pages', () => {
  const WCE_OFF = '00000000 0812 00 00 00000000000000000000000000000000';
  const SWP_ON = '00000000 0a0a 00 00 08 00 0000 0000 0000';

  test('are four, in ascending order', () => {
    const { data } = send(fullUnit(), '1a 08 3f 00 ff 00', { room: 255 });

    expect(data).toBe(
      `3b001000 010a${'00'.repeat(10)} 0812 04${'00'.repeat(17)} 0a0a${'00'.repeat(10)} 1c0a${'00'.repeat(10)}`.replaceAll(
        ' ',
        '',
      ),
    );
  });

  test('say what can be changed', () => {
    expect(send(fullUnit(), '1a 08 4a 00 ff 00', { room: 255 }).data).toBe(
      `0f001000 0a0a0400 08${'00'.repeat(7)}`.replaceAll(' ', ''),
    );
  });

  test('protect from writes, until a reset', () => {
    const unit = fullUnit();

    const selected = send(unit, '15 10 0000 10 00', { out: Uint8Array.from(hex(SWP_ON)) });
    const written = send(unit, '2a 00 00000001 00 0001 00', { out: of(9) });
    const sensed = send(unit, '1a 08 0a 00 04 00', { room: 4 });
    unit.reset('power');
    unit.takeAttention();

    expect(selected).toMatchObject(GOOD);
    expect(written).toMatchObject(refused('7/27/00'));
    expect(sensed.data).toBe('0f009000');
    expect(send(unit, '2a 00 00000001 00 0001 00', { out: of(9) })).toMatchObject(GOOD);
  });

  test('have sense data described, of each command, until they are changed back', () => {
    const unit = fullUnit();
    const command = new Command();
    const select = (list: string) => send(unit, '15 10 0000 10 00', { out: Uint8Array.from(hex(list)) });
    const formatOf = () => {
      ask((one) => unit.execute(one), command, [0xff]);
      return command.sense[0];
    };
    select('00000000 0a0a 04 00 00 00 0000 0000 0000');
    const described = formatOf();
    select('00000000 0a0a 00 00 00 00 0000 0000 0000');

    expect([described, formatOf()]).toEqual([0x72, 0x70]);
  });

  test('a cache that is turned off is flushed, once', () => {
    const unit = fullUnit();
    let flushes = 0;
    unit.medium.flush = () => ++flushes > 0;
    const out = Uint8Array.from(hex(WCE_OFF));
    const cdb = `15 10 0000 ${out.length.toString(16)} 00`;

    const answers = [send(unit, cdb, { out }), send(unit, cdb, { out })];

    expect(answers).toMatchObject([GOOD, GOOD]);
    expect(flushes).toBe(1);
  });

  test.each([
    ['the write cache turned off', WCE_OFF, GOOD],
    ['a page that it does not have', '00000000 0912 0000', refused('5/26/00')],
    ['a bit that cannot change', '00000000 0a0a 02 00 00 00 0000 0000 0000', refused('5/26/00')],
    ['a page of another length', '00000000 0a0b 00 00 00 00 0000 0000 0000 00', refused('5/26/00')],
    ['a page that is cut', '00000000 0a0a 00 00', refused('5/1a/00')],
    ['a list shorter than its header', '000000', refused('5/1a/00')],
    ['a length of the data', '0f000000', refused('5/26/00')],
    ['blocks of 4096 bytes', '00000008 00000000 00001000', refused('5/26/00')],
    ['blocks of 512 bytes', '00000008 00000000 00000200', GOOD],
    ['nothing', '', GOOD],
  ])('MODE SELECT of %s', (_about, list, expected) => {
    const out = Uint8Array.from(hex(list));
    const cdb = `15 10 0000 ${out.length.toString(16).padStart(2, '0')} 00`;

    expect(send(fullUnit(), cdb, { out })).toMatchObject(expected);
  });
});
