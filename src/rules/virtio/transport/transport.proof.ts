import { driverScripts } from '../scripted-driver.proof.ts';
import type { INTERFACE_RULES } from './interfaces.ts';
import type { KICKS } from './kick.ts';
import type { LAYOUT } from './layout.ts';
import type { QUEUE_SETUP } from './queue-setup.ts';
import type { VECTOR_RULES } from './vectors.ts';

/** A legacy driver by the book, and a modern one without any feature of kicks. */
const OPEN = 'reset read=0 status=1 status=3 offer';
const LEGACY = `${OPEN} accept=8000000 size queue=100 status=7`;
/** Two queues of eight entries, whose memory is two pages each; the second has none yet. */
const LEGACY_QUEUES = `${OPEN} accept=8000000 size queue=100 select=1 size`;
const agreed = (second: string) =>
  `${OPEN} offer-word=1 offer word=0 accept=0 word=1 accept=${second} status=b read=b`;
const ADDRESSES = 'desc=1000 driver=2000 device=3000';
const modern = (second: string) => `${agreed(second)} ${ADDRESSES} enable=1 status=f`;
/** VERSION_1; beside it RING_PACKED, NOTIFICATION_DATA, NOTIF_CONFIG_DATA, RING_RESET, ADMIN_VQ. */
const PLAIN = '1';
const PACKED = '5';
const DATA = '41';
const PACKED_DATA = '45';
const OWN = '81';
const BOTH = 'c1';
const RESET = '101';
const ADMIN = '201';
/** Offers only these, so that no rule on features to accept is broken. */
const WORDS = (second: string) => [
  27,
  ...Array.from({ length: 10 }, (_, bit) => bit)
    .filter((bit) => (Number.parseInt(second, 16) >> bit) & 1)
    .map((bit) => 32 + bit),
];

const inLegacy = driverScripts<keyof typeof LAYOUT | 'virtio/PCI-KICK-D1' | LegacyOnly>(
  ['legacy'],
  {
    'virtio/PCI-LAYOUT-D1': ['isr:4', LEGACY],
    'virtio/PCI-LAYOUT-D2': ['size:4', LEGACY],
    'virtio/PCI-LAYOUT-D3': [`${OPEN} offer:2`, LEGACY],
    'virtio/PCI-LEG-IMP-1': ['msix read-vector:1', 'msix read-vector'],
    'virtio/VQ-IMP-16': ['set-offer=1', LEGACY],
    'virtio/PCI-COMMON-D1': ['', ''],
    'virtio/PCI-KICK-D1': [`${LEGACY} kick:4`, `${LEGACY} kick`],
    'virtio/PCI-KICK-D3': [`${LEGACY} kick=2`, `${LEGACY} kick`],
    'virtio/VQ-SPLIT-LEG-D1': [LEGACY.replace('size ', ''), LEGACY],
    'virtio/VQ-SPLIT-LEG-D2': [`${LEGACY_QUEUES} queue=101`, `${LEGACY_QUEUES} queue=102`],
    'virtio/VQ-IMP-30': [`${LEGACY_QUEUES} status=7 kick=1`, `${LEGACY} kick`],
    'virtio/VQ-IMP-15': [`${OPEN} select=2 size queue=100`, LEGACY],
    'virtio/MSIX-D2': ['vector=3 read-vector', 'vector=2 read-vector'],
    'virtio/MSIX-D3': ['msix vector=2 select=1', 'msix vector=2 read-vector select=1'],
    'virtio/MSIX-IMP-1': [
      `${LEGACY} vector=2 read-vector`,
      LEGACY.replace('status=7', 'vector=2 read-vector status=7'),
    ],
    'virtio/PCI-ISR-D1': [`msix ${LEGACY} isr`, `msix isr ${LEGACY} interrupt`],
  },
  WORDS(PLAIN),
);

type LegacyOnly =
  | 'virtio/PCI-KICK-D3'
  | 'virtio/VQ-SPLIT-LEG-D1'
  | 'virtio/VQ-SPLIT-LEG-D2'
  | 'virtio/VQ-IMP-15'
  | 'virtio/VQ-IMP-30'
  | keyof typeof VECTOR_RULES;

const plain = driverScripts<PlainOnly>(
  ['modern'],
  {
    'virtio/PCI-COMMON-D1': ['reset read=0 set-offer=1', modern(PLAIN)],
    'virtio/PCI-COMMON-D3': [`${agreed(PLAIN)} set-size=3`, `${agreed(PLAIN)} set-size=4`],
    'virtio/PCI-COMMON-D4': [`${modern(PLAIN)} desc=1000`, modern(PLAIN)],
    'virtio/PCI-COMMON-D6': [`${modern(PLAIN)} enable=0`, modern(PLAIN)],
    'virtio/VQ-SPLIT-D1': [modern(PLAIN).replace('device=3000', 'device=3002'), modern(PLAIN)],
    'virtio/VQ-IMP-1': [`${agreed(PLAIN)} set-size=10`, `${agreed(PLAIN)} set-size=8`],
    'virtio/VQ-IMP-27': [modern(PLAIN).replace('device=3000', 'device=2004'), modern(PLAIN)],
  },
  WORDS(PLAIN),
);

