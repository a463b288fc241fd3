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
        `${vendor} ${product} ${revision}, ${size(blocks * logicalBlock)}, ${logicalBlock}/${physicalBlock}, ${read(sha256)}`,
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

function read(sha256: string | null): string {
  return sha256 === null ? 'not read whole' : `SHA-256 ${sha256.slice(0, SHOWN_DIGITS)}…`;
}

function size(bytes: number): string {
  return bytes % (1 << 20) === 0 ? `${bytes / (1 << 20)} MiB` : `${bytes} bytes`;
}
