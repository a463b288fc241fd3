import { gvnic } from '../../src/guest/index.ts';
import type { QueueFormat } from '../../src/gvnic/registers/descriptor.ts';
import { exchanging } from './cards.ts';
import { anyFrame } from './frames.ts';
import { type Act, attach, closing, sleeping } from './player.ts';

const FORMATS: readonly (QueueFormat | undefined)[] = ['GQI_QPL', 'GQI_RDA', 'DQO_RDA', 'DQO_QPL', undefined];
const MSS = [1, 8, 100, 536, 1460, 9000];
const TCP_AT = 34;
const TCP_CHECKSUM = 16;
const HEADERS = 54;

/** The reference driver of gVNIC sends, receives and asks. */
export const useGvnic: Act = (player) => {
  const { random, handles } = player;
  if (handles.gvnic === null || random.below(64) === 0) {
    const format = FORMATS[random.below(FORMATS.length)];
    handles.gvnic = attach(
      player,
      gvnic({
        interrupts: random.below(2) === 0 ? 'polled' : 'msix',
        pairs: 1 + random.below(2),
        ...(format !== undefined && { format }),
      }),
    );
  }
  if (handles.gvnic === null) return;
  for (let times = 1 + random.below(8); times > 0; times--) USES[random.below(USES.length)]!(player);
};

const sendLarge: Act = ({ handles, random }) =>
  handles.gvnic!.sendOffloaded(anyFrame(random, 'partial'), {
    csumStart: random.below(8) === 0 ? random.below(256) : TCP_AT,
    csumOffset: random.below(8) === 0 ? random.below(256) : TCP_CHECKSUM,
    ...(random.below(4) !== 0 && {
      cut: {
        mss: MSS[random.below(MSS.length)]!,
        headerLength: random.below(4) === 0 ? random.below(256) : HEADERS,
      },
    }),
  });

const ask: Act = ({ handles, random }) => {
  const nic = handles.gvnic!;
  const chance = random.below(4);
  if (chance === 0) nic.reportStatistics();
  else if (chance === 1) nic.spread(Array.from({ length: 128 }, () => random.below(2)));
  else if (chance === 2) void nic.speed;
  else void nic.linkUp;
};

const USES: readonly Act[] = [...exchanging('gvnic'), sendLarge, ask, sleeping('gvnic'), closing('gvnic')];
