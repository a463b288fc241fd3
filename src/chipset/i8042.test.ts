import { describe, expect, test } from 'vitest';
import { I8042Rig } from './i8042-rig.ts';

describe('the controller', () => {
  test.each([
    ['its self test', [0xaa], 0x55],
    ['the test of the keyboard line', [0xab], 0x00],
    ['the test of the mouse line', [0xa9], 0x00],
    ['a read of the command byte', [0x60, 0x65, 0x20], 0x65],
    ['a read of a byte of its RAM', [0x71, 0xa5, 0x31], 0xa5],
    ['a read of the input port of a locked keyboard', [0xc0], 0x00],
    ['a read of the output port', [0xd0], 0xcf],
    ['a byte as if from the keyboard', [0xd2, 0x5a], 0x5a],
    ['a byte as if from the mouse, which Linux loops', [0xd3, 0x5a], 0x15a],
  ])('answers %s', (_what, [command, ...rest], answer) => {
    const rig = new I8042Rig().command(command!, ...rest.slice(0, 1));
    for (const next of rest.slice(1)) rig.command(next);
    expect(rig.read()).toEqual([answer]);
  });

  test('has the status bits of the data sheet', () => {
    const rig = new I8042Rig();
    const seen = [rig.status];
    seen.push(rig.command(0xaa).status);
    rig.read();
    seen.push(rig.status);
    seen.push(rig.command(0x60, 0x00).status);
    seen.push(rig.command(0xd3, 1).status);
    expect(seen).toEqual([0x00, 0x0d, 0x0c, 0x00, 0x21]);
  });

  test('shows in the command byte what was disabled, as in Linux’s search for a mouse', () => {
    const rig = new I8042Rig();
    const bytes = [0xa7, 0xa8, 0xad, 0xae].flatMap((command) => rig.command(command).command(0x20).read());
    expect(bytes).toEqual([0x20, 0x00, 0x10, 0x00]);
  });

  test('drops undefined bits of the command byte', () => {
    expect(new I8042Rig().command(0x60, 0xff).command(0x20).read()).toEqual([0x77]);
  });

  test('a command replaces one that waits for its byte', () => {
    const rig = new I8042Rig().command(0x60).command(0x60, 0x45).command(0x20);
    expect(rig.read()).toEqual([0x45]);
  });

  test("a command without a byte also replaces it: the byte is the keyboard's", () => {
    const rig = new I8042Rig().command(0x60).command(0xaa);
    expect([rig.read(), rig.keyboard(0xee)]).toEqual([[0x55], [0xee]]);
  });

  test('resets the CPU by a pulse of line 0, and by the output port', () => {
    const rig = new I8042Rig().command(0xfe).command(0xff).command(0xd1, 0xdf).command(0xd1, 0xde);
    expect(rig.events).toEqual(['soft', 'soft']);
  });

  test('shows the waiting byte in the output port', () => {
    const rig = new I8042Rig().command(0xd1, 0xcd).command(0xd3, 1).command(0xd0);
    expect(rig.read()).toEqual([0xed]);
  });

  test('forgets everything at a reset', () => {
    const rig = new I8042Rig().command(0x60, 0x43);
    rig.mouse(0xf3, 200, 0xf3, 100, 0xf3, 80);
    rig.keyboard(0xf0, 0x03);
    rig.command(0xd3, 1);
    rig.i8042.reset();
    expect([rig.status, rig.irq12.level, rig.command(0x20).read()]).toEqual([0, false, [0]]);
    expect([rig.mouse(0xf2)[1], rig.keyboard(0xf0, 0x00)[2]]).toEqual([0x100, 0x02]);
  });

  test('describes an access', () => {
    const rig = new I8042Rig();
    const said = [rig.command(0xaa).lastAccess];
    expect([...said, rig.status, rig.lastAccess]).toEqual([
      'i8042 COMMAND ← aa',
      0x0d,
      'i8042 STATUS → 0d  OBF SYS A2',
    ]);
  });
});

describe('interrupts', () => {
  test('occur for each byte, by its source', () => {
    const rig = new I8042Rig().command(0x60, 0x03);
    rig.keyboard(0xf2);
    rig.mouse(0xf2);
    rig.command(0xd3, 0xa5);
    expect(rig.events).toEqual(['1', '1', '1', '12', '12', '12']);
  });

  test('occur again for a byte that replaces an unread one', () => {
    const rig = new I8042Rig().command(0x60, 0x02).command(0xd3, 1).command(0xd3, 2);
    expect([rig.events, rig.read()]).toEqual([['12', '12'], [0x102]]);
  });

  test('occur when enabled while a byte waits, and end when it is read', () => {
    const rig = new I8042Rig().command(0xaa);
    rig.command(0x60, 0x01);
    const up = rig.irq1.level;
    rig.read();
    expect([up, rig.irq1.level, rig.events]).toEqual([true, false, ['1']]);
  });

  test('do not occur for a disabled device: its bytes wait', () => {
    const rig = new I8042Rig().command(0x60, 0x03);
    rig.command(0xd4, 0xf2).command(0xa7);
    const first = rig.read();
    const off = rig.status & 1;
    expect([first, off, rig.command(0xa8).read()]).toEqual([[0x1fa], 0, [0x100]]);
  });
});

