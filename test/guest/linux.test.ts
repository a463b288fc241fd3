import { beforeAll, describe, expect, test } from 'vitest';
import { type MachineOptions, renderFinding } from '../../src/index.ts';
import { digest } from './digest.ts';
import { type Boot, boot, guestMachine, onReport, RAM, reports } from './guest.ts';
import { kernelLines } from './log.ts';

/**
 * What Linux takes of the features that only modern functions have. Without INDIRECT_DESC: with it, and without
 * mergeable buffers, a receive ring of 4096 takes 4096 buffers of 64 KiB, all RAM there is.
 */
const MODERN = ['RING_PACKED', 'EVENT_IDX'] as const;
/** Words in a kernel line that indicate an error. */
const TROUBLE =
  /warning|error|fail|timeout|timed out|lost|nobody cared|spurious|unknown|stuck|bug:|oops|unstable/i;
/** Lines with such a word that are no error. */
const HARMLESS = [
  'i8042: Warning: Keylock active', // as on Compute Engine
  'fail to add MMCONFIG information', // as on Compute Engine
  '[sdb] Synchronize Cache(10) failed', // the disk was pulled without a word
];

describe.each<[kind: string, words: string, options: MachineOptions, pins: boolean]>([
  ['MSI-X', '-- hotplug', {}, false],
  ['INTx', 'pci=nomsi -- hotplug', {}, true],
  ['MSI-X, started by UEFI', '-- hotplug', { firmware: 'uefi' }, false],
  ['MSI-X, on modern functions', '-- hotplug', { virtio: 'modern', ringFeatures: [...MODERN] }, false],
])('Linux with interrupts by %s', (_kind, words, options, pins) => {
  let booted: Boot;
  let found: Map<string, string>;

  beforeAll(async () => {
    const machine = guestMachine({ rng: true, ...options });
    onReport(machine, 'hotplug plug', () => machine.addDisk({ bytes: 1 << 20 }));
    onReport(machine, 'hotplug pull', () => machine.removeDisk(machine.disks[1]!));
    booted = await boot(machine, words);
    found = reports(booted.text);
  });

  test('powers the machine off', () => {
    expect([booted.end, found.get('init done')]).toEqual(['off', '0']);
  });

  test("is up within 20 seconds of the host's processor", () => {
    expect(booted.cpuSeconds).toBeLessThan(20);
  });

  test('gets its interrupts in that way', () => {
    const lines = booted.text.split('\n').filter((line) => /virtio\d/.test(line) && line.includes('IO-APIC'));

    expect(lines.length > 0).toBe(pins);
  });

  test('reads back 64 MiB as it wrote them, and so does the host', () => {
    const { medium } = booted.machine.disks[0]!;

    const wrote = found.get('disk wrote');

    expect([found.get('disk read'), digest(medium, 64 << 20)]).toEqual([wrote, wrote]);
  });

  test('sends 256 frames of all sizes and gets each back', () => {
    expect([found.get('net returned'), found.get('net lost')]).toEqual(['100', '0']);
  });

  test.each(['ttyS1', 'ttyS2', 'ttyS3'])('gets back 2048 bytes of every value on %s', (port) => {
    expect(found.get(`${port} echoed`)).toBe('800');
  });

  test('reads console input', () => {
    expect(found.get('ttyS0 hello')).toBe('5');
  });

  test('finds a disk that is plugged in, and loses it when it is pulled', () => {
    expect([found.has('hotplug came'), found.has('hotplug went')]).toEqual([true, true]);
  });

  test('prints no error', () => {
    const trouble = kernelLines(booted.text, RAM).filter(
      (line) => TROUBLE.test(line) && !HARMLESS.some((words) => line.includes(words)),
    );

    expect(trouble).toEqual([]);
  });

  test('takes no spurious interrupt, and its APIC has no error', () => {
    expect(booted.text.match(/(SPU|ERR|MIS): +\d+/g)?.map((line) => line.replace(/ +/, ' '))).toEqual([
      'SPU: 0',
      'ERR: 0',
      'MIS: 0',
    ]);
  });

  test('breaks no rule of ours that says must or should', () => {
    const broken = booted.machine.findings.filter(({ severity }) => severity !== 'note');

    expect(broken.map((finding) => renderFinding(finding))).toEqual([]);
  });
});
