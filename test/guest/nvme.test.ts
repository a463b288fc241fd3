import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cpioOf } from '../../src/audit/rig.ts';
import { V86Host } from '../../src/hosts/v86/index.ts';
import { gceC3, gceC4, type Machine } from '../../src/index.ts';
import { built } from './built.ts';
import { saidBy } from './busybox.ts';
import { onReport, RAM } from './guest.ts';

const MIB = 2 ** 20;
const LIMIT = 300_000_000_000;
/** Mebibytes that are written and read back. */
const WRITTEN = 64;

/** What Debian 12's kernel and nvme-cli do on a C3. Text between two lines `text` is what a program printed. */
const TODO = `
say() { echo "report: $*"; }
shown() { echo "text $*"; "$@"; echo "text over"; }
wait_for() { tries=0; until eval "$1" || [ $((tries += 1)) = 5000 ]; do :; done; }
shown nvme list
shown nvme id-ctrl /dev/nvme0
shown nvme id-ns /dev/nvme0n1
shown nvme smart-log /dev/nvme0
shown nvme error-log /dev/nvme0
# As Compute Engine's helper for udev reads it: text behind the part of the standard.
echo "text vendor"; nvme id-ns --raw-binary /dev/nvme0n2 | tail -c +385 | tr -d '\\0'; echo; echo "text over"

/bin/mke2fs -q -t ext4 -E lazy_itable_init=1,lazy_journal_init=1 /dev/nvme0n1 && mount -t ext4 -o noinit_itable /dev/nvme0n1 /mnt
dd if=/dev/urandom of=/mnt/file bs=64k count=${WRITTEN * 16} 2>/dev/null; sync
md5sum < /mnt/file > /tmp/before; umount /mnt; mount -t ext4 -o noinit_itable /dev/nvme0n1 /mnt
md5sum < /mnt/file | cmp - /tmp/before && say kept $(stat -c %s /mnt/file)
rm /mnt/file; sync; fstrim /mnt; say trimmed

while [ ! -e /tmp/stop ]; do dd if=/dev/urandom of=/mnt/load bs=64k count=16 conv=fsync 2>/dev/null && echo >> /tmp/rounds; md5sum < /mnt/load > /tmp/sum; md5sum < /mnt/load | cmp - /tmp/sum || say load broken; done &
load=$!
wait_for '[ $(cat /tmp/rounds 2>/dev/null | wc -l) -ge 1 ]'
nvme reset /dev/nvme0; say reset $?
rounds=$(cat /tmp/rounds | wc -l); wait_for '[ $(cat /tmp/rounds | wc -l) -gt $((rounds + 1)) ]'
: > /tmp/stop; wait $load; say load $?

say plug; wait_for '[ -e /dev/nvme0n3 ]'; say came $(cat /sys/block/nvme0n3/size)
say pull; wait_for '[ ! -e /dev/nvme0n3 ]'; say went $([ -e /dev/nvme0n3 ]; echo $?)
umount /mnt; say unmounted $?
`;

/** What it does on a C4, where NVMe is behind bridges: whether it sees them, and its disk. */
const BEHIND = `
say() { echo "report: $*"; }
say bridges $(ls -d /sys/bus/pci/devices/* | wc -l) $(readlink /sys/block/nvme0n1 | grep -o '0000:[0-9a-f:]*[.]0')
say window $(awk 'NR == 15 { print $1, $2 }' /sys/bus/pci/devices/0000:00:05.0/resource)
dd if=/dev/urandom of=/dev/nvme0n1 bs=64k count=16 conv=fsync 2>/dev/null; md5sum < /dev/nvme0n1 > /tmp/sum
echo 3 > /proc/sys/vm/drop_caches; md5sum < /dev/nvme0n1 | cmp - /tmp/sum; say same $?
say messages $(grep -c nvme0q /proc/interrupts)
`;

async function booted(make: typeof gceC3, script: string): Promise<Machine> {
  const folder = built('nvme/build.sh');
  const machine = make({
    memory: { below4G: RAM },
    disks: [{ bytes: 128 * MIB }, { bytes: 32 * MIB, name: 'data' }],
    serial: { pace: 'instant' },
  });
  const [card] = machine.nvme;
  onReport(machine, 'plug', () => card!.addNamespace({ bytes: 16 * MIB }));
  onReport(machine, 'pull', () => card!.removeNamespace(card!.namespaces[2]!));
  const todo = cpioOf({ name: 'todo.sh', content: script });
  const initrd = Buffer.concat([readFileSync(join(folder, 'initrd')), todo]);
  const kernel = readFileSync(join(folder, 'vmlinux'));
  const host = await V86Host.create(machine, { kernel, initrd, append: 'console=ttyS0,115200 quiet' });
  await host.run({ limit: LIMIT });
  await host.close();
  return machine;
}

/** What a program printed, line by line, without blanks at the ends of lines. */
function textsOf(machine: Machine): Map<string, string[]> {
  const lines = machine.serial[0]!.text.split('\n').map((line) => line.replaceAll('\t', ' ').trimEnd());
  const starts = lines.flatMap((line, at) => (/^text (?!over)/.test(line) ? [at] : []));
  return new Map(
    starts.map((at) => [
      lines[at]!.slice('text '.length),
      lines.slice(at + 1, lines.indexOf('text over', at)),
    ]),
  );
}

