import { describe, expect, test, vi } from 'vitest';
import { BalloonRig } from './balloon-rig.ts';

const { PAGE } = BalloonRig;
const start = () => new BalloonRig().start();
/** The rig has 4 MiB. */
const RAM_PAGES = 0x400;

test('pages go into the balloon and come out, and each request is acknowledged with nothing written', () => {
  const rig = start();

  const given = rig.inflate(PAGE, PAGE + 5);
  const most = rig.device.pages;
  const back = rig.deflate(PAGE + 5);

  expect([most, rig.device.pages]).toEqual([2, 1]);
  expect([rig.guests[0]!.take(), rig.guests[1]!.take()]).toEqual([[[given, 0]], [[back, 0]]]);
  expect([rig.intx, rig.findings]).toEqual([true, []]);
});

test('a page in the balloon reads zero, and its neighbours keep what they hold', () => {
  const rig = start();
  for (const pfn of [PAGE - 1, PAGE, PAGE + 1]) rig.page(pfn).fill(0x5a);

  rig.inflate(PAGE);

  expect([PAGE - 1, PAGE, PAGE + 1].map((pfn) => [...new Set(rig.page(pfn))])).toEqual([[0x5a], [0], [0x5a]]);
});

test('a host that caches code is notified of the page', () => {
  const rig = start();
  const told: number[][] = [];
  rig.board.memory.dirty = (from, to) => told.push([from, to]);

  rig.inflate(PAGE);

  expect(told).toContainEqual([PAGE * 4096, PAGE * 4096 + 4096]);
});

test('an array may lie in several buffers, and a number in two of them', () => {
  const rig = start();
  const bytes = new Uint8Array(Uint32Array.of(PAGE, PAGE + 1).buffer);

  rig.send(0, bytes.subarray(0, 6), bytes.subarray(6));

  expect([rig.device.pages, rig.findings]).toEqual([2, []]);
});

test('an array longer than one read is processed completely', () => {
  const rig = start();

  // One read is 1024 bytes, which is 256 numbers.
  rig.inflate(...Array.from({ length: 300 }, (_, i) => 0x2d0 + i));

  expect([rig.device.pages, rig.findings]).toEqual([300, []]);
});

test('an array in a page that it inflates is read before the page is zeroed', () => {
  const rig = start();
  const guest = rig.guests[0]!;
  const numbers = Uint32Array.from({ length: 200 }, (_, i) => PAGE + i);
  rig.board.memory.write(PAGE * 4096, new Uint8Array(numbers.buffer));
  guest.describe(0, PAGE * 4096, numbers.byteLength);

  guest.offer(0);
  rig.kick(0);

  expect([rig.device.pages, rig.findings]).toEqual([200, []]);
});

test('an array with more numbers than RAM has pages is read up to that many', () => {
  const rig = start();
  const numbers = new Uint8Array(Uint32Array.from({ length: RAM_PAGES + 8 }, () => PAGE).buffer);

  rig.send(0, numbers);

  expect(rig.journal.count('virtio/BALLOON-IMP-4')).toBe(RAM_PAGES - 1);
});

test('the arrays of a kick are read up to that many numbers together', () => {
  const rig = start();
  const guest = rig.guests[0]!;
  const half = new Uint8Array(Uint32Array.from({ length: RAM_PAGES / 2 }, () => PAGE).buffer);
  for (let i = 0; i < 3; i++) guest.offer(guest.chain(half));

  rig.kick(0);

  expect(rig.journal.count('virtio/BALLOON-IMP-4')).toBe(RAM_PAGES - 1);
  expect(guest.take()).toHaveLength(3);
});

