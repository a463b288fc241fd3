import { expect, test } from 'vitest';
import { boot, guestMachine } from './guest.ts';

test('a guest that reboots resets the machine, and boots on it again', async () => {
  const machine = guestMachine({ disks: [] });

  const first = await boot(machine, '-- quick reboot');
  const second = await boot(machine, '-- quick');

  expect([first.end, second.end]).toEqual(['reset', 'off']);
});
