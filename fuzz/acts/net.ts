import { virtioNet } from '../../src/guest/index.ts';
import { exchanging } from './cards.ts';
import { anyFrame } from './frames.ts';
import { type Act, anyBytes, anyInterrupts, attach, closing } from './player.ts';

const MSS = [1, 8, 100, 536, 1460, 9000, 65_535];

/** The reference driver of NICs sends, receives and switches. */
export const useNet: Act = (player) => {
  const { random, handles } = player;
  if (handles.nic === null || random.below(64) === 0)
    handles.nic = attach(player, virtioNet(anyInterrupts(random)));
  if (handles.nic === null) return;
  for (let times = 1 + random.below(8); times > 0; times--) USES[random.below(USES.length)]!(player);
};

const sendPartial: Act = ({ handles, random }) => {
  const [start, offset] = random.below(4) === 0 ? [random.below(0x1_0000), random.below(0x1_0000)] : [34, 16];
  handles.nic!.sendPartial(anyFrame(random, 'partial').subarray(0, 1514), start, offset);
};

const sendLarge: Act = ({ handles, random }) =>
  handles.nic!.sendTso(anyFrame(random, 'partial'), {
    mss: MSS[random.below(MSS.length)]!,
    headerLength: random.below(4) === 0 ? random.below(256) : 54,
    csumStart: random.below(8) === 0 ? random.below(256) : 34,
    csumOffset: random.below(8) === 0 ? random.below(256) : 16,
  });

const configure: Act = ({ handles, random }) => {
  const nic = handles.nic!;
  const chance = random.below(4);
  if (chance === 0) nic.setPairs(1 + random.below(nic.pairsMax));
  else if (chance === 1) nic.setOffloads(0);
  else if (chance === 2) nic.setMac(anyBytes(random, 6));
  else void nic.linkUp;
};

const USES: readonly Act[] = [...exchanging('nic'), sendPartial, sendLarge, configure, closing('nic')];
