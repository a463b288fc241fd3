import { describe, expect, test } from 'vitest';
import type { Region } from './access.ts';
import { MmioSpace } from './address-space.ts';
import type { Width } from './bits.ts';

/** Memory of a device: every byte reads `id`, and writes are recorded. */
class Bar implements Region {
  readonly log: string[] = [];
  readonly name: string;
  readonly size: number;
  private readonly id: number;

  constructor(id: number, size: number) {
    this.name = `bar ${id}`;
    this.id = id;
    this.size = size;
  }

  read(offset: number, width: Width): number {
    this.log.push(`${offset}?${width}`);
    return this.id * 0x0101_0101;
  }

  write(offset: number, value: number, width: Width): void {
    this.log.push(`${offset}=${value.toString(16)}/${width}`);
  }
}

const BASE = 0xfebf_f000;

describe('an access', () => {
  test('above 4 GiB reaches the region there, and not the one below', () => {
    const space = new MmioSpace();
    const [low, high] = [new Bar(1, 16), new Bar(2, 16)];
    space.map(BASE, low);
    space.map(BASE + 2 ** 32, high);
    expect(space.read(BASE + 2 ** 32 + 4, 4)).toBe(0x0202_0202);
    expect([low.log, high.log]).toEqual([[], ['4?4']]);
  });

  test('that is not aligned is split, the low half first', () => {
    const space = new MmioSpace();
    const bar = new Bar(1, 16);
    space.map(BASE, bar);
    space.write(BASE + 6, 0xddcc_bbaa, 4);
    space.write(BASE + 1, 0xbbaa, 2);
    expect(bar.log).toEqual(['6=bbaa/2', '8=ddcc/2', '1=aa/1', '2=bb/1']);
  });

  test('over the end of a region reads ones there', () => {
    const space = new MmioSpace();
    space.map(BASE, new Bar(1, 18));
    expect(space.read(BASE + 16, 4)).toBe(0xffff_0101);
  });

  test('where no region answers reads ones and is lost', () => {
    const space = new MmioSpace();
    space.write(0, 1, 4);
    expect([space.read(0, 1), space.read(2, 2), space.read(4, 4)]).toEqual([0xff, 0xffff, 0xffff_ffff]);
  });

  test('is seen by the tap with its own width', () => {
    const space = new MmioSpace();
    const seen: unknown[] = [];
    space.map(BASE, new Bar(1, 16));
    space.tap = {
      begin: ({ space, address, width, offset }) => seen.push([space, address, width, offset]),
      end: () => {},
    };
    space.read(BASE + 2, 4);
    expect(seen).toEqual([['memory', BASE + 2, 4, 2]]);
  });
});

describe('where two regions overlap', () => {
  const overlap = () => {
    const space = new MmioSpace();
    const [first, second] = [new Bar(1, 16), new Bar(2, 16)];
    space.map(BASE, first);
    space.map(BASE + 8, second);
    return { space, first, second };
  };

  test('the first to be mapped answers, even after the second answered elsewhere', () => {
    const { space } = overlap();
    const seen = [space.read(BASE + 16, 1), space.read(BASE + 8, 1), space.read(BASE + 16, 1)];
    expect(seen).toEqual([2, 1, 2]);
  });

  test('the second answers when the first goes away', () => {
    const { space, first } = overlap();
    space.read(BASE + 8, 1);
    space.unmap(BASE, first);
    expect([space.read(BASE + 8, 1), space.read(BASE, 1)]).toEqual([2, 0xff]);
  });

  test('a region that is mapped twice goes away once', () => {
    const { space, second } = overlap();
    space.map(BASE + 0x100, second);
    space.unmap(BASE + 8, second);
    expect([space.read(BASE + 16, 1), space.read(BASE + 0x100, 1)]).toEqual([0xff, 2]);
  });

  test('a region mapped over the one last used does not take its place', () => {
    const space = new MmioSpace();
    const first = new Bar(1, 16);
    space.map(BASE, first);
    space.read(BASE, 1);
    space.map(BASE, new Bar(2, 32));
    expect([space.read(BASE, 1), space.read(BASE + 16, 1), space.read(BASE, 1)]).toEqual([1, 2, 1]);
  });
});
