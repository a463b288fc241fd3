import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ScsiHost, virtioScsiDriver } from '../../src/guest/index.ts';
import { FaultyMedium, gceN1, gceNetwork, type Machine, MemoryMedium } from '../../src/index.ts';
import { disksHost, saidBy } from './busybox.ts';
import { onReport, RAM } from './guest.ts';

const [MIB, GIB, TIB] = [2 ** 20, 2 ** 30, 2 ** 40];
const LIMIT = 300_000_000_000;
const CONFLICT = 0x18;
/** Bytes of the file that comes and goes, and of its copies under load. */
const FILE = 8 * MIB;
/** Where reads fail, and where one write does. */
const [BAD_READ, BAD_WRITE] = [20_000, 40_000];

/**
 * What Linux does. Its disks are found by where they are: host, channel, target, LUN. It cannot sleep, or touch a file: its C
 * library does so by calls that this kernel lacks.
 */
const TODO = `
say() { echo "report: $*"; }
at() { echo /dev/$(ls /sys/bus/scsi/devices/$1/block); }
wait_for() { tries=0; until eval "$1" || [ $((tries += 1)) = 5000 ]; do :; done; }
try() { "$@" >/dev/null 2>&1; echo $?; }
for name in small large huge ssd; do mkdir -p /mnt/$name; done
small=$(at 0:0:1:0) large=$(at 0:0:2:0) huge=$(at 0:0:3:0) bad=$(at 0:0:4:0) shared=$(at 0:0:5:0) ssd=$(at 1:0:1:0)

made() { # the disk, where it is mounted, and how
  # With its path: busybox has one of its own.
  /bin/mke2fs -q -t ext4 -E lazy_itable_init=1,lazy_journal_init=1,$3 $1 && mount -t ext4 -o noinit_itable $1 /mnt/$2 && \\
    dd if=/dev/urandom of=/mnt/$2/file bs=64k count=4 2>/dev/null && md5sum < /mnt/$2/file > /tmp/$2 && \\
    umount /mnt/$2 && mount -t ext4 -o noinit_itable $1 /mnt/$2 && md5sum < /mnt/$2/file | cmp - /tmp/$2 && say $2 kept
}
made $small small discard; made $large large discard; made $huge huge nodiscard; made $ssd ssd nodiscard
say blocks $(cat /sys/block/\${huge#/dev/}/size) ssd $(cat /sys/block/\${ssd#/dev/}/device/model) rotates $(cat /sys/block/\${ssd#/dev/}/queue/rotational)

dd if=/dev/urandom of=/mnt/large/big bs=64k count=${FILE / 65_536} 2>/dev/null; sync
md5sum < /mnt/large/big > /tmp/big
cp /mnt/large/big /mnt/large/more; sync; say filled
rm /mnt/large/more; sync; fstrim /mnt/large; say trimmed

before=$(cat /sys/block/\${large#/dev/}/size); say grow
wait_for "[ \\$(cat /sys/block/\${large#/dev/}/size) != $before ]"
resize2fs $large >/dev/null 2>&1; say resized $? from $before to $(cat /sys/block/\${large#/dev/}/size) has $(df /mnt/large | awk 'END { print int($2 / 1048576) }')

while [ ! -e /tmp/stop ]; do cp /mnt/large/big /mnt/large/copy; sync; md5sum < /mnt/large/copy | cmp - /tmp/big || say load broken; done &
load=$!
say plug; wait_for '[ -e /sys/bus/scsi/devices/0:0:9:0/block ]'; new=$(at 0:0:9:0)
say came $(try dd if=/dev/urandom of=$new bs=64k count=16)
(exec 3> $new; while dd if=/dev/zero bs=64k count=4 conv=fsync >&3; do echo >> /tmp/wrote; done; say writing stopped) 2>/dev/null &
writing=$!
wait_for '[ $(cat /tmp/wrote 2>/dev/null | wc -l) -ge 3 ]'; say pull; wait_for '[ ! -e /sys/bus/scsi/devices/0:0:9:0 ]'; say went away
: > /tmp/stop; wait $load; wait $writing; say load over

say read $(try dd if=$bad of=/tmp/x bs=4k skip=${BAD_READ / 8 - 1} count=1) $(try dd if=$bad of=/tmp/x bs=4k skip=${BAD_READ / 8} count=1) $(try dd if=$bad of=/tmp/x bs=4k skip=${BAD_READ / 8 + 1} count=1)
say write $(try dd if=/dev/zero of=$bad bs=4k seek=${BAD_WRITE / 8} count=1 oflag=direct)
say refuse; say busy $(try dd if=$bad of=/tmp/x bs=4k count=4 iflag=direct)
say errors $(dmesg | grep -o "error, dev \${bad#/dev/}, sector [0-9]*" | awk '{ print $5 }' | sort -u)

write() { try dd if=/dev/zero of=$shared bs=4k count=1 oflag=direct; }
say took $(reserve $shared register 0 1; echo $?) $(reserve $shared reserve 1 0; echo $?) $(write)
say reserved; say lost $(write) $(try dd if=$shared of=/tmp/x bs=4k count=1 iflag=direct)
say again $(reserve $shared register 0 3; echo $?) $(reserve $shared abort 3 2; echo $?) $(write)
for name in small large huge ssd; do umount /mnt/$name; done
`;

