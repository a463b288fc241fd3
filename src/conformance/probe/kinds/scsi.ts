import { type AdapterFacts, virtioScsiDriver } from '../../../guest/index.ts';
import type { ProbedKind } from './kind.ts';

const SHOWN_DIGITS = 16;

export const adaptersKind = {
  function: { what: 'storage', driver: virtioScsiDriver },
  rows: (seen) =>
    disksOf(seen).map(
      ({ target, lun, vendor, product, revision, blocks, logicalBlock, physicalBlock, sha256 }) => [
        'disk',
        `target ${target} lun ${lun}`,
        `${vendor} ${product} ${revision}, ${sizeText(blocks * logicalBlock)}, ${logicalBlock}/${physicalBlock}, ${hashText(sha256)}`,
      ],
    ),
  json: (seen: readonly AdapterFacts[]) => ({
    disks: disksOf(seen).map(({ target, lun, vendor, product, logicalBlock, physicalBlock, blocks }) => ({
      target,
      lun,
      vendor,
      product,
      logicalBlock,
      physicalBlock,
      blocks,
    })),
  }),
} satisfies ProbedKind<'adapters', AdapterFacts>;

function disksOf(seen: readonly AdapterFacts[]): AdapterFacts['disks'] {
  return seen.flatMap(({ disks }) => disks);
}

/** What a disk's blocks are. */
export function hashText(sha256: string | null): string {
  return sha256 === null ? 'not read whole' : `SHA-256 ${sha256.slice(0, SHOWN_DIGITS)}…`;
}

export function sizeText(bytes: number): string {
  return bytes % (1 << 20) === 0 ? `${bytes / (1 << 20)} MiB` : `${bytes} bytes`;
}
