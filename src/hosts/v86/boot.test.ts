import { afterEach, describe, expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import { V86Host } from './host.ts';

/** 16-bit code for the reset vector: out 3f8, 15h; hlt for ever. Five bits, as many as a port sends from power-on. */
const PRINTS = [0xba, 0xf8, 0x03, 0xb0, 0x15, 0xee, 0xf4, 0xeb, 0xfd];
/** out cf9, 6; hlt for ever. */
const RESETS = [0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee, 0xf4, 0xeb, 0xfd];
const MILLISECOND = 1_000_000;
const hosts: V86Host[] = [];

function bare(): Machine {
  return gceN1({ firmware: false, memory: { below4G: 16 << 20 }, disks: [], nics: [] });
}

/** A BIOS of so many bytes with `code` at its reset vector, 16 bytes before the end. */
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

afterEach(async () => {
  for (const host of hosts.splice(0)) {
    await host.close();
    host.machine.close();
  }
});

describe('a CPU with a BIOS', () => {
  test.each([0x1_0000, 0x2_0000])('of %i bytes begins at F000:FFF0', async (size) => {
    const host = await start(bare(), bios(PRINTS, size));

    await host.run({ limit: MILLISECOND });

    expect([...host.machine.serial[0]!.bytes]).toEqual([0x15]);
  });

  test('is told by PAM0 that F0000 is RAM', async () => {
    const { machine } = await start(bare(), bios(PRINTS));

    expect(machine.chassis.bus.at(0)!.readConfig(0x59, 1)).toBe(0x10);
  });

  test('begins anew after a reset', async () => {
    const machine = bare();
    const ends = [await (await start(machine, bios(RESETS))).run()];
    ends.push(await (await start(machine, bios(RESETS))).run());

    expect(ends).toEqual(['reset', 'reset']);
  });
});

test.each([0, 512, 0x4_0000])('an image of %i bytes is refused', async (size) => {
  await expect(start(bare(), new Uint8Array(size))).rejects.toThrow(
    `firmware: ${size} is not 64 or 128 KiB: a BIOS image`,
  );
});

test.each([true, 'uefi'] as const)('a machine built with firmware: %s is refused', async (firmware) => {
  const machine = gceN1({ firmware, memory: { below4G: 16 << 20 } });

  await expect(start(machine, bios(PRINTS))).rejects.toThrow(
    'boot: a BIOS needs a machine built with firmware: false',
  );
});