describe('Debian 12 on a C3, and its nvme-cli', () => {
  let machine: Machine;
  let said: Map<string, string>;
  let texts: Map<string, string[]>;

  beforeAll(async () => {
    machine = await booted(gceC3, TODO);
    said = saidBy(machine);
    texts = textsOf(machine);
  }, 1_800_000);

  /** Fields that are not 0, as `name: value`. */
  const told = (program: string) =>
    texts
      .get(program)!
      .map((line) => line.trim().replace(/\s*:\s*/, ': '))
      .filter((field) => !/: [0-]*$|^\.+$/.test(field));

  test('list names each disk by its controller', () => {
    const [, , ...rows] = texts.get('nvme list')!;

    expect(rows.map((row) => row.replaceAll(/ {2,}/g, '  ')).sort()).toEqual([
      '/dev/nvme0n1  /dev/ng0n1  nvme_card-pd  nvme_card-pd  1  0.00  B / 134.22  MB  512  B +  0 B  2',
      '/dev/nvme0n2  /dev/ng0n2  nvme_card-pd  nvme_card-pd  2  0.00  B /  33.55  MB  512  B +  0 B  2',
    ]);
  });

  test('id-ctrl decodes Identify Controller', () => {
    expect(told('nvme id-ctrl /dev/nvme0')).toEqual([
      'vid: 0x1ae0',
      'ssvid: 0x1ae0',
      'sn: nvme_card-pd',
      'mn: nvme_card-pd',
      'fr: 2',
      'mdts: 7',
      'ver: 0x10400',
      'oaes: 0x100',
      'cntrltype: 1',
      'acl: 3',
      'aerl: 3',
      'frmw: 0x3',
      'wctemp: 343',
      'cctemp: 353',
      'sqes: 0x66',
      'cqes: 0x44',
      'nn: 32',
      'oncs: 0x8d',
      'vwc: 0x7',
      'ps      0: mp:0.00W operational enlat:0 exlat:0 rrt:0 rrl:0',
      'rwt: 0 rwl:0 idle_power:- active_power:-',
    ]);
  });

  test('id-ns decodes Identify Namespace, which is that of a disk on Compute Engine', () => {
    expect(told('nvme id-ns /dev/nvme0n1')).toEqual([
      'nsze: 0x40000',
      'ncap: 0x40000',
      'nsfeat: 0x2',
      'nawun: 255',
      'nawupf: 255',
      'nabsn: 2047',
      'nabspf: 2047',
      // Eight bytes of a persistent disk's are set: here they follow from its name.
      'nguid: d62858ccbd8012af0000000000000000',
      'lbaf  0: ms:0   lbads:9  rp:0 (in use)',
    ]);
  });

  test('smart-log and error-log decode what the controller counted', () => {
    expect(told('nvme smart-log /dev/nvme0')).toEqual([
      'Smart Log for NVME device: nvme0 namespace-id:ffffffff',
      'temperature: 40°C (313 Kelvin)',
      'available_spare: 100%',
      'available_spare_threshold: 10%',
      'percentage_used: 0%',
      // Of Linux, which looked for partitions: 8 blocks are less than 1000, which is one unit.
      'Data Units Read: 1 (512.00 kB)',
      'Data Units Written: 0 (0.00 B)',
      'host_read_commands: 6',
    ]);
    expect(told('nvme error-log /dev/nvme0')).toEqual([
      'Error Log Entries for device: nvme0 entries:1',
      'Entry[ 0]',
      'status_field: 0(Successful Completion: The command completed without error)',
      'trtype: The transport type is not indicated or the error is not transport related.',
    ]);
  });

  test('the part of the vendor has the name of a disk, which udev asks for', () => {
    expect(texts.get('vendor')).toEqual(['{"device_name":"data","disk_type":"PERSISTENT"}']);
  });

  test('a file system keeps 64 MiB, and is trimmed', () => {
    expect(said.get('kept')).toBe(String(WRITTEN * MIB));
    expect(machine.serial[0]!.text).toContain('report: trimmed');
  });

  test('the controller is reset while files are written, and none is lost', () => {
    expect([said.get('reset'), said.get('load')]).toEqual(['0', '0']);
  });

  test('a namespace comes and goes', () => {
    // In sectors; and whether its file is there.
    expect([said.get('came'), said.get('went')]).toEqual([String((16 * MIB) / 512), '1']);
  });

  test('the guest ends, with nothing said of its driver but what it does to CONFADD', () => {
    expect(said.get('unmounted')).toBe('0');
    expect([...new Set(machine.findings.map(({ clause }) => clause))]).toEqual(['pci/CONFADD-ALIGN']);
  });
});

describe('Debian 12 on a C4', () => {
  let machine: Machine;
  let said: Map<string, string>;

  beforeAll(async () => {
    machine = await booted(gceC4, BEHIND);
    said = saidBy(machine);
  }, 1_800_000);

  test('finds NVMe behind the bridges', () => {
    expect(said.get('bridges')).toBe('40 0000:00:05.0 0000:01:00.0 0000:02:00.0 0000:03:00.0');
  });

  test('keeps the windows of its firmware', () => {
    expect(said.get('window')).toBe('0x0000000080200000 0x00000000802fffff');
  });

  test('writes its disk and reads it, by messages', () => {
    expect([said.get('same'), said.get('messages')]).toEqual(['0', '2']);
  });

  test('breaks no rule but what it does to CONFADD', () => {
    expect([...new Set(machine.findings.map(({ clause }) => clause))]).toEqual(['pci/CONFADD-ALIGN']);
  });
});
