import { expect, test } from 'vitest';
import { elfOf, lidt, UD2 } from '../hosts/boot/kernel-rig.ts';
import type { GuestCrash } from '../hosts/v86/index.ts';
import { crashText } from './crash-text.ts';
import { guestrig, inFolderOf } from './rig.ts';

const CRASH: GuestCrash = {
  vector: 14,
  unable: null,
  cs: 0x10,
  eip: 0x10_01a4,
  mode: 'PAE',
  halted: false,
  interrupts: false,
  esp: 0x12_dd20,
  eflags: 0x86,
  cr0: 0x8000_0011,
  cr2: 0x10_0450,
  cr3: 0x11_f000,
  cr4: 0x20,
  idt: { base: 0x10_03e0, limit: 0x9f },
  accesses: [
    { at: 12_300, space: 'port', write: true, address: 0x3f8, width: 1, value: 0x68, text: 'ttyS0 THR ← 68' },
  ],
};
inFolderOf({ crashes: elfOf([...lidt(0, 0), ...UD2]) });

const first = (crash: GuestCrash) => crashText(crash).split('\n', 1)[0];

test("a crash is reported with its registers and the guest's last accesses", () => {
  expect(crashText(CRASH)).toBe(`\
The guest crashed: a fault while it took a fault, three times over (page fault, vector 14).
  CS:EIP 0010:001001a4  ESP 0012dd20  EFLAGS 00000086  mode PAE
  CR0 80000011  CR2 00100450  CR3 0011f000  CR4 00000020
  IDT 001003e0, limit 009f
  Its last accesses:
    12.300 µs  out  03f8 ← 68        ttyS0 THR ← 68
`);
});

test('a crash before any access says so', () => {
  expect(crashText({ ...CRASH, accesses: [] })).toContain('\n  No access of its own came before.\n');
});

test('a crash without a known exception names none', () => {
  expect(first({ ...CRASH, vector: null })).toBe(
    'The guest crashed: a fault while it took a fault, three times over.',
  );
});

test('what v86 cannot do is no fault of the guest', () => {
  expect(first({ ...CRASH, unable: 'TODO: TR' })).toBe('The guest crashed: v86 cannot go on: TODO: TR.');
});

test('guestrig boot reports a crash, and then its verdict', async () => {
  const { status, out } = await guestrig('boot', '--kernel', 'crashes');

  expect(status).toBe(1);
  expect(out).toMatch(/^\nThe guest crashed: .* \(invalid opcode, vector 6\)\.[\s\S]*\nRules for drivers/);
});