type PlainOnly =
  | 'virtio/PCI-COMMON-D1'
  | 'virtio/PCI-COMMON-D3'
  | 'virtio/PCI-COMMON-D4'
  | 'virtio/PCI-COMMON-D6'
  | 'virtio/VQ-SPLIT-D1'
  | 'virtio/VQ-IMP-1'
  | 'virtio/VQ-IMP-27';

/** One script of a driver that accepts the features of `second`, and no others are offered. */
function accepting<Id extends string>(second: string, id: Id, breaks: string, keeps: string) {
  const rows = { [id]: [`${modern(second)} ${breaks}`, `${modern(second)} ${keeps}`] } as const;
  return driverScripts<Id>(
    ['modern'],
    rows as Readonly<Record<Id, readonly [string, string]>>,
    WORDS(second),
  );
}

export const LAYOUT_PROOFS = { ...inLegacy, ...plain };

export const KICK_PROOFS = {
  ...accepting(PLAIN, 'virtio/PCI-KICK-IMP-1', 'kick-nowhere', 'kick'),
  ...accepting(DATA, 'virtio/PCI-KICK-D2', 'kick:2', 'kick:4'),
  ...accepting(DATA, 'virtio/PCI-KICK-D4', 'kick=1:4', 'kick:4'),
  ...accepting(OWN, 'virtio/PCI-KICK-D5', 'kick', 'kick=4e00'),
  ...accepting(BOTH, 'virtio/PCI-KICK-D6', 'kick:4', 'kick=4e00:4'),
  ...accepting(DATA, 'virtio/VQ-IMP-10', 'wrong-position', 'position'),
  ...accepting(PACKED_DATA, 'virtio/PACKED-DESC-D3', 'wrong-position', 'position'),
};

const AGAIN = `read-reset ${ADDRESSES} enable=1`;
export const QUEUE_SETUP_PROOFS = {
  ...accepting(PACKED, 'virtio/PCI-COMMON-D2', 'select=1 set-size=0', 'select=1 set-size=4'),
  ...accepting(RESET, 'virtio/PCI-COMMON-D7', `reset-queue=1 ${ADDRESSES}`, `reset-queue=1 ${AGAIN}`),
  ...accepting(ADMIN, 'virtio/PCI-COMMON-D8', 'select=4 set-size=8', 'select=3 set-size=8'),
  ...accepting(RESET, 'virtio/VQRESET-D1', 'reset-queue=1 kick', `reset-queue=1 ${AGAIN} kick`),
  ...accepting(RESET, 'virtio/VQREENABLE-D1', 'reset-queue=1 read-reset enable=1', `reset-queue=1 ${AGAIN}`),
  ...driverScripts<'virtio/VQ-IMP-40'>(
    ['modern'],
    { 'virtio/VQ-IMP-40': [`${modern(PLAIN)} reset-queue=1`, `${modern(RESET)} reset-queue=1`] },
    WORDS(RESET),
  ),
} satisfies Partial<Record<keyof typeof QUEUE_SETUP | keyof typeof KICKS, unknown>>;

export const INTERFACE_PROOFS = driverScripts<keyof typeof INTERFACE_RULES>(
  ['legacy', 'modern'],
  {
    'virtio/PCI-CAP-D1': ['decoy=0', 'modern offer'],
    'virtio/PCI-CAP-D4': ['decoy=1', 'modern offer'],
    'virtio/PCI-CAP-D2': ['decoy=2', 'modern offer'],
    'virtio/PCI-CAP-D3': ['decoy=3', 'modern offer'],
    'virtio/PCI-CAP-D6': ['decoy=4', 'modern offer'],
    'virtio/PCI-CAP-D7': ['set-capability', 'set-command'],
    'virtio/PCI-CAP-IMP-1': ['astray=300', `look modern ${agreed(PLAIN)}`],
    'virtio/PCI-LEG-D1': [`look ${LEGACY} modern offer`, `look ${LEGACY} offer`],
    'virtio/PCI-LEGDET-D1': [LEGACY, `look ${LEGACY}`],
    'virtio/PCI-LEGDET-D3': [`modern ${agreed(PLAIN)}`, `look modern ${agreed(PLAIN)}`],
    'virtio/PCI-CFGACC-D1': ['window-unaligned=2', 'window=4'],
    'virtio/PCI-CFGACC-D2': ['window-outside=999', 'window=4'],
  },
  WORDS(PLAIN),
);
