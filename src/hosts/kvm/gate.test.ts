import { describe, expect, test } from 'vitest';
import { type KvmFacts, refusal } from './host.ts';

/** A machine that virtualizes, with the given differences. */
function factsOf(odd: Partial<KvmFacts> = {}): KvmFacts {
  const nanosPerInstruction = () => 0.3;
  return { platform: 'linux', arch: 'x64', device: 'opens', virtualizes: true, nanosPerInstruction, ...odd };
}

const slowOf = (nanos: number) => factsOf({ virtualizes: false, nanosPerInstruction: () => nanos });

describe('a guest is run', () => {
  test('if the processor virtualizes, and nothing is timed', () => {
    const never = () => expect.fail('nothing is to be timed');

    expect(refusal(factsOf({ nanosPerInstruction: never }), false)).toBeNull();
  });

  test('if virtualization is not reported, but it is fast', () => {
    expect(refusal(slowOf(50), false)).toBeNull();
  });

  test('if it is slow, with `slow`', () => {
    expect(refusal(slowOf(430), true)).toBeNull();
  });
});

describe('a guest is refused, in one line that says what to do,', () => {
  test.each([
    [
      'on another system',
      { platform: 'darwin', arch: 'arm64' },
      /^needs Linux .* darwin on arm64: take v86 /,
    ],
    ['on another processor', { arch: 'arm64' }, /^needs Linux on x86-64, and this is linux on arm64/],
    ['without /dev/kvm', { device: 'ENOENT' }, /^there is no \/dev\/kvm: .* modprobe kvm_intel or kvm_amd$/],
    ['without the right to it', { device: 'EACCES' }, /may not be opened: join its group .*usermod -aG kvm/],
    ['where it may not be had at all', { device: 'EPERM' }, /may not be opened/],
    ['where it does not open', { device: 'EBUSY' }, /^\/dev\/kvm does not open \(EBUSY\): take v86 or QEMU$/],
  ])('%s', (_where, odd, said) => {
    const why = refusal(factsOf(odd), false);

    expect(why).toMatch(said);
    expect(why).not.toContain('\n');
  });

  test('where a kernel is interpreted: with how slow that is', () => {
    expect(refusal(slowOf(428.3), false)).toBe(
      '/dev/kvm takes 428 ns for an instruction of a kernel (most: 50), and /proc/cpuinfo has neither svm nor vmx: take a machine with hardware virtualization, or v86 or QEMU; slow (--on kvm:slow) runs it all the same',
    );
  });

  test('on another system, even with `slow`', () => {
    expect(refusal(factsOf({ platform: 'win32' }), true)).toMatch(/^needs Linux/);
    expect(refusal(factsOf({ device: 'ENOENT' }), true)).toMatch(/^there is no/);
  });
});
