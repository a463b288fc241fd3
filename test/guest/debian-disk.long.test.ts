import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { PlainText } from '../../src/cli/plain-text.ts';
import { guestrig, inFolderOf } from '../../src/cli/rig.ts';
import { partOf } from '../repeats.ts';
import { built } from './built.ts';

/** Debian's package seabios, 1.16.3: the larger one has a driver of NVMe. */
const BIOS = '/usr/share/seabios/bios.bin';
const BIOS_NVME = '/usr/share/seabios/bios-256k.bin';
const DISK = join(built('debian/disk.sh'), 'disk.img');
/** Where its partition begins, for tools of ext4. */
const PARTITION = 'disk.img?offset=1048576';
const PROMPT = 'root@guest:~# ';
const COMMANDS = {
  disks: 'lsblk --list --noheadings',
  address: 'ip -4 -brief addr show ens4; cat /sys/class/net/ens4/mtu',
  route: 'ip route show default',
  hash: 'head -c 8M /dev/urandom >f; sync; sha256sum f; echo 3 >/proc/sys/vm/drop_caches; sha256sum f',
  failed: 'systemctl --failed --no-legend; echo $?',
  trouble: 'dmesg --notime --level=emerg,alert,crit,err,warn',
};
const LOGIN = [
  'expect "guest login: " within 5min',
  'send "root\\n"',
  ...Object.values(COMMANDS).flatMap((command) => [
    `expect "${PROMPT}"`,
    `send ${JSON.stringify(`${command}\n`)}`,
  ]),
  `expect "${PROMPT}"`,
  'send "systemctl poweroff\\n"',
  'expect "reboot: Power down"',
].join('\n');

/** The reason for each line that the kernel prints as an error or a warning. */
const TROUBLE = {
  'L1TF: Kernel not compiled for PAE. No mitigation for L1TF': 'the flavour 686 has no PAE',
  "acpi PNP0A03:00: fail to add MMCONFIG information, can't access extended PCI configuration space under this bridge.":
    'as on Compute Engine: the 440FX has none',
  'i8042: Warning: Keylock active': 'as on Compute Engine',
  'mce: Unable to init MCE device (rc: -5)': "v86's processor has no machine check",
  'device-mapper: core: CONFIG_IMA_DISABLE_HTABLE is disabled. Duplicate IMA measurements will not be recorded in the IMA log.':
    "the kernel's own configuration",
  'platform regulatory.0: firmware: failed to load regulatory.db (-2)': 'no wireless-regdb on the disk',
  'firmware_class: See https://wiki.debian.org/Firmware for information about missing firmware': 'the same',
  'platform regulatory.0: Direct firmware load for regulatory.db failed with error -2': 'the same',
};

/** Why each rule was broken; all are notes. */
const NOTED = {
  'pci/CONFADD-ALIGN': 'arch/x86/pci/early.c, as docs/running-an-os.md says',
  'virtio/NET-FRAME-LEG-D1-MRG':
    'virtio_net puts header and frame into one buffer on a legacy device without ANY_LAYOUT, on every release',
};

/**
 * A note too, and not in each run: agetty hangs the console up, and Linux empties the FIFO then (serial8250_do_shutdown). The
 * host's clock decides whether a character waits there.
 */
const BY_CHANCE = 'uart/FIFO-RESET';

/** Why SeaBIOS broke each. */
const FIRMWARE = {
  'rtc/NMI': 'it turns NMI off whenever it asks the clock, as a BIOS may',
  'virtio/RESET-D1': 'it writes 0 to the status, and reads ISR next, not the status',
  'virtio/INIT-D4': 'on a legacy function it neither reads nor writes features before DRIVER_OK',
};

interface Report {
  readonly end: { readonly how: string };
  readonly verdicts: readonly {
    readonly clause: string;
    readonly findings: readonly { severity: string }[];
  }[];
  readonly firmware: readonly { readonly clause: string }[];
}

/** What the guest broke in each run. */
function broken({ verdicts }: Report): Report['verdicts'] {
  return verdicts.filter(({ clause, findings }) => findings.length > 0 && clause !== BY_CHANCE);
}

/** The terminal of a silent guest, without our command's messages, by the host's clock. */
function screenOf(console: string): string {
  const terminal = new PlainText();
  const signs = Array.from(console.replace(/guestrig: .*\n/g, ''), (sign) => terminal.take(sign));
  return signs.join('').replace(/\r/g, '');
}

/** Output between a command and the next prompt, without kernel messages. */
function answers(screen: string): Map<string, string[]> {
  const parts = screen
    .replace(/^ *\[ *\d+\.\d+\] .*\n/gm, '')
    .split(PROMPT)
    .map((part) => part.split('\n').map((line) => line.trim()));
  return new Map(parts.map(([command, ...lines]) => [command!, lines.slice(0, -1)]));
}

/** The same disk's, where it is NVMe; debugfs puts them into the file system. */
const ROOT = '/dev/nvme0n1p1';
const FILES = {
  login: LOGIN,
  'grub.cfg': readFileSync(join(import.meta.dirname, '../guests/debian/grub.cfg'), 'utf8').replace(
    '/dev/sda1',
    ROOT,
  ),
  fstab: `${ROOT} / ext4 errors=remount-ro 0 1\n`,
  edits: ['grub.cfg /boot/grub/grub.cfg', 'fstab /etc/fstab']
    .flatMap((line) => [`rm ${line.split(' ')[1]}`, `write ${line}`, ''])
    .join('\n'),
};
inFolderOf(FILES);

