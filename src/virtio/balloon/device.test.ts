import { describe, expect, test, vi } from 'vitest';
import { MisuseError } from '../../core/misuse.ts';
import { BalloonRig } from './balloon-rig.ts';

const NUM_PAGES = 0x14;
const ACTUAL = 0x18;
const ISR = 0x13;
const CONFIG = 2;
const { PAGE } = BalloonRig;
const start = () => new BalloonRig().start();

test('shows a legacy header of 32 bytes, with eight of configuration at the end', () => {
  const rig = new BalloonRig();

  // BAR0 is sized by writing ones; 00:04.0.
  rig.set(4, 0x10, 0xffff_ffff, 4);

  expect(rig.get(4, 0x10, 4)).toBe(0xffff_ffe1);
});

test('offers the statistics queue and nothing else', () => {
  expect(new BalloonRig().in(0, 4)).toBe(1 << 1);
});

test('a new target causes a configuration interrupt', () => {
  const rig = start();

  rig.device.target = 0x123;

  expect([rig.intx, rig.in(ISR, 1), rig.in(NUM_PAGES, 4), rig.device.target]).toEqual([
    true,
    CONFIG,
    0x123,
    0x123,
  ]);
});

test('the same target again causes no interrupt', () => {
  const rig = start();
  rig.device.target = 1;
  rig.in(ISR, 1);

  rig.device.target = 1;

  expect(rig.in(ISR, 1)).toBe(0);
});

test('before DRIVER_OK a target causes no interrupt, and can be read', () => {
  const rig = new BalloonRig();

  rig.device.target = 7;

  expect([rig.intx, rig.in(NUM_PAGES, 4)]).toEqual([false, 7]);
});

test('a target is kept over a reset', () => {
  const rig = start();
  rig.device.target = 7;

  rig.out(0x12, 0, 1);

  expect(rig.in(NUM_PAGES, 4)).toBe(7);
});

// 4 MiB are 1024 pages.
test.each([-1, 1025, 1.5, Number.NaN])('a target of %s is misuse', (pages) => {
  const { device } = start();

  expect(() => {
    device.target = pages;
  }).toThrow(MisuseError);
  expect(device.target).toBe(0);
});

test('the target may be all of RAM', () => {
  const { device } = start();

  device.target = 1024;

  expect(device.target).toBe(1024);
});

test('the target may be all of more than 4 GiB of RAM', () => {
  const rig = start();
  vi.spyOn(rig.board.memory, 'size', 'get').mockReturnValue(5 * 2 ** 30);

  rig.device.target = 5 * 2 ** 18;

  expect(rig.device.target).toBe(5 * 2 ** 18);
});

test('a big-endian guest reads and writes a little-endian configuration', () => {
  const rig = new BalloonRig('be').start();

  rig.device.target = 0x123;
  rig.say(0x0001_0000);

  expect([rig.in(NUM_PAGES, 1), rig.device.actual]).toEqual([0x23, 0x0001_0000]);
});

describe('actual', () => {
  test('is what the driver wrote, byte by byte or at once', () => {
    const rig = start();
    rig.inflate(PAGE, PAGE + 1);

    rig.say(2);
    const bytewise = rig.device.actual;
    rig.deflate(PAGE);
    rig.out(ACTUAL, 1, 4);

    expect([bytewise, rig.device.actual, rig.in(ACTUAL, 4), rig.findings]).toEqual([2, 1, 1, []]);
  });

  test('takes effect when its last byte is written', () => {
    const rig = start();
    rig.inflate(PAGE);

    rig.out(ACTUAL, 1, 1);
    rig.out(ACTUAL + 1, 0, 1);
    rig.out(ACTUAL + 2, 0, 1);

    expect([rig.device.actual, rig.findings]).toEqual([0, []]);
  });

  test('that is not the number of pages in the balloon is a finding', () => {
    const rig = start();
    rig.inflate(PAGE);

    rig.say(2);

    expect([rig.broken, rig.device.actual, rig.device.pages]).toEqual([['virtio/BALLOON-OP-D7'], 2, 1]);
  });

  test('may be what it was while the driver changes one page for another', () => {
    const rig = start();
    rig.inflate(PAGE);
    rig.inflate(PAGE + 1);

    rig.say(1);
    rig.deflate(PAGE);
    rig.deflate(PAGE + 1);

    expect([rig.findings, rig.device.pages]).toEqual([[], 0]);
  });

  test('that is out of date is a finding at the next request', () => {
    const rig = start();
    rig.inflate(PAGE);
    rig.say(0);
    const before = rig.broken;

    rig.inflate(PAGE + 1);

    expect([before, rig.broken]).toEqual([[], ['virtio/BALLOON-OP-D7']]);
  });

  test('may be corrected before the next request', () => {
    const rig = start();
    rig.inflate(PAGE);
    rig.say(0);

    rig.say(1);
    rig.inflate(PAGE + 1);

    expect(rig.findings).toEqual([]);
  });

  test('that is written in part is a finding', () => {
    const rig = start();
    rig.out(ACTUAL, 0, 2);

    rig.out(ACTUAL, 0, 2);

    expect(rig.broken).toEqual(['virtio/BALLOON-LEG-D2']);
  });

  test('may be written in any order by a modern driver (its widths are judged elsewhere)', () => {
    const rig = start();
    rig.beModern();

    for (const offset of [6, 5, 4, 7]) rig.device.writeConfig(offset, 0);

    expect(rig.findings).toEqual([]);
  });

  test('is forgotten by a reset, also if written in part', () => {
    const rig = start();
    rig.inflate(PAGE);
    rig.say(1);
    rig.out(ACTUAL, 1, 1);
    rig.start();
    const after = rig.in(ACTUAL, 4);

    rig.say(0);

    expect([after, rig.findings]).toEqual([0, []]);
  });

  test('is all that a driver may write', () => {
    const rig = start();

    rig.out(NUM_PAGES, 9, 1);

    expect([rig.broken, rig.in(NUM_PAGES, 4)]).toEqual([['virtio/BALLOON-IMP-5'], 0]);
  });
});
