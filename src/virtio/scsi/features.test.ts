import { describe, expect, test } from 'vitest';
import { ANY_LAYOUT, READ_BLOCK_0, ScsiRig, text, WRITE_BLOCK_0 } from './scsi-rig.ts';

const [INOUT, T10_PI] = [0, 3];
const GOOD = { response: 0, status: 0, sense: '' };
const FAILURE = 9;
const BLOCK = new Uint8Array(512).fill(7);
const offering = (...features: number[]) => new ScsiRig({ features }).start(ANY_LAYOUT, ...features);

describe('with INOUT', () => {
  test('a command may bring data and room, and moves what is its own', () => {
    const rig = offering(INOUT);
    rig.medium.write(0, BLOCK, 0, 512);

    const head = rig.put({ cdb: READ_BLOCK_0, out: new Uint8Array(100), room: 512 });
    rig.kick(2);

    // 100 bytes out were not moved.
    const note = expect.stringMatching(/^scsi\/DATA-EXCESS/);
    expect([rig.answer(head), rig.data(head)[0], rig.said]).toEqual([{ ...GOOD, residual: 100 }, 7, [note]]);
  });

  test('a write takes no notice of the room', () => {
    const rig = offering(INOUT);

    const { residual } = rig.run({ cdb: WRITE_BLOCK_0, out: BLOCK, room: 64 });
    const written = new Uint8Array(1);
    rig.medium.read(0, written, 0, 1);

    const note = expect.stringMatching(/^scsi\/DATA-EXCESS/);
    expect([residual, written[0], rig.said]).toEqual([64, 7, [note]]);
  });

  test('that was not accepted, the same is FAILURE', () => {
    const rig = new ScsiRig({ features: [INOUT] }).start(ANY_LAYOUT);

    expect(rig.run({ cdb: WRITE_BLOCK_0, out: BLOCK, room: 64 }).response).toBe(FAILURE);
  });
});

describe('with T10_PI', () => {
  test('the header has two fields more', () => {
    const rig = offering(T10_PI);

    const answer = rig.run({ cdb: WRITE_BLOCK_0, out: BLOCK, protection: [0, 0] });

    expect([answer, rig.said]).toEqual([{ ...GOOD, residual: 0 }, []]);
  });

  test('protection information is passed over before data-out', () => {
    const rig = offering(T10_PI);
    const out = new Uint8Array(8 + 512).fill(7, 8);

    const answer = rig.run({ cdb: WRITE_BLOCK_0, out, protection: [8, 0] });
    const written = new Uint8Array(512);
    rig.medium.read(0, written, 0, 512);

    expect([answer, text(written)]).toEqual([{ ...GOOD, residual: 0 }, text(BLOCK)]);
  });

  test('and says before data-in that nothing is to be checked', () => {
    const rig = offering(T10_PI);
    rig.medium.write(0, BLOCK, 0, 512);

    const head = rig.put({ cdb: READ_BLOCK_0, room: 8 + 512, protection: [0, 8] });
    rig.kick(2);

    expect(text(rig.data(head))).toBe(`${'ff'.repeat(8)}${text(BLOCK)}`);
    expect(rig.guests[2]!.take()).toEqual([[head, 12 + 96 + 8 + 512]]);
  });

  test.each<[what: string, protection: [number, number]]>([
    ['more than comes', [513, 0]],
    ['more than there is room for', [0, 1]],
  ])('a header that promises %s is FAILURE', (_what, protection) => {
    const rig = offering(T10_PI);

    expect(rig.run({ cdb: WRITE_BLOCK_0, out: BLOCK, protection }).response).toBe(FAILURE);
  });

  test('a header without the fields is too short', () => {
    const rig = offering(T10_PI);

    expect(rig.run({ cdb: WRITE_BLOCK_0 }).response).toBe(FAILURE);
  });
});
