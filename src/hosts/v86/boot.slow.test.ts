import { describe, expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import { elfOf, HALT } from '../boot/kernel-rig.ts';
import { V86Host } from './host.ts';
import { closedHosts, small } from './rig.ts';

/** 16-bit code for the reset vector: out 3f8, 15h; hlt without end. Five bits, as many as a port sends from power-on. */
const PRINTS = [0xba, 0xf8, 0x03, 0xb0, 0x15, 0xee, 0xf4, 0xeb, 0xfd];
/** out cf9, 6; hlt without end. */
const RESETS = [0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee, 0xf4, 0xeb, 0xfd];
const MILLISECOND = 1_000_000;
const KERNEL = elfOf(HALT);
const hosts = closedHosts();

function bare(): Machine {
  return small({ firmware: false });
}

/** A BIOS of this size with `code` at its reset vector, 16 bytes before the end. */
function bios(code: readonly number[], size = 0x1_0000): Uint8Array {
  const image = new Uint8Array(size);
  image.set(code, size - 16);
  return image;
}

async function start(machine: Machine, firmware: Uint8Array): Promise<V86Host> {
  const host = await V86Host.create(machine, { firmware });
  hosts.push(host);
  return host;
}

describe('a CPU with a BIOS', () => {
  test.each([0x1_0000, 0x2_0000, 0x4_0000])('of %i bytes begins at F000:FFF0', async (size) => {
    const host = await start(bare(), bios(PRINTS, size));

    await host.run({ limit: MILLISECOND });

    expect([...host.machine.serial[0]!.bytes]).toEqual([0x15]);
  });

  test('finds F0000 as RAM in PAM0', async () => {
    const { machine } = await start(bare(), bios(PRINTS));

    expect(machine.chassis.bus.at(0)!.readConfig(0x59, 1)).toBe(0x10);
  });

  test('finds system management mode, which v86 does not have, already set up in DEVACTB', async () => {
    const { machine } = await start(bare(), bios(PRINTS));

    expect(machine.chassis.bus.at(0x0b)!.readConfig(0x58, 4)).toBe(0x0200_0000);
  });

  test('restarts after a reset', async () => {
    const machine = bare();
    const ends = [await (await start(machine, bios(RESETS))).run()];
    ends.push(await (await start(machine, bios(RESETS))).run());

    expect(ends).toEqual(['reset', 'reset']);
  });
});

test.each([0, 512, 0x8_0000])('an image of %i bytes is refused', async (size) => {
  await expect(start(bare(), new Uint8Array(size))).rejects.toThrow(
    `firmware must be 64, 128 or 256 KiB, as a BIOS image is; got ${size}`,
  );
});

test.each([true, 'uefi'] as const)('a machine built with firmware: %s is refused', async (firmware) => {
  const machine = gceN1({ firmware, memory: { below4G: 16 << 20 } });

  await expect(start(machine, bios(PRINTS))).rejects.toThrow(
    'boot: a BIOS needs a machine built with firmware: false',
  );
});

describe('the arguments of a host', () => {
  test.each([
    ['nothing', {}, 'boot: needs kernel or firmware: the bytes of one'],
    ['a misspelt kernel', { kernal: new Uint8Array(1) }, 'boot: needs kernel or firmware: the bytes of one'],
    ['null', null, 'boot must be an object; got null'],
    [
      'a kernel and a BIOS',
      { kernel: new Uint8Array(1), firmware: bios(PRINTS) },
      'boot: has both kernel and firmware, and needs only one',
    ],
    ['the name of a kernel', { kernel: 'vmlinux' }, 'kernel must be a Uint8Array'],
    ['a BIOS that was not found', { firmware: null }, 'firmware must be a Uint8Array'],
    ['the name of an initrd', { kernel: KERNEL, initrd: 'initrd' }, 'initrd must be a Uint8Array'],
    [
      'words for a command line',
      { kernel: KERNEL, append: ['quiet'] },
      'append must be a string, the command line',
    ],
  ])('is refused if it is %s', async (_what, boot, said) => {
    await expect(V86Host.create(bare(), boot as never)).rejects.toThrow(said);
  });

  test('an object that is not a machine is refused', async () => {
    const created = V86Host.create(undefined as never, { kernel: KERNEL });

    await expect(created).rejects.toThrow('machine is required: a machine (example gceN1())');
  });
});

test.each([
  [{ limit: '5' }, 'limit must be 0 ns or more'],
  [{ until: true }, 'until must be a function; got true'],
  [{ paced: 1 }, 'paced must be true or false; got 1'],
  [null, 'options must be an object; got null'],
])('to run by %j is refused', async (options, said) => {
  const host = await start(bare(), bios(PRINTS));

  await expect(host.run(options as never)).rejects.toThrow(said);
});
