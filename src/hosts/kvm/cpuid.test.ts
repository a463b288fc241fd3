import { expect, test } from 'vitest';
import { cpuidOf } from './vcpu.ts';

/** A leaf with all bits set, as KVM's answer has it. */
const ONES = { eax: 0xffff_ffff, ebx: 0xffff_ffff, ecx: 0xffff_ffff, edx: 0xffff_ffff };
const ZEROES = { eax: 0, ebx: 0, ecx: 0, edx: 0 };
const leaf = (
  number: number,
  registers: Readonly<Record<keyof typeof ONES, number>>,
  index = 0,
  features = 0,
) => cpuidOf({ function: number, index, flags: 1, ...registers, padding: new Uint8Array(12) }, features);

test('CPUID reports a hypervisor, though KVM does not report it itself', () => {
  expect(leaf(1, ZEROES).ecx >>> 31).toBe(1);
});

test('there is a local APIC, without x2APIC mode and deadlines, as the machine has it', () => {
  const { ecx, edx } = leaf(1, { ...ONES, edx: 0 });

  expect([ecx & (1 << 21), ecx & (1 << 24), edx & (1 << 9)]).toEqual([0, 0, 1 << 9]);
});

test('there is one processor, number 0', () => {
  const { ebx, edx } = leaf(1, ONES);

  expect([ebx >>> 24, (ebx >>> 16) & 0xff, (edx >>> 28) & 1]).toEqual([0, 1, 0]);
  expect(leaf(4, ONES, 1).eax).toBe(0x3fff);
  expect(leaf(0x8000_0008, ONES).ecx).toBe(0xffff_0f00);
});

test.each([0xa, 0xb, 0x1f, 0x8000_001e])("leaf %x is empty: it describes the host's processor", (number) => {
  expect(leaf(number, ONES)).toMatchObject(ZEROES);
});

test("of KVM's own features, the guest gets those of the machine that need no local APIC of KVM's", () => {
  // Clock, stolen time, and that the clock is stable; kicks by hypercall do.
  expect(leaf(0x4000_0001, ONES, 0, 0x0100_00a8)).toMatchObject({ eax: 0x0100_0028, edx: 0 });
  expect(leaf(0x4000_0001, { ...ZEROES, eax: 8 }, 0, 0x0100_00a8).eax).toBe(8);
  expect(leaf(0x4000_0001, ONES, 0, 0x0100_0008).eax).toBe(0x0100_0008);
});

test('the hypervisor has two leaves', () => {
  expect(leaf(0x4000_0000, ZEROES).eax).toBe(0x4000_0001);
});

test("all else is KVM's", () => {
  expect(leaf(7, ONES)).toMatchObject(ONES);
});
