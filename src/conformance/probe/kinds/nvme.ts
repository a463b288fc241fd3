import { type NvmeFacts, nvmeDriver } from '../../../guest/index.ts';
import type { ProbedKind } from './kind.ts';
import { hashText, sizeText } from './scsi.ts';

export const controllersKind = {
  function: { what: 'storage', driver: nvmeDriver },
  rows: (seen) =>
    seen.flatMap(({ model, firmware, namespaces }) =>
      namespaces.map(
        ({ nsid, blocks, blockSize, sha256 }) =>
          [
            'nvme',
            `namespace ${nsid}`,
            `${model} ${firmware}, ${sizeText(blocks * blockSize)}, ${blockSize}, ${hashText(sha256)}`,
          ] as const,
      ),
    ),
  json: (seen: readonly NvmeFacts[]) => ({
    nvme: seen.map(({ model, serial, firmware, queues, namespaces }) => ({
      model,
      serial,
      firmware,
      queues,
      namespaces: namespaces.map(({ nsid, blocks, blockSize }) => ({ nsid, blocks, blockSize })),
    })),
  }),
} satisfies ProbedKind<'controllers', NvmeFacts>;
