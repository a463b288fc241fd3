import { mkdirSync, writeFileSync } from 'node:fs';
import { measured } from '../host.ts';
import { findPeers } from './build.ts';
import { CELLS, type Cell } from './cells.ts';
import { ramImage } from './image.ts';
import { orderFor } from './order.ts';
import { Peer, type PeerKind } from './peer.ts';
import { type CellResult, median, type Result, summarize } from './result.ts';

const IMAGES = '.cache/bench/images';
/** Duration of a peer's turn: short, so that a disturbance hits all peers of a cell alike. */
const TURN_NS = 8e6;

/** The peers that took part, and why others did not. */
export interface Attendance {
  readonly peer: string;
  readonly build: string;
  readonly said: string;
  readonly present: boolean;
}

/** A peer at a cell: the repetitions per turn, and the time of each turn. */
interface Seat {
  readonly cell: Cell;
  readonly kind: PeerKind;
  readonly peer: Peer | null;
  readonly image: string;
  repeats: number;
  readonly nsPerChain: number[];
  allocated: number | null;
}

/**
 * Measures every cell with every peer. In a round each cell is visited once and all its peers take a turn, one
 * after the other, before the next cell; the median of the rounds counts.
 */
export async function measureVirtqueues(
  rounds: number,
  only: (cell: Cell) => boolean = () => true,
  takesPart: (kind: PeerKind) => boolean = () => true,
): Promise<{ result: Result; attendance: Attendance[] }> {
  const { peers, attendance, kinds } = await startPeers(takesPart);
  const seats = CELLS.filter(only).flatMap((cell) => {
    const image = writeImage(cell);
    return (
      kinds
        .filter(({ build, rings }) => rings.includes(cell.ring) && (build !== 'wasm' || cell.copy))
        // Chains of a watched driver come one by one.
        .filter(({ build }) => build !== 'batch' || cell.scenario.monitored !== true)
        .map((kind): Seat => {
          const peer = peers.get(seatName(kind, cell.ring, cell.scenario.monitored === true)) ?? null;
          return { cell, kind, peer, image, repeats: 1, nsPerChain: [], allocated: null };
        })
    );
  });
  const taken = seats.filter(({ peer }) => peer !== null);
  for (const seat of taken) await calibrate(seat);
  for (let round = 0; round < rounds; round++)
    for (const seat of taken) seat.nsPerChain.push((await turn(seat, false)).nsPerChain);
  for (const seat of taken) if (seat.kind.heap) seat.allocated = (await turn(seat, true)).allocated;
  for (const peer of peers.values()) peer.stop();
  return { result: resultOf(seats, rounds), attendance };
}

async function startPeers(takesPart: (kind: PeerKind) => boolean) {
  const kinds = findPeers().filter(takesPart);
  const peers = new Map<string, Peer>();
  const attendance: Attendance[] = [];
  for (const kind of kinds)
    for (const ring of kind.rings) {
      const peer = await Peer.start(kind);
      const { peer: name, build } = kind;
      if (peer instanceof Peer) peers.set(seatName(kind, ring, false), peer);
      const watched = seatName(kind, ring, true);
      const other = watched === seatName(kind, ring, false) ? null : await Peer.start(kind);
      if (other instanceof Peer) peers.set(watched, other);
      if (ring !== kind.rings[0]) continue;
      const present = peer instanceof Peer;
      attendance.push({ peer: name, build, present, said: present ? peer.version : peer });
    }
  return { peers, attendance, kinds };
}

/** A watched driver has its own process, so that the engine's optimisations there do not slow the others. */
function seatName({ peer, build }: PeerKind, ring: string, watched: boolean): string {
  return `${peer} ${build} ${ring}${watched && peer === 'guestrig' ? ' watched' : ''}`;
}

function writeImage(cell: Cell): string {
  mkdirSync(IMAGES, { recursive: true });
  const { scenario, ring, indirect, batch } = cell;
  const path = `${IMAGES}/${ring}-${scenario.name}${indirect ? '-indirect' : ''}-${batch}.bin`;
  writeFileSync(path, ramImage(cell));
  return path;
}

/** Doubles the work until it fills a turn; this is also the warm-up. */
async function calibrate(seat: Seat): Promise<void> {
  for (;;) {
    const { cpuNs } = await turn(seat, false);
    if (cpuNs >= TURN_NS) return;
    seat.repeats *= 2;
  }
}

async function turn({ cell, peer, image, repeats }: Seat, heap: boolean) {
  const { cpuNs, chains, allocated } = await peer!.carryOut(orderFor(cell, image, repeats, heap));
  return { cpuNs, nsPerChain: cpuNs / chains, allocated };
}

function resultOf(seats: readonly Seat[], rounds: number): Result {
  const cells = seats.map(({ cell, kind, peer, nsPerChain, allocated }): CellResult => {
    const { scenario, ring, indirect, copy, batch } = cell;
    const c = seats.find((other) => other.cell === cell && other.kind.peer === 'c');
    return {
      scenario: scenario.name,
      ring,
      indirect,
      copy,
      batch,
      peer: kind.peer,
      build: kind.build,
      nsPerChain: peer === null ? null : median(nsPerChain),
      ratioToC: peer && c?.peer ? medianRatio(nsPerChain, c.nsPerChain) : null,
      bytesAllocatedPerChain: allocated,
    };
  });
  return { ...measured(rounds, cells), summary: summarize(cells) };
}

/** Median of each round's ratio: a disturbance of a whole round cancels out. */
function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((ns, round) => ns / theirs[round]!));
}
