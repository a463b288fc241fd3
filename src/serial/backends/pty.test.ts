import { afterEach, expect, test, vi } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { openPty } from './pty.ts';

afterEach(() => vi.unstubAllEnvs());

test('without socat the refusal says what is missing', async () => {
  vi.stubEnv('PATH', '/nonexistent');
  const [com1] = gceN1().serial;

  await expect(openPty(com1!)).rejects.toThrow(
    'openPty: the program socat cannot be run: is it installed? (Debian: apt install socat)',
  );
});
