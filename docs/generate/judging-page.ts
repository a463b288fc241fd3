import { type Breach, type ModernBreach, READ } from './judging/breach.ts';
import { LEGACY_BREACHES } from './judging/legacy-breaches.ts';
import { MODERN_BREACHES } from './judging/modern-breaches.ts';
import { NO_BREACHES, NO_DRIVER } from './judging/no-breaches.ts';
import { AND_SO, BESIDE, KINDS, LEGACY, MODERN, ODD, RINGS, VILLAIN, WATCHED } from './judging/prose.ts';
import { RING_BREACHES } from './judging/ring-breaches.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`docs/generate.ts\` from \`docs/generate/judging\`; a test plays each row of its
tables. Change them, then run \`npm run docs\`.`;

export async function judgingPage(): Promise<string> {
  return page([
    '# How drivers are judged',
    INTRODUCTION,
    WATCHED,
    table([['What', 'How', 'Such as'], ...KINDS.map(([what, how, clause]) => [what, how, code(clause)])]),
    AND_SO,
    VILLAIN,
    BESIDE,
    Object.values(READ)
      .map((source) => `- ${source}`)
      .join('\n'),
    LEGACY,
    table([['The driver', 'Clause', 'QEMU'], ...rowsOf<Breach>(LEGACY_BREACHES, ({ qemu }) => [qemu])]),
    RINGS,
    table([HEAD, ...rowsOf(RING_BREACHES, others)]),
    MODERN,
    table([HEAD, ...rowsOf(MODERN_BREACHES, others)]),
    `${ODD} ${NO_DRIVER}.`,
    table([['The driver', 'Why not'], ...Object.entries(NO_BREACHES)]),
  ]);
}

const HEAD = ['The driver', 'Clause', 'QEMU', 'crosvm', 'Firecracker', 'virtio-queue, Cloud Hypervisor'];
const NOT_THERE = '–';

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
  return [qemu, ...[crosvm, firecracker, cloudHypervisor].map((does) => does ?? NOT_THERE)];
}
