import type { Random } from '../../src/core/random.ts';
import { nvme } from '../../src/guest/index.ts';
import { anyValue } from '../guest/values.ts';
import { type Act, anyBytes, attach, closing, sleeping } from './player.ts';

const BLOCK = 4096;

/** The reference driver of NVMe reads, writes, and gives back what it does not need. */
export const useNvme: Act = (player) => {
  const { random, handles } = player;
  if (handles.nvme === null || random.below(64) === 0)
    handles.nvme = attach(
      player,
      nvme({
        interrupts: (['polled', 'intx', 'msix'] as const)[random.below(3)]!,
        queues: 1 + random.below(2),
        entries: [2, 3, 64, 1024][random.below(4)]!,
      }),
    );
  if (handles.nvme === null) return;
  for (let times = 1 + random.below(8); times > 0; times--) USES[random.below(USES.length)]!(player);
};

const read: Act = ({ handles, random }) =>
  void handles.nvme!.read(namespace(random), lba(random), 1 + random.below(40));
const write: Act = ({ handles, random }) =>
  handles.nvme!.write(namespace(random), lba(random), anyBytes(random, BLOCK * (1 + random.below(8))), {
    durable: random.below(2) === 0,
  });
const compare: Act = ({ handles, random }) =>
  void handles.nvme!.compare(namespace(random), lba(random), anyBytes(random, BLOCK));
const flush: Act = ({ handles, random }) => handles.nvme!.flush(namespace(random));
const zeroes: Act = ({ handles, random }) =>
  handles.nvme!.writeZeroes(namespace(random), lba(random), 1 + random.below(0x1_0000));
const verify: Act = ({ handles, random }) =>
  handles.nvme!.verify(namespace(random), lba(random), 1 + random.below(0x1_0000));
const deallocate: Act = ({ handles, random }) =>
  handles.nvme!.deallocate(
    namespace(random),
    Array.from({ length: 1 + random.below(4) }, () => ({ lba: lba(random), count: anyValue(random, 4) })),
  );
const temperature: Act = ({ handles }) => void handles.nvme!.temperature();
const follow: Act = ({ handles }) => void handles.nvme!.follow();

const USES: readonly Act[] = [
  read,
  read,
  write,
  write,
  compare,
  flush,
  zeroes,
  verify,
  deallocate,
  temperature,
  follow,
  sleeping('nvme'),
  closing('nvme'),
];

function namespace(random: Random): number {
  return random.below(8) === 0 ? anyValue(random, 4) : 1 + random.below(2);
}

function lba(random: Random): number {
  return random.below(4) === 0 ? anyValue(random, 4) : random.below(64);
}
