import { describe, expect, test } from 'vitest';
import type { Region } from './access.ts';
import { PortSpace } from './address-space.ts';
import type { Width } from './bits.ts';
import { MisuseError } from './misuse.ts';
import { Rig } from './rig.ts';

/** Ports that answer `first`, `first + 1`, … and record what reaches them. */
class Ports implements Region {
  readonly log: string[] = [];
  readonly name: string;
  readonly size: number;
  readonly widths: number;
  private readonly first: number;

  constructor(name: string, size: number, first: number, widths = 7) {
    this.name = name;
    this.size = size;
    this.first = first;
    this.widths = widths;
  }

  read(offset: number, width: Width): number {
    this.log.push(`${this.name}+${offset}?${width}`);
    return Array.from({ length: width }, (_, i) => (this.first + offset + i) << (8 * i)).reduce(
      (a, b) => a | b,
    );
  }

  write(offset: number, value: number, width: Width): void {
    this.log.push(`${this.name}+${offset}=${value.toString(16)}/${width}`);
  }
}

/** Eight ports from 100h in a space. */
function setUp(widths?: number) {
  const ports = new PortSpace();
  const uart = new Ports('uart', 8, 0x81, widths);
  ports.map(0x100, uart, 'subtractive');
  return { ports, uart, log: uart.log };
}

describe('an access', () => {
  test.each([1, 2, 4] as const)('of %i aligned bytes reaches a region whole', (width) => {
    const { ports, log } = setUp();
    ports.read(0x104, width);
    expect(log).toEqual([`uart+4?${width}`]);
  });

  test('that is not aligned is split, the low byte first', () => {
    const { ports, log } = setUp();
    const read = ports.read(0x101, 2);
    ports.write(0x103, 0xbbaa, 2);
    expect(read).toBe(0x8382);
    expect(log).toEqual(['uart+1?1', 'uart+2?1', 'uart+3=aa/1', 'uart+4=bb/1']);
  });

  test('of a doubleword at an even port goes as two words', () => {
    const { ports, log } = setUp();
    const read = ports.read(0x102, 4);
    ports.write(0x102, 0xddcc_bbaa, 4);
    expect(read).toBe(0x8685_8483);
    expect(log).toEqual(['uart+2?2', 'uart+4?2', 'uart+2=bbaa/2', 'uart+4=ddcc/2']);
  });

  test('that a region does not take whole is split into what it takes', () => {
    const { ports, log } = setUp(1);
    const read = ports.read(0x100, 4);
    ports.write(0x100, 0x8000_0001, 4);
    expect(read).toBe(0x8483_8281);
    expect(log.slice(0, 4)).toEqual(['uart+0?1', 'uart+1?1', 'uart+2?1', 'uart+3?1']);
    expect(log.slice(4)).toEqual(['uart+0=1/1', 'uart+1=0/1', 'uart+2=0/1', 'uart+3=80/1']);
  });

  test('over the end of a region reads ones behind it and loses what is written there', () => {
    const { ports, log } = setUp();
    const read = ports.read(0x106, 4);
    ports.write(0x107, 0xbbaa, 2);
    expect(read).toBe(0xffff_8887);
    expect(log).toEqual(['uart+6?2', 'uart+7=aa/1']);
  });

  test('that begins before a region reads ones there', () => {
    const { ports } = setUp();
    expect(ports.read(0xff, 2)).toBe(0x81ff);
  });

  test('over two regions reaches both', () => {
    const { ports, log } = setUp();
    const other = new Ports('other', 4, 0x11);
    ports.map(0x108, other, 'subtractive');
    expect(ports.read(0x107, 2)).toBe(0x1188);
    expect([log, other.log]).toEqual([['uart+7?1'], ['other+0?1']]);
  });

  test.each([
    [1, 0xff],
    [2, 0xffff],
    [4, 0xffff_ffff],
  ] as const)('of %i bytes where no region answers reads ones', (width, ones) => {
    const { ports } = setUp();
    ports.write(0x200, 0, width);
    expect(ports.read(0x200, width)).toBe(ones);
  });

  test('never shows more bits than its width', () => {
    const { ports, log } = setUp();
    const loud: Region = { name: 'loud', size: 1, read: () => -1, write: () => {} };
    ports.map(0x300, loud, 'subtractive');
    ports.write(0x100, 0x1ff, 1);
    expect([ports.read(0x300, 1), log]).toEqual([0xff, ['uart+0=ff/1']]);
  });
});