/** Bytes that the medium keeps. */
function mapped(medium: MemoryMedium): number {
  let sum = 0;
  for (let at = 0; at < medium.blocks * 512; ) {
    const extent = medium.extentAt(at);
    sum += extent.mapped ? extent.bytes : 0;
    at += extent.bytes;
  }
  return sum;
}

/** What e2fsck finds: its status, and the last line. */
function checked(medium: MemoryMedium, folder: string): string {
  const path = join(folder, 'image');
  const file = openSync(path, 'w');
  ftruncateSync(file, medium.blocks * 512);
  const piece = new Uint8Array(MIB);
  for (let at = 0; at < medium.blocks * 512; ) {
    const extent = medium.extentAt(at);
    const bytes = extent.mapped ? Math.min(extent.bytes, MIB) : extent.bytes;
    if (extent.mapped) {
      medium.read(at, piece, 0, bytes);
      writeSync(file, piece, 0, bytes, at);
    }
    at += bytes;
  }
  closeSync(file);
  const { status, stdout } = spawnSync('e2fsck', ['-f', '-n', path], { encoding: 'utf8' });
  rmSync(path);
  return status === 0 ? 'whole' : `status ${status}: ${stdout}`;
}

/** The other machine takes what Linux holds, by REGISTER AND IGNORE EXISTING KEY and PREEMPT; the status of a write before and after. */
function preempt(other: ScsiHost): number[] {
  const write = {
    name: 'WRITE(10)',
    cdb: Uint8Array.of(0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0),
    dataOut: new Uint8Array(512),
  };
  const out = (action: number, key: number, actionKey: number) => {
    const dataOut = new Uint8Array(24);
    dataOut[7] = key;
    dataOut[15] = actionKey;
    const cdb = Uint8Array.of(0x5f, action, 0x01, 0, 0, 0, 0, 0, 24, 0);
    return other.execute(1, 0, { name: 'PERSISTENT RESERVE OUT', cdb, dataOut }).status;
  };
  return [other.execute(1, 0, write).status, out(6, 0, 2), out(4, 2, 1), other.execute(1, 0, write).status];
}