describe('the keyboard', () => {
  test.each([
    ['a reset', [0xff], [0xfa, 0xaa]],
    ['its identity', [0xf2], [0xfa, 0xab, 0x83]],
    ['an echo', [0xee], [0xee]],
    ['its lamps', [0xed, 0x07], [0xfa, 0xfa]],
    ['its rate', [0xf3, 0x20], [0xfa, 0xfa]],
    ['on and off', [0xf4, 0xf5], [0xfa, 0xfa]],
    ['its defaults', [0xf6], [0xfa]],
    ['its set of scan codes', [0xf0, 0x00], [0xfa, 0xfa, 0x02]],
    ['another set', [0xf0, 0x03, 0xf0, 0x00], [0xfa, 0xfa, 0xfa, 0xfa, 0x03]],
    [
      'its defaults, the set among them',
      [0xf0, 0x03, 0xf6, 0xf0, 0x00],
      [0xfa, 0xfa, 0xfa, 0xfa, 0xfa, 0x02],
    ],
    ['a set that there is not', [0xf0, 0x04], [0xfa, 0xfe]],
    ['what it does not know', [0x12], [0xfe]],
    ['the last byte again', [0xf2, 0xfe], [0xfa, 0xab, 0x83, 0x83]],
    ['a command where a byte was to come', [0xed, 0xee], [0xfa, 0xee]],
  ])('answers %s', (_what, bytes, answers) => {
    expect(new I8042Rig().keyboard(...bytes)).toEqual(answers);
  });

  test('is translated if the command byte enables that', () => {
    const rig = new I8042Rig().command(0x60, 0x40);
    expect([rig.keyboard(0xf2), rig.keyboard(0xf0, 0)]).toEqual([
      [0xfa, 0xab, 0x41],
      [0xfa, 0xfa, 0x41],
    ]);
  });

  test('is enabled by a byte that is sent to it', () => {
    const rig = new I8042Rig().command(0xad);
    expect([rig.keyboard(0xee), rig.command(0x20).read()]).toEqual([[0xee], [0x00]]);
  });

  test('keeps only one answer if it is not read', () => {
    const rig = new I8042Rig();
    for (let i = 0; i < 100_000; i++) rig.ports.write(0x60, 0xf2, 1);
    expect(rig.read()).toEqual([0xfa, 0xfa, 0xab, 0x83]);
  });
});

describe('the mouse', () => {
  test.each([
    ['a reset', [0xff], [0xfa, 0xaa, 0x00]],
    ['its identity', [0xf2], [0xfa, 0x00]],
    ['a movement', [0xeb], [0xfa, 0x08, 0x00, 0x00]],
    ['its state at first', [0xe9], [0xfa, 0x00, 0x02, 100]],
    [
      'its state when set',
      [0xf4, 0xe7, 0xe8, 0x03, 0xf3, 40, 0xe9],
      [0xfa, 0xfa, 0xfa, 0xfa, 0xfa, 0xfa, 0xfa, 0x30, 0x03, 40],
    ],
    ['remote mode', [0xf0, 0xe9], [0xfa, 0xfa, 0x40, 0x02, 100]],
    ['its defaults', [0xf4, 0xf6, 0xe9], [0xfa, 0xfa, 0xfa, 0x00, 0x02, 100]],
    ['any byte while it wraps', [0xee, 0xf2, 0x12, 0xec, 0xf2], [0xfa, 0xf2, 0x12, 0xfa, 0xfa, 0x00]],
    ['what it does not know', [0x12], [0xfe]],
    ['the last byte again', [0xf2, 0xfe], [0xfa, 0x00, 0x00]],
  ])('answers %s', (_what, bytes, answers) => {
    expect(new I8042Rig().mouse(...bytes)).toEqual(answers.map((byte) => byte + 0x100));
  });

  test('reports its wheel, and then five buttons, after the knock sequences', () => {
    const rig = new I8042Rig();
    rig.mouse(0xf3, 200, 0xf3, 100, 0xf3, 80);
    const wheel = rig.mouse(0xf2);
    rig.mouse(0xf3, 200, 0xf3, 200, 0xf3, 80);
    expect([wheel, rig.mouse(0xf2), rig.mouse(0xeb).length, rig.mouse(0xff)]).toEqual([
      [0x1fa, 0x103],
      [0x1fa, 0x104],
      5,
      [0x1fa, 0x1aa, 0x100],
    ]);
  });

  test('reports nothing if the knock for buttons comes first', () => {
    const rig = new I8042Rig();
    rig.mouse(0xf3, 200, 0xf3, 200, 0xf3, 80);
    expect(rig.mouse(0xf2)).toEqual([0x1fa, 0x100]);
  });
});