describe('the region that answers', () => {
  const who = (ports: PortSpace) => ports.read(0x102, 1);
  const uart = () => new Ports('uart', 8, 0x10);
  const bar = () => new Ports('bar', 4, 0x20);
  const bridge = () => new Ports('bridge', 1, 0x30);

  test('is a BAR rather than an ISA device, in either mapping order', () => {
    const [before, after] = [new PortSpace(), new PortSpace()];
    before.map(0x100, bar(), 'positive');
    before.map(0x100, uart(), 'subtractive');
    after.map(0x100, uart(), 'subtractive');
    after.map(0x100, bar(), 'positive');
    expect([who(before), who(after)]).toEqual([0x22, 0x22]);
  });

  test('is the bridge itself rather than a BAR, in either mapping order', () => {
    const [before, after] = [new PortSpace(), new PortSpace()];
    before.map(0x102, bridge(), 'bridge');
    before.map(0x100, bar(), 'positive');
    after.map(0x100, bar(), 'positive');
    after.map(0x102, bridge(), 'bridge');
    expect([who(before), who(after)]).toEqual([0x30, 0x30]);
  });

  test('is the first of two of one kind', () => {
    const ports = new PortSpace();
    ports.map(0x100, uart(), 'subtractive');
    ports.map(0x102, bridge(), 'subtractive');
    expect(who(ports)).toBe(0x12);
  });

  test('changes port by port: ports outside a small BAR stay with the UART', () => {
    const ports = new PortSpace();
    ports.map(0x100, uart(), 'subtractive');
    ports.map(0x102, new Ports('bar', 2, 0x20), 'positive');
    expect([0x101, 0x102, 0x103, 0x104].map((port) => ports.read(port, 1))).toEqual([0x11, 0x20, 0x21, 0x14]);
  });

  test('is the hidden one again when the BAR goes away, layer by layer', () => {
    const ports = new PortSpace();
    const [low, middle, high] = [uart(), bar(), bridge()];
    ports.map(0x100, low, 'subtractive');
    ports.map(0x100, middle, 'positive');
    ports.map(0x102, high, 'bridge');
    const seen = [who(ports)];
    ports.unmap(0x102, high);
    seen.push(who(ports));
    ports.unmap(0x100, middle);
    seen.push(who(ports));
    ports.unmap(0x100, low);
    seen.push(who(ports));
    expect(seen).toEqual([0x30, 0x22, 0x12, 0xff]);
  });

  test('stays the same when another region goes away', () => {
    const ports = new PortSpace();
    const one = uart();
    ports.map(0x100, one, 'subtractive');
    ports.unmap(0x101, one);
    ports.unmap(0x100, uart());
    expect(who(ports)).toBe(0x12);
  });
});

describe('the edge of port space', () => {
  test('cuts a region off', () => {
    const ports = new PortSpace();
    ports.map(0xfffe, new Ports('last', 8, 0x40), 'positive');
    expect([ports.read(0xffff, 1), ports.read(0, 1)]).toEqual([0x41, 0xff]);
  });

  test.each([-1, 0x1_0000, 0.5])('refuses a region at %d', (base) => {
    const map = () => new PortSpace().map(base, new Ports('r', 1, 0), 'positive');
    expect(map).toThrow(MisuseError);
  });
});

describe('the tap', () => {
  test('sees one access of the width that the guest used, before and after it', () => {
    const { ports, log } = setUp(1);
    const seen: string[] = [];
    ports.tap = {
      begin: ({ address, width, write, offset }) =>
        seen.push(`begin ${address.toString(16)}/${width} ${write} +${offset}, ${log.length} done`),
      end: ({ value }) => seen.push(`end ${value.toString(16)}, ${log.length} done`),
    };
    ports.read(0x102, 4);
    ports.write(0x101, 0xbbaa, 2);
    expect(seen).toEqual([
      'begin 102/4 false +2, 0 done',
      'end 86858483, 4 done',
      'begin 101/2 true +1, 4 done',
      'end bbaa, 6 done',
    ]);
  });

  test('gets the region that answers, and the context before the access', () => {
    const { ports } = new Rig();
    let dlab = 0;
    const seen: unknown[] = [];
    const lcr: Region = {
      name: 'lcr',
      size: 1,
      read: () => dlab,
      write: (_offset, value) => {
        dlab = value;
      },
      context: () => dlab,
    };
    ports.map(3, lcr, 'subtractive');
    ports.tap = { begin: ({ region, context }) => seen.push(region?.name ?? null, context), end: () => {} };
    ports.write(3, 0x80, 1);
    ports.read(3, 1);
    ports.read(4, 1);
    expect(seen).toEqual(['lcr', 0, 'lcr', 0x80, null, 0]);
  });
});