describe('Linux with disks of every size', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-disks-'));
  const media = {
    small: new MemoryMedium(MIB),
    large: new MemoryMedium(10 * GIB),
    huge: new MemoryMedium(3 * TIB),
    ssd: new MemoryMedium(375 * GIB),
  };
  const kept = { filled: 0, trimmed: 0 };
  let machine: Machine;
  let said: Map<string, string>;
  let other: number[] = [];

  beforeAll(async () => {
    const network = gceNetwork({ metadata: { instance: { attributes: { 'startup-script': TODO } } } });
    const bad = new FaultyMedium(new MemoryMedium(64 * MIB), [
      { kind: 'read', lba: BAD_READ, blocks: 8 },
      { kind: 'write', lba: BAD_WRITE, blocks: 8, times: 1 },
    ]);
    const shared = { medium: new MemoryMedium(MIB), multiWriter: true, commands: 'all' } as const;
    const second = gceN1({ disks: [shared] }).attach(virtioScsiDriver);
    second.testUnitReady(1);
    machine = gceN1({
      memory: { below4G: RAM },
      nics: [{ backend: network }],
      disks: [
        { medium: media.small },
        { medium: media.large },
        { medium: media.huge },
        { medium: bad },
        shared,
        { medium: media.ssd, kind: 'local-ssd' },
      ],
    });
    const [, large, , faulty] = machine.disks;
    onReport(machine, 'filled\r', () => (kept.filled = mapped(media.large)));
    onReport(machine, 'trimmed\r', () => (kept.trimmed = mapped(media.large)));
    onReport(machine, 'grow\r', () => machine.resizeDisk(large!, 12 * GIB));
    onReport(machine, 'plug\r', () => machine.addDisk({ bytes: 8 * GIB, target: 9 }));
    onReport(machine, 'pull\r', () => machine.removeDisk(machine.disks.at(-1)!));
    onReport(machine, 'refuse\r', () => {
      machine.refuseCommands(faulty!, 'busy', 2);
      machine.refuseCommands(faulty!, 'task set full', 2);
      machine.refuseCommands(faulty!, 'aborted command', 2);
    });
    onReport(machine, 'reserved\r', () => (other = preempt(second)));
    const host = await disksHost(machine);
    await host.run({ limit: LIMIT });
    await host.close();
    said = saidBy(machine);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['small', 'large', 'huge', 'ssd'])('keeps a file on the disk that is %s', (name) => {
    expect(said.get(name)).toBe('kept');
  });

  test.each(Object.entries(media))(
    'leaves a file system on the %s disk that e2fsck finds whole',
    (_name, medium) => {
      expect(checked(medium, folder)).toBe('whole');
    },
  );

  test('sees all blocks of 3 TiB, and a local SSD that does not rotate', () => {
    expect(said.get('blocks')).toBe(`${(3 * TIB) / 512} ssd EphemeralDisk rotates 0`);
  });

  test('gives back the blocks of a file that it deleted, when it trims', () => {
    expect(kept.filled - kept.trimmed).toBeGreaterThan(0.9 * FILE);
  });

  test('resizes a file system that is in use', () => {
    expect(said.get('resized')).toBe(`0 from ${(10 * GIB) / 512} to ${(12 * GIB) / 512} has 11`);
  });

  test('takes a disk that comes, and loses it in the middle of writes, while another is busy', () => {
    const ends = ['came', 'went', 'writing', 'load'].map((what) => said.get(what));
    expect(ends).toEqual(['0', 'away', 'stopped', 'over']);
  });

  test('reports the blocks that cannot be read, and no others, and writes again what failed once', () => {
    expect([said.get('read'), said.get('write'), said.get('errors')]).toEqual(['0 1 0', '0', `${BAD_READ}`]);
  });

  test('tries again what was busy, full or aborted', () => {
    expect(said.get('busy')).toBe('0');
  });

  test('takes a reservation, loses it to another machine, and takes it back', () => {
    expect([said.get('took'), other]).toEqual(['0 0 0', [CONFLICT, 0, 0, 0]]);
    expect([said.get('lost'), said.get('again')]).toEqual(['1 0', '0 0 0']);
  });

  test('breaks no rule of ours that says must or should', () => {
    expect(machine.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
  });
});