/** One with each commit: each takes a minute and a half. */
const TURN = partOf(['SCSI', 'NVMe'], 2);

describe.runIf(TURN.includes('SCSI'))(
  "Debian 12's disk, which SeaBIOS and GRUB start from our virtio-scsi",
  () => {
    let report: Report;
    let said: Map<string, string[]>;
    let screen: string;

    beforeAll(async () => {
      copyFileSync(DISK, 'disk.img');
      const words = [
        '--firmware',
        BIOS,
        '--disk',
        'disk.img',
        '--write',
        '--net',
        'gce',
        '--script',
        'login',
      ];
      const { out, err } = await guestrig('boot', ...words, '--reporter', 'json');
      report = JSON.parse(out);
      screen = screenOf(err);
      said = answers(screen);
    }, 1_800_000);

    test('comes to a login, and powers off cleanly', () => {
      expect(report.end.how).toBe('off');
      // GRUB puts the first word before those of its configuration.
      expect(screen).toContain('Kernel command line: BOOT_IMAGE=/vmlinuz root=/dev/sda1 ');
      expect(screen).toContain('reboot: Power down');
      const check = execFileSync('e2fsck', ['-f', '-n', PARTITION], { encoding: 'utf8', stdio: 'pipe' });
      expect(check).toMatch(/\d+\/65536 files/);
    });

    test('sees its disk, and reads back what it wrote', () => {
      expect(said.get(COMMANDS.disks)!.map((line) => line.split(/ +/).join(' '))).toEqual([
        'sda 8:0 0 1G 0 disk',
        'sda1 8:1 0 1023M 0 part /',
      ]);
      const [wrote, read] = said.get(COMMANDS.hash)!;
      expect(read).toBe(wrote);
      expect(read).toMatch(/^[0-9a-f]{64} {2}f$/);
    });

    test("has an address by DHCP from Compute Engine's network", () => {
      expect(said.get(COMMANDS.address)).toEqual([
        'ens4             UP             10.128.0.2/32 metric 1024',
        '1460',
      ]);
      expect(said.get(COMMANDS.route)![0]).toMatch(/^default via 10\.128\.0\.1 dev ens4 proto dhcp /);
    });

    test('has no unit that failed, and each warning of its kernel has its reason', () => {
      expect(said.get(COMMANDS.failed)).toEqual(['0']);
      expect([...new Set(said.get(COMMANDS.trouble))]).toEqual(Object.keys(TROUBLE));
    });

    test('breaks only these rules, and so does its BIOS', () => {
      expect(broken(report).map(({ clause, findings }) => [clause, findings[0]!.severity])).toEqual(
        Object.keys(NOTED).map((clause) => [clause, 'note']),
      );
      expect([...new Set(report.firmware.map(({ clause }) => clause))]).toEqual(Object.keys(FIRMWARE));
    });
  },
);

describe.runIf(TURN.includes('NVMe'))(
  'the same disk on a C3, which SeaBIOS and GRUB start from our NVMe',
  () => {
    let report: Report;
    let said: Map<string, string[]>;

    beforeAll(async () => {
      copyFileSync(DISK, 'disk.img');
      execFileSync('debugfs', ['-w', '-f', 'edits', PARTITION], { stdio: 'pipe' });
      const words = [
        '--machine',
        'c3',
        '--firmware',
        BIOS_NVME,
        '--disk',
        'disk.img',
        '--write',
        '--script',
        'login',
      ];
      const { out, err } = await guestrig('boot', ...words, '--reporter', 'json');
      report = JSON.parse(out);
      said = answers(screenOf(err));
    }, 1_800_000);

    test('comes to a login, and powers off cleanly', () => {
      expect(report.end.how).toBe('off');
      const check = execFileSync('e2fsck', ['-f', '-n', PARTITION], { encoding: 'utf8', stdio: 'pipe' });
      expect(check).toMatch(/\d+\/65536 files/);
    });

    test('sees its disk, and reads back what it wrote', () => {
      expect(said.get(COMMANDS.disks)!.map((line) => line.split(/ +/).join(' ').trim())).toEqual([
        'nvme0n1 259:0 0 1G 0 disk',
        'nvme0n1p1 259:1 0 1023M 0 part /',
      ]);
      const [wrote, read] = said.get(COMMANDS.hash)!;
      expect(read).toBe(wrote);
      expect(read).toMatch(/^[0-9a-f]{64} {2}f$/);
    });

    test('breaks no rule of NVMe, and its BIOS only the one on the number of queues', () => {
      expect(broken(report).map(({ clause }) => clause)).toEqual(['pci/CONFADD-ALIGN']);
      expect([...new Set(report.firmware.map(({ clause }) => clause))].sort()).toEqual([
        'kvm/HYPERVISOR',
        'nvme/QUEUES-ASKED',
        'rtc/NMI',
      ]);
    });
  },
);
