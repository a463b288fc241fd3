import type { MachineOptions } from '../../../machine/options.ts';
import type { ClauseId } from '../../../rules/index.ts';
import type { Oddity } from '../../../rules/virtio/net/deliveries.ts';
import { deliver } from '../../deliveries.ts';
import { receiveAll } from '../moving.ts';
import { plain, type SuiteScenario } from '../scenario.ts';

function odd(oddHeaders: Exclude<Oddity, 'spoil'>): (base: MachineOptions) => MachineOptions {
  return (base) => {
    const { nics = [], ...rest } = plain(base);
    return { ...rest, nics: nics.map((nic) => ({ ...nic, oddHeaders: [oddHeaders] })) };
  };
}

function receiving(
  oddity: Oddity,
  clause: ClauseId,
  name: string,
  why: string,
  options = odd(oddity as Exclude<Oddity, 'spoil'>),
): SuiteScenario {
  return {
    name,
    why,
    provokes: [clause],
    needs: ['receive'],
    options,
    act: (stage) => {
      stage.start();
      deliver(stage.machine, oddity, (count) => receiveAll(stage, count));
    },
  };
}

/** What a device may say of a frame that comes, and no driver is to believe. */
export const HEADERS: readonly SuiteScenario[] = [
  receiving(
    'flags',
    'virtio/NET-RX-D1',
    'frames that come with a flag that nobody knows',
    'a device of a later day may set it',
  ),
  receiving(
    'checksum',
    'virtio/NET-RX-D3',
    'frames that come with the fields of a checksum that is not open',
    'what is not said to be used may hold anything',
  ),
  receiving(
    'hdr_len',
    'virtio/NET-RX-D4',
    'large frames that come with a length of headers that is none',
    'it is a hint, and who trusts it takes bytes that are no header',
  ),
  receiving(
    'spoil',
    'virtio/VQ-USED-D1',
    'frames that come into buffers which hold something else behind them',
    'how much of a buffer was written its used entry says',
    (base) => ({ ...plain(base), completion: { spoil: true } }),
  ),
];
