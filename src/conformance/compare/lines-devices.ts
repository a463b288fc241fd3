import { hex } from '../../core/bits.ts';
import type { ScsiHost } from '../../guest/index.ts';
import { modeSense6 } from '../../guest/scsi/commands.ts';
import { FEATURES, HYPERVISOR_LEAF, SIGNATURE, SYSTEM_TIME, SYSTEM_TIME_NEW } from '../../kvm/registers.ts';
import { QUEUE_SELECT, QUEUE_SIZE } from '../../virtio/registers.ts';
import type { Asked, Line } from './asked.ts';
import { bdfOf } from './lines-pci.ts';

/** The caching mode page, and the bits of it and of its header (SBC-3, 6.5.5 and 6.5.1). */
const CACHING = 0x08;
const [MODE_HEADER, DEVICE_SPECIFIC] = [4, 2];
const [WP, DPOFUA] = [0x80, 0x10];
const [WCE, RCD] = [0x04, 0x01];

/** Lines of Linux, SeaBIOS, a UEFI and ethtool about devices, and of a BSD where it asks the same. */
export const DEVICE_LINES: readonly Line[] = [
  {
    pattern: /ttyS([0-3]) at I\/O 0x([\da-f]+) \(irq = (\d+)(?:, base_baud = (\d+))?\) is a (\S+)/,
    says: ([, index = '', at = '', irq = '', baud, type = ''], { machine }) => {
      const port = machine.serial[Number(index)];
      const ours = baud === undefined ? '' : ', 115200';
      return {
        there: `${at}, IRQ ${irq}${baud === undefined ? '' : `, ${baud}`}, ${type}`,
        here: `${port?.port.toString(16)}, IRQ ${port?.irq}${ours}, 16550A`,
      };
    },
  },
  {
    pattern: /ARMH0011:0\d: ttyAMA([0-3]) at MMIO 0x([\da-f]+) \(irq = \d+, base_baud = 0\) is a (\S+)/,
    says: ([, index = '', at = '', type = ''], { machine }) => {
      const port = machine.serial[Number(index)];
      return { there: `${at}, ${type}`, here: `${port?.port.toString(16)}, SBSA` };
    },
  },
  {
    pattern: /^scsi \d+:0:(\d+):0: Direct-Access +(\S+) +(\S+) +(\S+) +PQ: (\d+) ANSI: (\d+)/,
    says: (
      [, target = '', vendor = '', product = '', revision = '', pq = '', ansi = ''],
      { disk, diskName },
    ) => {
      if (target !== '1') return null;
      const found = disk.inquiry(1)!;
      return {
        there: `${vendor} ${product} ${revision} PQ ${pq} ANSI ${ansi}`,
        here: `${diskName} PQ ${found.qualifier} ANSI ${found.version}`,
      };
    },
  },
  {
    pattern: /\[sda\] Mode Sense: ([\da-f ]+)$/,
    says: ([, bytes = ''], { disk }) => ({
      there: bytes.trim(),
      here: [...disk.execute(1, 0, modeSense6(0x3f, 255)).data.subarray(0, 4)]
        .map((byte) => hex(byte, 2))
        .join(' '),
    }),
  },
  {
    pattern: /\[sda\] Write Protect is (on|off)/,
    says: ([, is = ''], { disk }) => ({
      there: `write protect ${is}`,
      here: `write protect ${(cachingOf(disk)[DEVICE_SPECIFIC]! & WP) === 0 ? 'off' : 'on'}`,
    }),
  },
  {
    pattern:
      /\[sda\] Write cache: (enabled|disabled), read cache: (enabled|disabled), (doesn't support|supports) DPO (?:or|and) FUA/,
    says: ([, write = '', read = '', fua = ''], { disk }) => {
      const mode = cachingOf(disk);
      const page = mode.subarray(MODE_HEADER + mode[MODE_HEADER - 1]!);
      const words = [
        (page[2]! & WCE) === 0 ? 'disabled' : 'enabled',
        (page[2]! & RCD) === 0 ? 'enabled' : 'disabled',
        (mode[DEVICE_SPECIFIC]! & DPOFUA) === 0 ? "doesn't support" : 'supports',
      ];
      return { there: `${write}, ${read}, ${fua} FUA`, here: `${words.join(', ')} FUA` };
    },
  },
  {
    pattern: /\[sda\] \d+ (\d+)-byte logical blocks/,
    says: ([, bytes = ''], { disk }) => ({
      there: `blocks of ${bytes}`,
      here: `blocks of ${disk.readCapacity(1).blockLength}`,
    }),
  },
  {
    pattern: /\[sda\] (\d+)-byte physical blocks/,
    says: ([, bytes = ''], { disk }) => ({
      there: bytes,
      here: String(disk.readCapacity(1).physicalBlockLength),
    }),
  },
  {
    pattern: /^vioscsi0(?: at virtio0)?: qsize (\d+)/,
    says: ([, entries = ''], asked) => ({
      there: `queues of ${entries}`,
      here: `queues of ${queueSize(asked, 3 << 3, 2)}`,
    }),
  },
  {
    pattern: /^virtio-scsi vendor='(\S+)' product='(\S+)' rev='(\S+)' type=0 removable=0/,
    says: ([, vendor = '', product = '', revision = ''], { diskName }) => ({
      there: `${vendor} ${product} ${revision}`,
      here: diskName,
    }),
  },
  {
    pattern: /^PCI: init bdf=00:([\da-f]{2})\.([0-7]) id=([\da-f]{4}):([\da-f]{4})/,
    says: ([, device = '', fn = '', vendor = '', id = ''], asked) => ({
      there: `${vendor}:${id}`,
      here: `${hex(asked.config(bdfOf(device, fn), 0, 2), 4)}:${hex(asked.config(bdfOf(device, fn), 2, 2), 4)}`,
    }),
  },
  {
    pattern: /^found virtio-scsi at 0:(\d+)/,
    says: ([, device = ''], asked) => ({
      there: '1af4:1004',
      here: `${hex(asked.config(Number(device) << 3, 0, 2), 4)}:${hex(asked.config(Number(device) << 3, 2, 2), 4)}`,
    }),
  },
  {
    pattern: /^Using pmtimer, ioport 0x([\da-f]+)/,
    says: ([, at = ''], asked) => ({
      there: `PM timer ${at}`,
      here: asked.pmTimer,
    }),
  },
  {
    pattern: /^PIIX3\/PIIX4 init: elcr=([\da-f]{2}) ([\da-f]{2})/,
    says: ([, low = '', high = ''], { machine: { port } }) => ({
      there: `${low} ${high}`,
      here: `${hex(port.in(0x4d0, 1), 2)} ${hex(port.in(0x4d1, 1), 2)}`,
    }),
  },
  {
    pattern: /^bus-info: 0000:00:([\da-f]{2})\.([0-7])/,
    says: ([, device = '', fn = ''], asked) => ({
      there: 'a card',
      here: asked.config(bdfOf(device, fn), 10, 2) === 0x0200 ? 'a card' : 'no card',
    }),
  },
  {
    pattern: /\bgve [\da-f:.]+: Driver is running with (GQI|DQO) (QPL|RDA) queue format/,
    says: ([, rings = '', buffers = ''], { gvnicFormat }) => ({
      there: `${rings} ${buffers}`,
      here: gvnicFormat?.replace('_', ' ') ?? 'no gVNIC',
    }),
  },
  {
    pattern: /^Hypervisor detected: (KVM)$/,
    says: ([, name = ''], { machine: { port } }) => {
      const processor = port.processors?.[0];
      processor?.cpuid(HYPERVISOR_LEAF, 0);
      return { there: name, here: processor?.ebx === SIGNATURE[0] ? 'KVM' : 'none' };
    },
  },
  {
    pattern: /^kvm-clock: Using msrs ([\da-f]+) and /,
    says: ([, msr = ''], { machine: { port } }) => {
      const processor = port.processors?.[0];
      processor?.cpuid(HYPERVISOR_LEAF + FEATURES.offset, 0);
      const isNew = ((processor?.eax ?? 0) & FEATURES.mask.CLOCKSOURCE2) !== 0;
      const ours = isNew ? SYSTEM_TIME_NEW : SYSTEM_TIME;
      return { there: `clock at ${msr}`, here: `clock at ${ours.offset.toString(16)}` };
    },
  },
  {
    pattern: /PciRoot\(0x0\)\/Pci\(0x(\d+),0x0\)\/Scsi\(0x(\d+),0x0\)/,
    says: ([, device = '', target = ''], asked) => ({
      there: 'a disk',
      here:
        asked.config(Number(device) << 3, 2, 2) === 0x1004 && asked.disk.inquiry(Number(target)) !== null
          ? 'a disk'
          : 'no disk',
    }),
  },
];

/** MODE SENSE(6) of the caching page: a header of 4 bytes, its block descriptors, the page. */
function cachingOf(disk: ScsiHost): Uint8Array {
  return disk.execute(1, 0, modeSense6(CACHING, 255)).data;
}

function queueSize(asked: Asked, bdf: number, queue: number): number {
  const at = asked.view(bdf)?.bars[0]?.mapped;
  if (at == null) return 0;
  asked.machine.port.out(at + QUEUE_SELECT.offset, queue, 2);
  return asked.machine.port.in(at + QUEUE_SIZE.offset, 2);
}
