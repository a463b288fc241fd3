import { expect, test } from 'vitest';
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

test('DLCK closes SMRAM for good: DOPEN is 0 and DLCK 1 until a reset', () => {
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
