import { expect, test } from 'vitest';
import { Rig } from '../core/rig.ts';
import { FwCfg } from './fw-cfg.ts';

class FwCfgRig extends Rig {
  readonly device = new FwCfg('fw_cfg', {
    ram: 0x1_2345_6000,
    vcpus: 3,
    files: { 'etc/e820': Uint8Array.of(1, 2, 3), 'opt/a': Uint8Array.of(9) },
  });

  constructor() {
    super();
    this.ports.map(0x510, this.device, 'bridge');
  }

  item(key: number, length: number): number[] {
    this.ports.write(0x510, key, 2);
    return Array.from({ length }, () => this.ports.read(0x511, 1));
  }
}

test('items describe the machine, least byte first, and are 0 beyond their end', () => {
  const rig = new FwCfgRig();
  expect([0x00, 0x01, 0x03, 0x05, 0x0f, 0x7777].map((key) => rig.item(key, 9))).toEqual([
    [0x51, 0x45, 0x4d, 0x55, 0, 0, 0, 0, 0],
    [1, 0, 0, 0, 0, 0, 0, 0, 0],
    [0x00, 0x60, 0x45, 0x23, 1, 0, 0, 0, 0],
    [3, 0, 0, 0, 0, 0, 0, 0, 0],
    [3, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0],
  ]);
});

test('files are listed, largest byte first, and read by the key that the list gives', () => {
  const rig = new FwCfgRig();
  const list = rig.item(0x19, 4 + 2 * 64);
  const name = (at: number) => String.fromCharCode(...list.slice(at, at + 56)).replace(/\0+$/, '');
  expect([list.slice(0, 12), name(12), list.slice(68, 76), name(76)]).toEqual([
    [0, 0, 0, 2, 0, 0, 0, 3, 0, 0x20, 0, 0],
    'etc/e820',
    [0, 0, 0, 1, 0, 0x21, 0, 0],
    'opt/a',
  ]);
  expect([rig.item(0x20, 4), rig.item(0x21, 2)]).toEqual([
    [1, 2, 3, 0],
    [9, 0],
  ]);
});

test('a selection restarts the item; a byte selects nothing, a reset selects the signature', () => {
  const rig = new FwCfgRig();
  rig.item(0x20, 2);
  rig.ports.write(0x510, 0x21, 1);
  const next = rig.ports.read(0x511, 1);
  rig.device.reset();
  const signature = rig.ports.read(0x511, 1);
  expect([next, signature, rig.item(0x20, 1), rig.ports.read(0x510, 1)]).toEqual([3, 0x51, [1], 0]);
});

test('an access is described', () => {
  const rig = new FwCfgRig();
  rig.ports.write(0x510, 0x19, 2);
  expect(rig.lastAccess).toBe('fw_cfg SELECTOR ← 0019');
});
