import { describe, expect, test } from 'vitest';
import { control, elfOf, HALT, lidt, outb, outw, PAGING, store, UD2 } from '../boot/kernel-rig.ts';
import { V86Host } from './host.ts';
import { closedHosts, small } from './rig.ts';

/** Where `elfOf` puts code. */
const CODE = 0x10_0000;
const DIRECTORY = 0x40_0000;
/** Present, writable, of 4 MiB, or under PAE of 2 MiB: where the code lies, and nothing else. */
const LARGE = 0x83;
const PSE = 0x10;
const PAE = 0x20;
const UNMAPPED = 0x80_0000;
const PAGED = [...store(DIRECTORY, LARGE), ...control('cr4', PSE), ...control('cr3', DIRECTORY), ...PAGING];
/** The first of four pointers, and a directory of which the first two entries map 4 MiB. PSE stays off. */
const LARGE_PAE = [
  ...[...store(DIRECTORY, (DIRECTORY + 0x1000) | 1), ...store(DIRECTORY + 0x1000, LARGE)],
  ...store(DIRECTORY + 0x1008, 0x20_0000 | LARGE),
  ...[...control('cr4', PAE), ...control('cr3', DIRECTORY), ...PAGING],
];
const hosts = closedHosts();

async function start(code: readonly number[], options = {}): Promise<V86Host> {
  const machine = small(options);
  const host = await V86Host.create(machine, { kernel: elfOf(code) });
  hosts.push(host);
  return host;
}

describe('a crash reports', () => {
  test('the exception without a handler, and its address', async () => {
    const code = lidt(UNMAPPED, 0);
    const host = await start([...code, ...UD2]);

    expect(await host.run()).toBe('crash');
    expect(host.crash).toMatchObject({
      vector: 6,
      unable: null,
      cs: 0x10,
      eip: CODE + code.length,
      mode: 'protected',
      idt: { base: UNMAPPED, limit: 0 },
    });
  });

  test('the page that was missing, when not even the table of handlers is mapped', async () => {
    const host = await start([...lidt(UNMAPPED, 0x7ff), ...PAGED, ...UD2]);

    expect(await host.run()).toBe('crash');
    expect(host.crash).toMatchObject({
      vector: 14,
      mode: 'paged',
      cr0: 0x8000_0011,
      cr2: UNMAPPED + 14 * 8,
      cr3: DIRECTORY,
      cr4: PSE,
    });
  });

  test('the page that was missing under PAE', async () => {
    const host = await start([...lidt(UNMAPPED, 0x7ff), ...LARGE_PAE, ...UD2]);

    expect(await host.run()).toBe('crash');
    expect(host.crash).toMatchObject({ vector: 14, mode: 'PAE', cr2: UNMAPPED + 14 * 8, cr4: PAE });
  });

  test('that code is not mapped where it turns paging on', async () => {
    const host = await start([...lidt(0, 0), ...control('cr3', DIRECTORY), ...PAGING, ...HALT]);

    expect(await host.run()).toBe('crash');
    expect(host.crash).toMatchObject({ vector: 14, mode: 'paged', cr2: host.crash!.eip });
  });

  test('the last accesses, oldest first, and none that the firmware made', async () => {
    const host = await start([...outb(0x80, 1), ...outb(0x81, 2), ...lidt(0, 0), ...UD2]);

    await host.run();

    expect(host.crash!.accesses.map(({ address, value }) => [address, value])).toEqual([
      [0x80, 1],
      [0x81, 2],
    ]);
  });

  test('eight accesses and no more', async () => {
    const many = Array.from({ length: 9 }, () => outb(0x80, 1)).flat();
    const host = await start([...many, ...lidt(0, 0), ...UD2]);

    await host.run();

    expect(host.crash!.accesses).toHaveLength(8);
  });

  test('no access without a judge', async () => {
    const host = await start([...outb(0x80, 1), ...lidt(0, 0), ...UD2], { judge: false });

    expect(await host.run()).toBe('crash');
    expect(host.crash!.accesses).toEqual([]);
  });

  test("what v86 cannot do, in v86's words, and that it is not a triple fault", async () => {
    const host = await start([0xb8, 0x33, 0, 0, 0, 0x0f, 0x00, 0xd8]); // mov eax, 33; ltr ax

    expect(await host.run()).toBe('crash');
    expect(host.crash).toMatchObject({ vector: null, unable: 'TODO: TR selector outside of table limit' });
  });
});

