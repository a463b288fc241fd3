import { FRAME } from '../../src/conformance/reference.ts';
import type { GvnicDriver } from '../../src/guest/index.ts';
import type { Machine } from '../../src/index.ts';
import { type Case, judged, known } from './play.ts';

/** More frames than a ring has buffers; and looks for frames, of 10 ms each, by a driver that took them all. */
const [FRAMES, LOOKS, EACH] = [1100, 20, 10_000_000];

/** Frames come for a driver that takes them. */
function framesCome(machine: Machine, use: () => void): void {
  use();
  for (let i = 0; i < FRAMES; i++) machine.nics[0]!.receive(FRAME);
  use();
}

const takes = (nic: GvnicDriver) => {
  for (let i = 0; i < FRAMES; i++) nic.receive();
  for (let i = 0; i < LOOKS; i++) nic.receiveWithin(EACH);
};

export const GVNIC_CASES: readonly Case[] = known(
  ['gvnic/RX-COUNT', 'gvnic/RX-TAIL', 'gvnic/RX-SLOT'],
  ({ machine }) => judged({ machine: machine!, act: framesCome }),
  (model) => ({
    ...model,
    run: (_port, handles) => handles.forEach((nic) => void takes(nic as GvnicDriver)),
  }),
);
