import type { GuestPort } from '../../core/guest-port.ts';
import type { NvmeDriver } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { DOORBELLS, NVME_BAR, REGISTERS_SIZE } from '../../nvme/registers/bar0.ts';
import { identify_namespace, LBADS_SHIFT } from '../../nvme/registers/identify.ts';
import { behind } from '../broken/behind.ts';
import { identifying, mistaken, none, ON } from './nvme-rig.ts';
import { stateless } from './rig.ts';

const BYTES_512 = 9 << LBADS_SHIFT;

/** The doorbells of the first controller are taken for those of all. */
const firsts = new WeakMap<GuestPort, number>();
function ringsTheFirst(port: GuestPort, bdf: number): GuestPort {
  const base = barAddress(port, bdf, NVME_BAR.registers)?.address ?? 0;
  const first = firsts.get(port) ?? base;
  firsts.set(port, first);
  return behind(port, {
    write: (address, value, width) => {
      const offset = address - base;
      const isBell = offset >= DOORBELLS && offset < REGISTERS_SIZE;
      port.write(isBell ? first + offset : address, value, width);
    },
  });
}

/** The namespaces of each controller: new ones are found, and those that go are not. */
const known = new WeakMap<NvmeDriver, Set<number>>();
function looksForNew(disk: NvmeDriver): void {
  disk.follow();
  const namespaces = known.get(disk) ?? new Set();
  known.set(disk, namespaces);
  for (const { nsid } of disk.namespaces) namespaces.add(nsid);
  for (const nsid of namespaces) disk.read(nsid, 0, 1);
}

/** Drivers that make a mistake with the namespaces of NVMe controllers. */
export const MUTANTS = stateless([
  {
    scenario: 'NVMe namespaces that come, grow and go',
    machine: ON,
    model: mistaken('looks for new namespaces alone', none, { run: looksForNew }),
  },
  {
    scenario: 'an NVMe namespace without a block',
    machine: ON,
    model: mistaken(
      'takes each namespace for one with blocks',
      identifying((bytes, view) => {
        const { nsze, ncap, lbaf0 } = identify_namespace.decode(bytes);
        if (nsze !== 0n || lbaf0 === 0) return;
        view.setBigUint64(identify_namespace.offset.nsze, 8n, true);
        view.setBigUint64(identify_namespace.offset.ncap, ncap | 8n, true);
      }),
    ),
  },
  {
    scenario: 'an NVMe namespace with blocks of 4096 bytes, beside one of 512',
    machine: ON,
    model: mistaken(
      'takes all blocks for 512 bytes',
      identifying((bytes, view) => {
        if (identify_namespace.decode(bytes).lbaf0 === 12 << LBADS_SHIFT)
          view.setUint32(identify_namespace.offset.lbaf0, BYTES_512, true);
      }),
    ),
  },
  {
    scenario: 'NVMe namespaces of which the vendor says nothing, half, or what is unknown',
    machine: ON,
    model: mistaken('needs the name of each namespace', none, {
      run: (disk) => {
        for (const { vendorText } of disk.namespaces) JSON.parse(vendorText).device_name.trim();
      },
    }),
  },
  {
    scenario: 'several NVMe controllers',
    also: ['an NVMe controller that is pulled out while they use it'],
    machine: ON,
    model: mistaken('rings the doorbells of the first controller', ringsTheFirst),
  },
]);
