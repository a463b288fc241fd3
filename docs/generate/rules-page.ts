import { readFileSync } from 'node:fs';
import type { ClauseId } from '../../src/rules/index.ts';
import { type Answer, CONDUCT, type Conduct, type Fault } from '../../src/virtio/faults/strictness.ts';
import { type Breach, type ModernBreach, READ } from './judging/breach.ts';
import { LEGACY_BREACHES } from './judging/legacy-breaches.ts';
import { MODERN_BREACHES } from './judging/modern-breaches.ts';
import { NO_BREACHES } from './judging/no-breaches.ts';
import { RING_BREACHES } from './judging/ring-breaches.ts';
import { code, filled, table } from './markdown.ts';

const HEAD = ['The driver', 'Clause', 'QEMU', 'crosvm', 'Firecracker', 'virtio-queue, Cloud Hypervisor'];
const NONE = '–';

/** The page with its tables written anew. */
export async function rulesPage(): Promise<string> {
  return filled(readFileSync(new URL('../rules.md', import.meta.url), 'utf8'), {
    strictness: strictness(),
    sources: Object.values(READ)
      .map((source) => `- ${source}`)
      .join('\n'),
    legacy: table([
      ['The driver', 'Clause', 'QEMU'],
      ...rowsOf<Breach>(LEGACY_BREACHES, ({ qemu }) => [qemu]),
    ]),
    split: table([HEAD, ...rowsOf(RING_BREACHES, others)]),
    modern: table([HEAD, ...rowsOf(MODERN_BREACHES, others)]),
    harmless: table([['The driver', 'Why it breaks nothing'], ...Object.entries(NO_BREACHES)]),
  });
}

function rowsOf<B extends Breach>(
  breaches: Readonly<Record<string, B>>,
  does: (breach: B) => string[],
): string[][] {
  return Object.entries(breaches).map(([name, breach]) => [name, clausesOf(breach), ...does(breach)]);
}

function clausesOf({ told, below = [] }: Breach): string {
  const heads = told.map(code).join(', ');
  return below.length === 0 ? heads : `${heads}; below: ${below.map(code).join(', ')}`;
}

function others({ qemu, crosvm, firecracker, cloudHypervisor }: ModernBreach): string[] {
  return [qemu, ...[crosvm, firecracker, cloudHypervisor].map((does) => does ?? NONE)];
}

/** The clause that the driver breaks, or the page that tells which. */
const BREAKS: Readonly<Record<Fault, ClauseId | null>> = {
  'DRIVER without ACKNOWLEDGE': 'virtio/INIT-D2',
  'DRIVER_OK before DRIVER': 'virtio/STATUS-D1',
  'status bit lost': 'virtio/STATUS-D2',
  'status after FAILED': 'virtio/STATUS-D3',
  'FEATURES_OK on legacy': 'virtio/INIT-LEG-D1',
  'no FEATURES_OK': 'virtio/INIT-D5',
  'FEATURES_OK refused': 'virtio/INIT-D12',
  'features before DRIVER': 'virtio/INIT-D3',
  'features after DRIVER_OK': 'virtio/INIT-D4',
  'features after FEATURES_OK': 'virtio/INIT-D10',
  'feature not offered': 'virtio/FEAT-D1',
  'feature without another': null,
  'no VERSION_1': 'virtio/RFEAT-D1',
  'no ACCESS_PLATFORM': 'virtio/RFEAT-D2',
  'config before FEATURES_OK': 'virtio/INIT-D9',
  'queue set up out of turn': 'virtio/INIT-D7',
  'kick before DRIVER_OK': 'virtio/INIT-D13',
  'segments without number': null,
  'queue not in use': 'virtio/NET-MQ-D4',
  'frame beyond mtu': 'virtio/NET-CFG-D9',
  ring: null,
};

/** Rows that stand for many clauses, or for none. */
const MANY: Readonly<Record<string, string>> = {
  'feature without another': '`virtio/NET-FEAT-…`',
  'segments without number': 'none: it is a limit of this device',
  ring: '[malformed rings](#malformed-rings)',
};

function strictness(): string {
  const head = [
    'What the driver did',
    'Clause',
    'Legacy, lenient',
    'Legacy, strict',
    'Modern, lenient',
    'Modern, strict',
  ];
  const rows = (Object.keys(CONDUCT) as Fault[]).map((fault) => {
    const { what, legacy, modern }: Conduct = CONDUCT[fault];
    const clause = BREAKS[fault];
    const answers = [legacy?.lenient, legacy?.strict, modern?.lenient, modern?.strict];
    return [what, clause === null ? MANY[fault]! : code(clause), ...answers.map(show)];
  });
  return table([head, ...rows]);
}

function show(answer: Answer | undefined): string {
  return answer ?? NONE;
}