/** 16-bit code at the reset vector of a BIOS, or where it jumps to: the image's first byte. */
async function startBios(code: readonly number[]): Promise<V86Host> {
  const machine = small({ firmware: false });
  const firmware = new Uint8Array(0x1_0000);
  firmware.set(code);
  firmware.set([0xe9, 0x0d, 0x00], 0xfff0); // jmp 0
  const host = await V86Host.create(machine, { firmware });
  hosts.push(host);
  return host;
}

describe('in real mode', () => {
  /** Of six bytes, at 100 of the image. */
  const table = (base: number, limit: number) => [limit & 0xff, limit >> 8, base & 0xff, base >> 8, 0, 0];
  /** `mov ax, cs; mov ds, ax; lidt [100]` */
  const LIDT = [0x8c, 0xc8, 0x8e, 0xd8, 0x0f, 0x01, 0x1e, 0x00, 0x01];
  const program = (code: readonly number[], idt: readonly number[]) => [
    ...code,
    ...new Array<number>(0x100 - code.length).fill(0xf4),
    ...idt,
  ];

  test('a crash is an exception beyond the limit of the table', async () => {
    const host = await startBios(program([...LIDT, ...UD2], table(0, 0x17)));

    expect(await host.run({ limit: 1e9 })).toBe('crash');
    expect(host.crash).toMatchObject({
      vector: 6,
      cs: 0xf000,
      eip: LIDT.length,
      mode: 'real',
      idt: { base: 0, limit: 0x17 },
    });
  });

  test('a handler is found where the table is', async () => {
    // At 1004 the handler of int 1, f000:0080: hlt. `mov word [1004], 80; mov word [1006], f000; int 1`, with DS 0.
    const code = [
      ...[...LIDT, 0x31, 0xc0, 0x8e, 0xd8],
      ...[0xc7, 0x06, 0x04, 0x10, 0x80, 0x00, 0xc7, 0x06, 0x06, 0x10, 0x00, 0xf0],
      ...[0xbc, 0x00, 0x20, 0xcd, 0x01],
    ];
    const host = await startBios(program(code, table(0x1000, 0x3ff)));

    expect(await host.run({ limit: 1e6 })).toBe('limit');
    expect(host.where).toMatchObject({ cs: 0xf000, eip: 0x81, halted: true });
  });

  test('a handler is found from reset on, before there is another table', async () => {
    // With DS and SS 0: `mov word [4], 80; mov word [6], f000; int 1`.
    const code = [
      ...[0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x20],
      ...[0xc7, 0x06, 0x04, 0x00, 0x80, 0x00, 0xc7, 0x06, 0x06, 0x00, 0x00, 0xf0, 0xcd, 0x01],
    ];
    const host = await startBios(program(code, []));

    expect(await host.run({ limit: 1e6 })).toBe('limit');
    expect(host.where).toMatchObject({ cs: 0xf000, eip: 0x81, halted: true });
  });
});

test('a crash reports a jump to where there is no RAM', async () => {
  const host = await start([0xb8, 0x00, 0x00, 0x00, 0xd0, 0xff, 0xe0]); // mov eax, d0000000; jmp eax

  expect(await host.run()).toBe('crash');
  expect(host.crash).toMatchObject({ unable: 'there is no RAM where it executes', eip: 0xd000_0000 });
});

test('a crash stays: continuing the run crashes again', async () => {
  const host = await start([...lidt(0, 0), ...UD2]);
  await host.run();

  expect(await host.run({ limit: 1 })).toBe('crash');
});

test('a guest that runs on has not crashed', async () => {
  const host = await start(HALT);
  await host.run();

  expect(host.crash).toBeNull();
});

test('under PAE an entry maps 2 MiB without CR4.PSE', async () => {
  const host = await start([...LARGE_PAE, ...outw(0xb004, 0x2000), ...HALT]);

  expect(await host.run()).toBe('off');
});

test("a stack overflow in a listener is the listener's error", async () => {
  const host = await start([...outb(0x3fa, 1), ...outb(0x3f8, 0x68), ...HALT]);
  const forever = (): number => forever() + 1;
  host.machine.events.on('serial', forever);

  await expect(host.run({ limit: 1e9 })).rejects.toThrow(RangeError);
});
