import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { configOf } from '../../src/audit/rig.ts';
import { guestrig } from '../../src/cli/rig.ts';
import { ImageMaker } from '../slow/image-maker.ts';
import { workFolder } from '../slow/work-folder.ts';

const maker = new ImageMaker(workFolder());

function diskWith(append: string): string {
  const folder = inject('guest');
  const files = {
    '/boot/config-6.12.1': configOf(),
    '/boot/vmlinuz-6.12.1': readFileSync(join(folder, 'bzImage')),
    '/boot/initrd.img-6.12.1': readFileSync(join(folder, 'initrd')),
    '/boot/grub/grub.cfg': `linux /boot/vmlinuz-6.12.1 ${append}\ninitrd /boot/initrd.img-6.12.1\n`,
  };
  return maker.raw({ files });
}

describe('guestrig image --boot', () => {
  const booted = (disk: string, ...argv: string[]) =>
    guestrig('image', disk, '--boot', '--on', 'v86', '--until', 'report: init started', ...argv);

  test('boots the kernel that the boot loader would, with its command line, and judges both', async () => {
    const { status, out } = await booted(diskWith('console=ttyS0,115200'));

    expect(out).toMatch(
      /^guestrig \S+ image [\s\S]*\nNothing fails\.[\s\S]*Linux version [\s\S]*\nThe console printed what was waited for/,
    );
    expect(status).toBe(0);
  });

  test('shows what a console on ttyS1 comes to: the line fails, and nothing is printed', async () => {
    const { status, out } = await booted(diskWith('console=ttyS1,115200'), '--limit', '5s');

    expect(out).toMatch(/\n {2}FAIL {2}console +console=ttyS1,115200: /);
    expect(out).toMatch(/\nFAIL {2}"report: init started" was not printed; nothing was printed\n$/);
    expect(status).toBe(1);
  });
});
