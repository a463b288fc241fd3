import { changeBytes, changeDoorbells } from '../../conformance/broken/behind-gvnic.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import { breakingGvnic } from '../../conformance/broken/broken-gvnic.ts';
import { FRAME } from '../../conformance/reference.ts';
import { swap32 } from '../../core/bits.ts';
import type { GvnicDriver } from '../../guest/index.ts';
import { gqi_rx_data_slot } from '../../gvnic/registers/gqi.ts';

/** The first index of the doorbells of receive queues. */
const RECEIVE = 0x200;
/** Slots of a ring. */
const RING = 1024;

const posts = (nic: GvnicDriver) => nic.post(FRAME);
const broken = breakingGvnic('GQI_QPL', posts);
const brokenDqo = breakingGvnic('DQO_RDA', posts);
type Port = Parameters<typeof changeBytes>[0];

/** Other values of the doorbell. */
const ringing = (change: (value: number) => number) => (port: Port, bdf: number) =>
  changeDoorbells(port, bdf, RECEIVE, (write, address, value) => write(address, change(value) >>> 0, 4));
/** Other slots of the ring of buffers. */
const slots = (change: (slot: Uint8Array) => void) => (port: Port) =>
  changeBytes(port, gqi_rx_data_slot.size, change);
/** Two frames come in. */
const receiving = (driver: BrokenDriver): BrokenDriver => ({
  ...driver,
  act: (machine, use) => {
    use();
    for (let i = 0; i < 2; i++) machine.nics[0]!.receive(FRAME);
  },
});

export const MUTANTS: readonly BrokenDriver[] = [
  broken(
    'gives more buffers than the ring has',
    'gvnic/RX-COUNT',
    ringing((value) => swap32((swap32(value) >>> 0) + RING)),
  ),
  brokenDqo(
    'shows its buffers one by one',
    'gvnic/RX-EIGHT',
    ringing((value) => value - 1),
  ),
  brokenDqo(
    'writes the doorbell of a DQO receive queue big-endian',
    'gvnic/RX-TAIL',
    ringing((value) => swap32(value)),
  ),
  brokenDqo(
    'leaves eight buffers with a queue that joins segments',
    'gvnic/RX-FEW',
    ringing(() => 8),
  ),
  receiving(
    broken(
      'gives addresses where offsets are meant',
      'gvnic/RX-SLOT',
      slots((slot) => {
        slot[0] = 1;
      }),
    ),
  ),
  receiving(
    broken(
      'begins its buffers behind headers of its own',
      'gvnic/RX-HALF',
      slots((slot) => {
        slot[7] = 64;
      }),
    ),
  ),
  receiving(
    broken(
      'rings for buffers that are not filled in',
      'gvnic/RX-TWICE',
      slots((slot) => slot.fill(0)),
    ),
  ),
];
