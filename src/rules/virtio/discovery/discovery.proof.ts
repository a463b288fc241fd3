import { scripts } from '../../script.proof.ts';
import { type BRING_UP_RULES, BringUpWatch } from './bring-up.ts';
import { type DISCOVERY_RULES, DiscoveryWatch, type VirtioFound } from './discovery.ts';

const modern: VirtioFound = {
  subject: 'net0 (00:04.0)',
  device: 0x1041,
  transitional: false,
  byModernId: true,
  byTransitionalId: true,
  refused: [],
};
const transitional: VirtioFound = { ...modern, device: 0x1000, transitional: true };

const finds = (watch: DiscoveryWatch, fn: VirtioFound, taken = 1, known = true) =>
  watch.scanned({ functions: [fn], strangers: [], taken, known });

const passes = (watch: DiscoveryWatch, vendor: number, taken: boolean) =>
  watch.scanned({
    functions: [modern],
    strangers: [{ subject: 'stranger0 (00:05.0)', vendor, device: 0x1110, taken }],
    taken: 1,
    known: true,
  });

export const DISCOVERY_PROOFS = scripts<DiscoveryWatch, keyof typeof DISCOVERY_RULES>(
  (journal) => new DiscoveryWatch(journal),
  {
    'virtio/PCI-DISC-D1': {
      breaks: (watch) => finds(watch, { ...modern, byModernId: false }, 0),
      keeps: (watch) => finds(watch, modern),
    },
    'virtio/PCI-DISC-D2': {
      breaks: (watch) => finds(watch, { ...transitional, byTransitionalId: false }, 0),
      keeps: (watch) => finds(watch, transitional),
    },
    'virtio/PCI-DISC-D3': {
      breaks: (watch) => finds(watch, { ...modern, refused: [0x00, 0xff] }),
      keeps: (watch) => finds(watch, modern),
    },
    'discovery/VENDOR': {
      breaks: (watch) => passes(watch, 0x8086, true),
      keeps: (watch) => passes(watch, 0x8086, false),
    },
    'discovery/DEVICE': {
      breaks: (watch) => passes(watch, 0x1af4, true),
      keeps: (watch) => passes(watch, 0x1af4, false),
    },
    'discovery/NOTHING': {
      breaks: (watch) => finds(watch, { ...modern, byModernId: false, byTransitionalId: false }, 0, false),
      keeps: (watch) => finds(watch, modern),
    },
  },
);

const OK = 0x0f;
const leaves = (watch: BringUpWatch, unusual: string, status: number, threw = false) =>
  watch.attached({ unusual: [unusual], vectors: 1, status, threw, queued: false });

export const BRING_UP_PROOFS = scripts<BringUpWatch, keyof typeof BRING_UP_RULES>(
  (journal) => new BringUpWatch('net0 (00:04.0)', journal),
  {
    'virtio/MSIX-D1': {
      breaks: (watch) => leaves(watch, 'MSI-X table', 0x83),
      keeps: (watch) => leaves(watch, 'MSI-X table', OK),
    },
    'virtio/CFG-D4': {
      breaks: (watch) => leaves(watch, 'long configuration', 0x03, true),
      keeps: (watch) => leaves(watch, 'long configuration', OK),
    },
    'virtio/CFG-D5': {
      breaks: (watch) => leaves(watch, 'odd configuration', 0, true),
      keeps: (watch) => leaves(watch, 'odd configuration', OK),
    },
    'discovery/REVISION': {
      breaks: (watch) => leaves(watch, 'revision', 0x03),
      keeps: (watch) => leaves(watch, 'revision', OK),
    },
  },
);