test('a long array is continued a millisecond later, and completed once', () => {
  const rig = start();
  // More RAM than there is. A number is 16 units of 1,048,576, so that 65,536 are read at a time.
  vi.spyOn(rig.board.memory, 'size', 'get').mockReturnValue(2 ** 32);
  const guest = rig.guests[0]!;
  const at = guest.place(new Uint8Array(Uint32Array.from({ length: 50_000 }, () => PAGE).buffer));
  guest.describe(0, at, 200_000, 1, 1);
  guest.describe(1, at, 200_000);
  guest.offer(0);
  const again = () => rig.journal.count('virtio/BALLOON-IMP-4');
  const seen = [];

  rig.kick(0);
  seen.push(again(), guest.take().length);
  rig.clock.advance(1_000_000);
  seen.push(again(), guest.take().length);

  expect(seen).toEqual([65_535, 0, 99_999, 1]);
});

test('an array is read with 4 GiB of RAM, too', () => {
  const rig = start();
  vi.spyOn(rig.board.memory, 'size', 'get').mockReturnValue(2 ** 32);

  rig.inflate(PAGE);

  expect(rig.device.pages).toBe(1);
});

test('a device reset empties the balloon', () => {
  const rig = start();
  rig.inflate(PAGE);
  rig.say(1);

  rig.out(0x12, 0, 1);

  expect([rig.device.pages, rig.device.actual]).toEqual([0, 0]);
});

describe('a driver that breaks a rule of pages', () => {
  const breaks: [what: string, clause: string, act: (rig: BalloonRig) => void, pages: number][] = [
    [
      'writes to a page in the balloon',
      'virtio/BALLOON-OP-D3',
      (rig) => {
        rig.inflate(PAGE);
        rig.page(PAGE)[4095] = 1;
        rig.deflate(PAGE);
      },
      0,
    ],
    ['asks back what it did not give', 'virtio/BALLOON-OP-D6', (rig) => rig.deflate(PAGE), 0],
    [
      'asks back from the deflate queue with room to write',
      'virtio/BALLOON-IMP-1',
      (rig) => rig.send(1, 4),
      0,
    ],
    ['gives with room to write', 'virtio/BALLOON-IMP-1', (rig) => rig.send(0, 4), 0],
    [
      'sends half a number behind a whole one',
      'virtio/BALLOON-IMP-2',
      (rig) => rig.send(0, Uint8Array.of(0, 3, 0, 0, 9, 9)),
      1,
    ],
    ['gives the page behind RAM', 'virtio/BALLOON-IMP-3', (rig) => rig.inflate(RAM_PAGES), 0],
    ['gives the highest page there can be', 'virtio/BALLOON-IMP-3', (rig) => rig.inflate(0xffff_ffff), 0],
    ['gives an address in place of a number', 'virtio/BALLOON-IMP-3', (rig) => rig.inflate(PAGE * 4096), 0],
    ['gives a page twice', 'virtio/BALLOON-IMP-4', (rig) => rig.inflate(PAGE, PAGE), 1],
  ];

  test.each(breaks)('and %s is caught with %s alone', (_what, clause, act, pages) => {
    const rig = start();

    act(rig);

    expect([rig.broken, rig.device.pages]).toEqual([[clause], pages]);
  });

  test('gets a finding with the page', () => {
    const rig = start();

    rig.deflate(PAGE);

    // 768 is page 300h.
    expect(rig.findings[0]).toMatch(
      /balloon0, deflate queue \(queue 1\): page 768 was deflated, but is not in the balloon$/,
    );
  });
});

test('a page may be inflated again after it was deflated and written to', () => {
  const rig = start();
  rig.inflate(PAGE);
  rig.deflate(PAGE);
  rig.page(PAGE).fill(1);

  rig.inflate(PAGE);
  rig.deflate(PAGE);

  expect(rig.findings).toEqual([]);
});

test('page numbers of a big-endian guest are in its byte order', () => {
  const rig = new BalloonRig('be').start();
  const { view, at, avail } = rig.guests[0]!;
  // By hand: descriptor 0 of four bytes at 2 MiB, made available as entry 0.
  view.setUint32(0x20_0000, PAGE);
  view.setBigUint64(at, 0x20_0000n);
  view.setUint32(at + 8, 4);
  view.setUint16(avail + 2, 1);

  rig.kick(0);

  expect([rig.device.pages, rig.findings]).toEqual([1, []]);
});
