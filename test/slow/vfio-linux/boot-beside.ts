import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { handOffRom } from '../../../src/cli/qemu/boot-on-qemu.ts';
import { qemuArguments } from '../../../src/cli/qemu/command-line.ts';
import { type ServedKind, VfioUserHost } from '../../../src/hosts/vfio-user/index.ts';
import type { Machine } from '../../../src/index.ts';
import type { DebianGuest } from './debian-guest.ts';

const RAM = 768 << 20;

/**
 * Boots Debian's kernel on QEMU beside a function of our machine.
 *
 * @param asked gets each `report: now WORD` of the guest, once.
 * @returns what the guest printed.
 */
export async function bootBeside(
  { kernel, initrd, qemu }: DebianGuest,
  folder: string,
  machine: Machine,
  device: ServedKind,
  bdf: number,
  words: string,
  asked: Readonly<Record<string, () => void>>,
): Promise<string> {
  const [socket, debug, rom] = ['socket', 'debug', 'rom'].map((name) =>
    join(folder, `${name}-${process.hrtime.bigint()}`),
  ) as [string, string, string];
  writeFileSync(debug, '');
  writeFileSync(rom, handOffRom([bdf]));
  const host = await VfioUserHost.listen(machine, { device, socket });
  const append = `console=ttyS0 quiet ${words}`;
  const parts = { kernel, initrd, append, firmware: undefined, smp: 2, ram: RAM, debug, rom };
  const argv = qemuArguments({ ...parts, devices: [{ bdf, socket }], endsWithParent: false, more: [] });
  const child = spawn(qemu, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (text: Buffer) => {
    const before = printed;
    printed += text;
    for (const [word, act] of Object.entries(asked)) {
      const line = `report: now ${word}`;
      if (printed.includes(line) && !before.includes(line)) act();
    }
  });
  await new Promise((resume) => child.on('close', resume));
  host.close();
  return printed;
}
