import { anyFrame } from './frames.ts';
import type { Act, Handles } from './player.ts';

const PATIENCE = 100_000;
const FRAME = 1514;

/** What the drivers of both network cards do alike: they send one frame or some, and receive what there is. */
export function exchanging(name: 'nic' | 'gvnic'): readonly Act[] {
  const driver = (handles: Handles) => handles[name]!;
  const send: Act = ({ handles, random }) => driver(handles).send(anyFrame(random).subarray(0, FRAME));
  const post: Act = ({ handles, random }) => {
    for (let times = random.below(8); times > 0; times--)
      driver(handles).post(anyFrame(random).subarray(0, FRAME));
    driver(handles).flush();
  };
  const receive: Act = ({ handles }) => {
    for (let most = 16; most > 0 && driver(handles).receiveWithin(PATIENCE) !== null; most--);
  };
  const receiveFromOutside: Act = ({ handles, random, world, machine }) => {
    const nic = random.below(machine.nics.length);
    for (let times = random.below(12); times > 0; times--) world.receive(nic, anyFrame(random));
    driver(handles).poll();
  };
  return [send, post, receive, receiveFromOutside];
}
