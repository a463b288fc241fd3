import { type GvnicDriver, gvnic } from '../../guest/index.ts';
import { makeFrame, partsOf } from '../../net/frame/make.ts';
import type { DriverModel } from '../model/model.ts';
import { FRAME, referenceUses } from '../reference.ts';

/** More than one segment of Compute Engine's networks, and more than a page of a driver's. */
const PAYLOAD = 5000;
const MSS = 1400;
/** That of Compute Engine's networks. */
const MTU = 1460;
/** It has no disk. */
const { read: _read, write: _write, flush: _flush, ...uses } = referenceUses;
/** Virtual nanoseconds of silence that end a burst. */
const SILENCE = 1_000_000;

/** The reference driver of a gVNIC: frames of all kinds that a card offloads, and what comes back. */
export const thoroughGvnic: DriverModel = {
  name: 'reference gVNIC',
  drivers: [gvnic({ mtu: MTU })],
  run: (_port, handles) => {
    for (const nic of handles as readonly GvnicDriver[]) {
      nic.reportStatistics();
      nic.spread([nic.pairs - 1, 0]);
      if (nic.speed === 0) throw new Error('a link without a speed');
      nic.send(FRAME);
      nic.send(makeFrame({ payload: new Uint8Array(MSS) }));
      for (const version of [4, 6] as const) sendOpen(nic, version);
      while (nic.receiveWithin(SILENCE) !== null);
    }
  },
  use: uses,
};

/** The same, with rules about which queue gets a flow. */
export const rulingGvnic: DriverModel = {
  name: 'reference gVNIC with flow rules',
  drivers: [gvnic()],
  run: (_port, handles) => {
    for (const nic of handles as readonly GvnicDriver[])
      nic.addFlowRule({ location: 1, type: 'TCPv4', queue: 0, destinationPort: 80 });
  },
};

/** A frame whose checksum the card completes, and one that it cuts. */
function sendOpen(nic: GvnicDriver, version: 4 | 6): void {
  const { upper, field, payload } = partsOf({ version });
  const at = { csumStart: upper, csumOffset: field };
  nic.sendOffloaded(makeFrame({ version, sum: 'partial' }), at);
  const large = makeFrame({ version, payload: new Uint8Array(PAYLOAD), sum: 'partial' });
  nic.sendOffloaded(large, { ...at, cut: { mss: MSS, headerLength: payload } });
}
