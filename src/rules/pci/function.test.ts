import { describe, expect, test } from 'vitest';
import { barAddress } from '../../guest/pci/bars.ts';
import { configRead, configWrite, readRegister, writeRegister } from '../../guest/pci/config.ts';
import { gceC4 } from '../../machine/gce-machines.ts';
import { msixCard } from '../../pci/msix-rig.ts';
import { BAR0, COMMAND as COMMAND_REGISTER, MEMORY_LIMIT } from '../../pci/registers.ts';

const ENABLE = 0x8000;
const MASK_ALL = 0x4000;
const COMMAND = 0x04;
const BAR1 = 0x14;

describe('a finding tells a driver', () => {
  test('that it wrote pending bits, which changes nothing', () => {
    const { rig, card, control, write, pending } = msixCard();
    control(ENABLE);
    card.msix.signal(0);
    write(48, 0xffff_fffe);
    expect([pending(), rig.findings]).toEqual([
      1,
      ['pci/MSIX-PBA net0 (00:04.0): pending bits were written with fffffffe'],
    ]);
  });

  test('that it changed an entry which was live', () => {
    const { rig, control, program, write } = msixCard();
    program(2);
    control(ENABLE);
    write(32, 0xfee0_2000);
    write(40, 0x77);
    expect(rig.findings).toEqual([
      'pci/MSIX-MASKED net0 (00:04.0): Message Address of entry 2 was written while the entry was live',
      'pci/MSIX-MASKED net0 (00:04.0): Message Data of entry 2 was written while the entry was live',
    ]);
  });

  test('once that it keeps the BAR number in the offset of the table, and how long its stores were', () => {
    const { rig, write } = msixCard();
    for (const field of [0, 4, 8, 12]) write(1 + field, 0x41);
    expect(rig.findings).toEqual([
      'pci/MSIX-ACCESS net0 (00:04.0): 4 bytes were written at 001 of the MSI-X table and pending bits, which is not aligned',
    ]);
  });

  test.each([
    ['the entry is masked', ENABLE, 1],
    ['the function is masked', ENABLE | MASK_ALL, 0],
  ])('nothing when %s', (_what, value, masked) => {
    const { rig, control, program, write } = msixCard();
    program(2, masked);
    control(value);
    write(40, 0x77);
    expect([rig.findings, rig.journal.reached('pci/MSIX-MASKED')]).toEqual([[], true]);
  });

  test('nothing while MSI-X is off, where no entry is live', () => {
    const { rig, program, write } = msixCard();
    program(2);
    write(40, 0x77);
    expect([rig.findings, rig.journal.reached('pci/MSIX-MASKED')]).toEqual([[], false]);
  });
});

test('nothing is said of a message that bus mastering, turned off since it was set up, keeps silent', () => {
  const { rig, card, control, program } = msixCard();
  program(0);
  control(ENABLE);
  rig.set(4, COMMAND, 0x0002, 2);
  card.msix.signal(0);
  expect(rig.findings).toEqual([]);
});

describe('the evidence', () => {
  test('of a base address that was not restored goes back to its sizing', () => {
    const { rig } = msixCard();
    rig.set(4, COMMAND, 0, 2);
    rig.set(4, BAR1, 0xffff_ffff, 4);
    rig.get(4, BAR1, 4);
    rig.set(4, COMMAND, 0x0006, 2);
    const [finding] = rig.journal.of('pci/BAR-RESTORE');
    expect(finding!.evidence.accesses[0]!.text).toBe(
      '00:04.0 Base Address (memory) ← ffffffff  SPACE TYPE=3 PREFETCHABLE ADDRESS=fffffffh',
    );
  });

  test('of a lost message goes back to where bus mastering was turned off', () => {
    const { rig, card, control, program } = msixCard();
    rig.set(4, COMMAND, 0x0002, 2);
    program(0);
    control(ENABLE);
    card.msix.signal(0);
    const [finding] = rig.journal.of('pci/BUS-MASTER');
    expect(finding!.evidence.accesses[0]!.text).toBe('00:04.0 Command ← 0002  MEMORY_SPACE');
  });
});

/** The first of the bridges to the NVMe controller of a C4, and that. */
const [BRIDGE, CONTROLLER] = [0x0028, 0x0300];

test.each([
  ['does not decode memory', COMMAND_REGISTER, 4],
  ['has a window that ends before', MEMORY_LIMIT, 0],
])('a finding tells a driver that a bridge which %s does not pass it on', (_what, register, value) => {
  const { port, findings } = gceC4();
  const { address } = barAddress(port, CONTROLLER, 0)!;
  writeRegister(port, BRIDGE, register, value);
  port.read(address, 4);

  expect(findings.map(({ clause, said }) => `${clause} ${said}`)).toEqual([
    expect.stringMatching(/^pci\/DECODE .*: a bridge does not pass it on$/),
  ]);
});

test('the upper half of a base address that was sized, and not restored, is told of', () => {
  const { port, findings } = gceC4();
  const command = readRegister(port, CONTROLLER, COMMAND_REGISTER);
  writeRegister(port, CONTROLLER, COMMAND_REGISTER, 0);
  const [lower, upper] = [configRead(port, CONTROLLER, BAR0, 4), configRead(port, CONTROLLER, BAR0 + 4, 4)];
  for (const at of [BAR0, BAR0 + 4]) configWrite(port, CONTROLLER, at, 0xffff_ffff, 4);
  configWrite(port, CONTROLLER, BAR0, lower, 4);
  writeRegister(port, CONTROLLER, COMMAND_REGISTER, command);
  configWrite(port, CONTROLLER, BAR0 + 4, upper, 4);

  expect(findings.map(({ clause, said }) => `${clause}: ${said}`)).toEqual([
    'pci/BAR-RESTORE: base address 1 still held all ones when decoding was enabled',
  ]);
});
