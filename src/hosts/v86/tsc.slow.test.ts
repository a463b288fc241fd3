import { afterEach, describe, expect, test } from 'vitest';
import type { Access } from '../../core/access.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { elfOf, HALT, lidt, outb, store } from '../boot/kernel-rig.ts';
import { V86Host } from './host.ts';

const MILLISECOND = 1_000_000;
const PAGE = 4096;
/** Ports to which the guest writes what it read; no device has them. */
const TOLD = 0x1234;
/** `mov dx, port`, for the `out dx, eax` that follows. */
const port = [0x66, 0xba, TOLD & 0xff, TOLD >> 8];
/** `rdtsc; mov dx, port; out dx, eax` */
const TELL_TSC = [0x0f, 0x31, ...port, 0xef];
/** `mov eax, leaf; xor ecx, ecx; cpuid` */
const cpuid = (leaf: number) => [
  ...[0xb8, leaf & 0xff, (leaf >>> 8) & 0xff, (leaf >>> 16) & 0xff, leaf >>> 24],
  ...[0x31, 0xc9, 0x0f, 0xa2],
];
/** `mov eax, edx` or `mov eax, ebx`, and out with it. */
const TELL_EDX = [0x89, 0xd0, ...port, 0xef];
const TELL_EBX = [0x89, 0xd8, ...port, 0xef];
const TELL_EAX = [...port, 0xef];
/** Waits in `mov dx, 3fd; in al, dx; test al, 40; jz` until the transmitter is empty. */
const SENT = [0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x40, 0x74, 0xf7];
/** `jmp` over a handler: `mov al, 20; out 20, al; iret`. Its gate is that of IRQ 0, vector 8, in a table at 2 MiB. */
const HANDLER = [0xeb, 0x05, 0xb0, 0x20, 0xe6, 0x20, 0xcf];
const TABLE = 0x20_0000;
const TICKS = [
  ...HANDLER,
  ...[...store(TABLE + 8 * 8, 0x0010_0002), ...store(TABLE + 8 * 8 + 4, 0x0010_8e00), ...lidt(TABLE, 0x7ff)],
  // ICW1 to ICW4: vectors from 8. IRQ 0 alone. The timer in mode 2, 11932 of its ticks: 10 ms.
  ...[
    ...outb(0x20, 0x11),
    ...outb(0x21, 0x08),
    ...outb(0x21, 0x04),
    ...outb(0x21, 0x01),
    ...outb(0x21, 0xfe),
  ],
  ...[...outb(0x43, 0x34), ...outb(0x40, 0x9c), ...outb(0x40, 0x2e)],
];
/** `sti; hlt; cli`: until the next tick. */
const UNTIL_TICK = [0xfb, 0xf4, 0xfa];
let host: V86Host | null = null;

/** The values that code wrote, with their virtual times. */
async function told(code: readonly number[], options = {}): Promise<{ value: number; at: number }[]> {
  // A tick of its TSC is a nanosecond.
  const machine = gceN1({
    kvm: { tscKHz: 1_000_000 },
    memory: { below4G: 16 << 20 },
    disks: [],
    nics: [],
    ...options,
  });
  host = await V86Host.create(machine, { kernel: elfOf([...code, ...HALT]) });
  const seen: { value: number; at: number }[] = [];
  const begin = ({ address, value }: Access) => {
    if (address === TOLD) seen.push({ value, at: machine.now });
  };
  machine.observe({ begin, end: () => {} });
  await host.run({ limit: 100 * MILLISECOND });
  return seen;
}

afterEach(async () => {
  await host?.close();
  host?.machine.close();
});

describe("the processor's time stamp counter", () => {
  test.each(['baud', 'instant'] as const)(
    'is virtual time while a console is busy: pace %s',
    async (pace) => {
      const line = Array.from({ length: 20 }, () => [...outb(0x3f8, 0x68), ...SENT]).flat();

      const [begin, end] = await told([...TELL_TSC, ...line, ...TELL_TSC], { serial: { pace } });

      expect(end!.value - begin!.value).toBe(end!.at - begin!.at);
    },
  );

  test('is virtual time while the processor is halted', async () => {
    const [begin, end] = await told([...TICKS, ...TELL_TSC, ...UNTIL_TICK, ...TELL_TSC]);

    expect(end!.at - begin!.at).toBeGreaterThan(MILLISECOND);
    expect(end!.value - begin!.value).toBe(end!.at - begin!.at);
  });
});

describe('CPUID', () => {
  test('reports that the counter is invariant, in the highest extended leaf', async () => {
    const seen = await told([...cpuid(0x8000_0000), ...TELL_EAX, ...cpuid(0x8000_0007), ...TELL_EDX]);

    expect(seen.map(({ value }) => value)).toEqual([0x8000_0007, 0x100]);
  });

  test('reports TSC_ADJUST, and ERMS as before', async () => {
    const [seen] = await told([...cpuid(7), ...TELL_EBX]);

    expect(seen!.value).toBe(0x202);
  });

  test.each([0x8000_0001, 0x8000_0006, 0x8000_0008, 0x4000_0002, 0x20])(
    'has nothing in leaf %i',
    async (leaf) => {
      const seen = await told([
        ...cpuid(leaf),
        ...TELL_EAX,
        ...cpuid(leaf),
        ...TELL_EBX,
        ...cpuid(leaf),
        ...TELL_EDX,
      ]);

      expect(seen.map(({ value }) => value)).toEqual([0, 0, 0]);
    },
  );

  test('names the hypervisor as before', async () => {
    const [seen] = await told([...cpuid(0x4000_0000), ...TELL_EBX]);

    expect(seen!.value).toBe(0x4b4d_564b);
  });
});

/** A page directory at 2 MiB and 64 KiB; its first table has each page but that behind `UD2_AT`. */
const DIRECTORY = 0x21_0000;
const PAGES = DIRECTORY + PAGE;
const UD2_AT = 0x30_0ffe;
const word = (value: number) => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
const PAGING = [
  // `mov edi, PAGES; mov eax, 3; mov ecx, 1024`
  ...[0xbf, ...word(PAGES), 0xb8, ...word(3), 0xb9, ...word(1024)],
  // `stosd; add eax, 1000h; loop` back
  ...[0xab, 0x05, ...word(PAGE), 0xe2, 0xf8],
  ...[...store(PAGES + 4 * ((UD2_AT + 2) / PAGE), 0), ...store(DIRECTORY, PAGES | 3)],
  // `mov eax, DIRECTORY; mov cr3, eax; mov eax, cr0; or eax, 80000000h; mov cr0, eax`
  ...[
    0xb8,
    ...word(DIRECTORY),
    0x0f,
    0x22,
    0xd8,
    0x0f,
    0x20,
    0xc0,
    0x0d,
    ...word(0x8000_0000),
    0x0f,
    0x22,
    0xc0,
  ],
];

test('an undefined opcode at the end of a page traps, though the next page is not there', async () => {
  const handler = [...TELL_EAX, ...HALT];

  const [seen] = await told([
    ...[0xeb, handler.length, ...handler],
    ...[
      ...store(TABLE + 6 * 8, 0x0010_0002),
      ...store(TABLE + 6 * 8 + 4, 0x0010_8e00),
      ...lidt(TABLE, 0x7ff),
    ],
    ...[...store(UD2_AT, 0x0b0f), ...PAGING],
    // `mov eax, UD2_AT; jmp eax`
    ...[0xb8, ...word(UD2_AT), 0xff, 0xe0],
  ]);

  expect(seen!.value).toBe(UD2_AT);
});
