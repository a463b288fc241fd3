import { virtioNet } from '../../src/guest/index.ts';
import { FloodGuest, type Place } from '../../src/net/gce/flood-rig.ts';
import { FLOODED, NETWORK_BUDGET } from '../setup/network.ts';
import { type Act, anyInterrupts, attach, type Player } from './player.ts';

const [ELSEWHERE, METADATA] = [0x0a09_0807, 0xa9fe_a9fe];
const HTTP: Place = { address: ELSEWHERE, port: 80 };
const ECHO: Place = { address: ELSEWHERE, port: FLOODED.echo };
const GREETS: Place = { address: ELSEWHERE, port: FLOODED.greets };
const NAMES: Place = { address: METADATA, port: 53 };
const SERVER: Place = { address: METADATA, port: 80 };
const text = (said: string) => new Uint8Array(Buffer.from(said));
const GET = `GET ${FLOODED.page} HTTP/1.1\r\n\r\n`;
const WAIT =
  'GET /computeMetadata/v1/instance/name?wait_for_change=true HTTP/1.1\r\nMetadata-Flavor: Google\r\n\r\n';
const QUERY = [0, 26, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 8, ...text('metadata'), 0, 0, 1, 0, 1];
/** IPv4 and UDP, the first of several. */
const FRAGMENT = Uint8Array.of(0x42, 1, 10, 128, 0, 1, 0x42, 1, 10, 128, 0, 2, 8, 0, 0x45, 0, 0, 36, 0, 1);
const MORE = 0x20;

type Flood = (guest: FloodGuest, port: number, size: number) => void;

/** Each with the next port; `size` is 0 to 63. */
const FLOODS: readonly Flood[] = [
  (guest, port) => guest.ask(port, GREETS),
  (guest, port) => guest.open(port, GREETS, 0),
  (guest, port, size) => begin(guest, port, HTTP, text(GET.repeat(size))),
  (guest, port, size) => begin(guest, port, NAMES, Uint8Array.from(Array(size).fill(QUERY).flat())),
  (guest, port, size) => {
    begin(guest, port, HTTP, text('PUT / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n'));
    guest.put(port, HTTP, new Uint8Array(size << 9));
  },
  (guest, port) => begin(guest, port, HTTP, text(GET), 1),
  (guest, port, size) => begin(guest, port, ECHO, new Uint8Array(size << 9)),
  (guest, port) => begin(guest, port, SERVER, text(WAIT)),
  (guest, port, size) => {
    guest.open(port, HTTP);
    for (let i = 0; i < size; i++)
      guest.say(port, HTTP, { sequence: 1002 + 2 * i, payload: new Uint8Array(1) });
  },
];

function begin(guest: FloodGuest, port: number, to: Place, bytes: Uint8Array, window = 0xffff): void {
  guest.open(port, to, window);
  guest.put(port, to, bytes, window);
}

/** Floods Compute Engine's network, which must not keep more than its budget. */
export const floodNetwork: Act = (player) => {
  const { random, handles, networks, wire } = player;
  if (networks.length === 0 || random.below(4) !== 0) return;
  handles.nic ??= attach(player, virtioNet(anyInterrupts(random)));
  if (handles.nic === null) return;
  const guest = new FloodGuest((frame) => exchange(player, guest, frame));
  const flood = FLOODS[random.below(FLOODS.length)]!;
  const first = 1024 + random.below(0x8000);
  for (let times = random.below(100); times > 0; times--) flood(guest, first + times, random.below(64));
  sendFragments(player);
  for (const { kept } of networks)
    if (kept > NETWORK_BUDGET) wire.run.fail(`a network keeps ${kept} bytes, more than its budget`);
};

function exchange({ handles }: Player, guest: FloodGuest, frame: Uint8Array): void {
  const nic = handles.nic!;
  nic.send(frame);
  for (let came = nic.receive(); came !== null; came = nic.receive()) guest.hear(came);
}

function sendFragments({ random, handles }: Player): void {
  for (let times = random.below(8); times > 0; times--) {
    const frame = new Uint8Array(60);
    frame.set(FRAGMENT);
    frame[18] = random.below(256);
    frame[20] = MORE;
    frame[21] = random.below(256);
    handles.nic!.send(frame);
  }
}
