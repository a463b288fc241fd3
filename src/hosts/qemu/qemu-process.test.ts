import { chmodSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { inFolderOf } from '../../cli/rig.ts';
import { findQemu, SERVES_DEVICES } from './qemu-process.ts';

inFolderOf({});

const HOW =
  'install QEMU 10.1 or later (of Debian: qemu-system-x86 of forky or later; examples/qemu/gets-qemu.sh fetches one), or name one: --on qemu:FILE';

/** A program in the folder that answers as a QEMU does. */
function program(name: string, says: string): string {
  writeFileSync(name, `#!/bin/sh\n${says}\n`);
  chmodSync(name, 0o755);
  return resolve(name);
}
const qemu = (name: string, version: string) =>
  program(name, `echo "QEMU emulator version ${version} (Debian 1:${version}+ds-3)"`);

test.each(['10.1.0', '10.2.50', '11.0.0', '110.0.1'])('QEMU %s will do', (version) => {
  const path = qemu('new', version);

  expect(findQemu(path, SERVES_DEVICES, {}).binary).toBe(path);
});

test('from QEMU 10.2 on it ends when its parent is gone', () => {
  const versions = ['10.1.5', '10.2.0', '11.0.0'];

  const can = versions.map((version) => findQemu(qemu(version, version), SERVES_DEVICES, {}).endsWithParent);

  expect(can).toEqual([false, true, true]);
});

test.each(['10.0.13', '9.2.0', '2.11.1'])('QEMU %s is too old, in one line', (version) => {
  const path = qemu('old', version);

  expect(() => findQemu(path, SERVES_DEVICES, {})).toThrow(
    `--on: ${path} is QEMU ${version}, which is too old: ${HOW}`,
  );
});

test('a missing program is one line', () => {
  expect(() => findQemu('/nowhere/qemu', SERVES_DEVICES, {})).toThrow(
    `--on: there is no /nowhere/qemu: ${HOW}`,
  );
});

test('a program that cannot be run is one line', () => {
  writeFileSync('text', 'words');

  expect(() => findQemu(resolve('text'), SERVES_DEVICES, {})).toThrow(
    `--on: cannot run ${resolve('text')}: ${HOW}`,
  );
});

test.each([
  ['says something else', 'echo hello'],
  ['fails', 'exit 3'],
])('a program that %s is not QEMU', (_what, says) => {
  const path = program('other', says);

  expect(() => findQemu(path, SERVES_DEVICES, {})).toThrow(`--on: ${path} is no QEMU: ${HOW}`);
});

test('the one that the environment names comes before that in PATH', () => {
  const named = qemu('named', '11.1.0');
  qemu('qemu-system-x86_64', '10.1.0');

  expect(
    findQemu(undefined, SERVES_DEVICES, { GUESTRIG_QEMU: named, PATH: join(process.cwd()) }).binary,
  ).toBe(named);
  expect(findQemu(undefined, SERVES_DEVICES, { PATH: process.cwd() }).binary).toBe('qemu-system-x86_64');
});
