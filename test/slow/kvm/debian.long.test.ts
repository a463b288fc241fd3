import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unpackWhole } from '../../../src/audit/unpack/unpack.ts';
import { KvmHost } from '../../../src/hosts/kvm/index.ts';
import { gceN1 } from '../../../src/machine/gce-n1.ts';
import { partOf } from '../../repeats.ts';
import { Debian } from '../debian-packages.ts';
import { workFolder } from '../work-folder.ts';
import { REFUSED } from './there.ts';

const SECOND = 1_000_000_000;
/** Where a kernel is interpreted it needs a minute, and four on a busy machine. */
const PATIENCE = 600 * SECOND;
const APPEND = 'console=ttyS0,115200 earlyprintk=serial,ttyS0,115200 nokaslr';
/** Where the setup header says so, from 1F1 on: boot protocol 2.08. */
const AT = { setup_sects: 0x1f1, payload_offset: 0x248, payload_length: 0x24c } as const;

/** The kernel in a bzImage. Its own program that unpacks it takes too long where it is interpreted. */
async function vmlinuxOf(bzImage: Buffer): Promise<Uint8Array> {
  const from = (bzImage[AT.setup_sects]! + 1) * 512 + bzImage.readUInt32LE(AT.payload_offset);
  // The last four bytes are the unpacked length.
  const length = bzImage.readUInt32LE(AT.payload_length) - 4;
  return unpackWhole('the kernel', bzImage.subarray(from, from + length), 256 << 20);
}

/** One commit in four: a kernel that is interpreted takes a minute. */
const isPlayed = REFUSED === null && partOf([true], 4).length > 0;

describe.runIf(isPlayed)("Debian's 64-bit kernel, unmodified, on /dev/kvm", () => {
  const folder = workFolder();

  test('finds our machine, the hypervisor and its clock', { timeout: 660_000 }, async () => {
    const release = new Debian(folder);
    const image = join(release.unpack(release.dependency('linux-image-cloud-amd64')), 'boot');
    const file = readdirSync(image).find((name) => name.startsWith('vmlinuz-'))!;
    const kernel = await vmlinuxOf(readFileSync(join(image, file)));
    const machine = gceN1({ memory: { below4G: 128 << 20 } });
    const [com1] = machine.serial;
    await using host = await KvmHost.create(machine, { kernel, append: APPEND }, { slow: true });

    const end = await host.run({ until: () => com1!.text.includes('using sched offset'), limit: PATIENCE });

    expect(end).toBe('until');
    expect(com1!.text).toMatch(/^\[ {4}0\.000000\] Linux version 6\.\S+-cloud-amd64 /m);
    expect(com1!.text).toContain('DMI: Google Google Compute Engine/Google Compute Engine');
    expect(com1!.text).toContain('Hypervisor detected: KVM');
    expect(com1!.text).toContain('kvm-clock: Using msrs 4b564d01 and 4b564d00');
    expect(machine.findings.filter(({ severity }) => severity === 'must')).toEqual([]);
  });
});

test.runIf(REFUSED !== null)('without /dev/kvm no kernel was run', () => {
  console.warn(`No kernel was run: ${REFUSED}`);

  expect(REFUSED).not.toContain('\n');
});
