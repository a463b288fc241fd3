import { describe, expect, test } from 'vitest';
import { BridgeRig } from './bridge-rig.ts';

const SMRAM = 0x72;

test('the host bridge has the identity that GCE shows', () => {
  const { host } = new BridgeRig();
  const read = [0x00, 0x08, 0x2c, 0x34, 0x3c].map((offset) => host.readConfig(offset, 4));
  expect(read).toEqual([0x1237_8086, 0x0600_0002, 0x1100_1af4, 0, 0]);
  expect([host.readConfig(0x04, 2), host.readConfig(0x06, 2), host.readConfig(0x0e, 1)]).toEqual([
    0x0000, 0x0280, 0x00,
  ]);
});

test('Command is not hard-wired', () => {
  const { host } = new BridgeRig();
  host.writeConfig(0x04, 0xffff, 2);
  const all = host.readConfig(0x04, 2);
  host.writeConfig(0x04, 0, 2);
  expect([all, host.readConfig(0x04, 2)]).toEqual([0x0507, 0]);
});

test('PAM keeps the read and write enables, which PAM0 has for its upper region only', () => {
  const { host } = new BridgeRig();
  const reset = [0x59, 0x5c].map((offset) => host.readConfig(offset, 4));
  for (let offset = 0x59; offset <= 0x5f; offset++) host.writeConfig(offset, 0xff, 1);
  // DRAMT at 58 is 10 and is not written.
  const kept = [0x58, 0x5c].map((offset) => host.readConfig(offset, 4));
  expect([reset, kept]).toEqual([
    [0, 0],
    [0x3333_3010, 0x3333_3333],
  ]);
});

test('SMRAM keeps four bits and names A0000', () => {
  const { host } = new BridgeRig();
  const reset = host.readConfig(SMRAM, 1);
  host.writeConfig(SMRAM, 0xe8, 1);
  expect([reset, host.readConfig(SMRAM, 1)]).toEqual([0x02, 0x6a]);
});

test('DLCK closes SMRAM permanently: DOPEN is 0 and DLCK 1 until a reset', () => {
  const { host } = new BridgeRig();
  host.writeConfig(SMRAM, 0x48, 1);
  const open = host.readConfig(SMRAM, 1);
  host.writeConfig(SMRAM, 0x58, 1);
  const locked = host.readConfig(SMRAM, 1);
  host.writeConfig(0x70, 0x0048_0000, 4);
  const tried = host.readConfig(SMRAM, 1);
  host.reset('soft');
  const soft = host.readConfig(SMRAM, 1);
  host.reset('hard');
  host.writeConfig(SMRAM, 0x48, 1);
  expect([open, locked, tried, soft, host.readConfig(SMRAM, 1)]).toEqual([0x4a, 0x1a, 0x1a, 0x1a, 0x4a]);
});

describe('PAM', () => {
  // Regions as in the data sheet's table of PAM registers.
  test.each([
    ['PAM0', 0x59, 0x10, 0xf_0000, 0x10_0000],
    ['PAM1, lower', 0x5a, 0x01, 0xc_0000, 0xc_4000],
    ['PAM1, upper', 0x5a, 0x10, 0xc_4000, 0xc_8000],
    ['PAM2, lower', 0x5b, 0x01, 0xc_8000, 0xc_c000],
    ['PAM3, upper', 0x5c, 0x10, 0xd_4000, 0xd_8000],
    ['PAM4, lower', 0x5d, 0x01, 0xd_8000, 0xd_c000],
    ['PAM5, lower', 0x5e, 0x01, 0xe_0000, 0xe_4000],
    ['PAM6, upper', 0x5f, 0x10, 0xe_c000, 0xf_0000],
  ])('%s opens its region for reads, and for writes by the next bit', (_name, offset, re, from, to) => {
    const { host } = new BridgeRig();
    const closed = host.readsRam(from, 4);
    host.writeConfig(offset, re, 1);
    const reads = [from - 1, from, to - 1].map((address) => host.readsRam(address, 1));
    const writes = host.writesRam(from, 4);
    host.writeConfig(offset, re << 1, 1);
    expect([closed, reads, writes]).toEqual([false, [false, true, true], false]);
    expect([host.readsRam(from, 4), host.writesRam(from, 4), host.writesRam(to - 4, 4)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('an access that crosses into a closed region does not reach RAM', () => {
    const { host } = new BridgeRig();
    host.writeConfig(0x5a, 0x01, 1);
    expect([host.readsRam(0xc_3ffe, 2), host.readsRam(0xc_3ffe, 4)]).toEqual([true, false]);
  });

  test('is reset by a hard reset, and has no effect below A0000 and from 1 MiB on', () => {
    const { host } = new BridgeRig();
    host.writeConfig(0x59, 0x30, 1);
    host.reset('hard');
    expect([host.readsRam(0xf_0000, 1), host.readsRam(0x9_fffc, 4), host.writesRam(0x10_0000, 4)]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('SMRAM', () => {
  test.each([
    ['at first', 0x02, false],
    ['enabled, outside system management mode', 0x0a, false],
    ['enabled and open', 0x4a, true],
    ['open and not enabled', 0x42, false],
    ['open for code alone', 0x6a, false],
    ['open and locked', 0x5a, false],
  ])('%s', (_how, smram, reaches) => {
    const { host } = new BridgeRig();
    host.writeConfig(0x72, smram, 1);
    expect([host.readsRam(0xa_0000, 4), host.writesRam(0xb_fffc, 4)]).toEqual([reaches, reaches]);
  });
});
