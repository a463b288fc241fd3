import type { Driver, GuestPort } from 'guestrig';
import { startFunction } from './function.js';
import { makeRing } from './ring.js';

const REQUESTS = 2;
/** Bytes of virtio_scsi_req_cmd and of virtio_scsi_resp_cmd, and where the answers are: virtio 1.4, 5.6.6.1. */
const [REQUEST, RESPONSE] = [51, 108];
const [STATUS, RESULT] = [10, 11];
const CDB = 19;
const [GOOD, CHECK_CONDITION] = [0, 2];
const READ_10 = 0x28;
const BLOCK = 512;
const SECOND = 1_000_000_000;

/** A disk that reads a few blocks at a time. */
function startDisk(port: GuestPort, bdf: number) {
  const { memory } = port;
  const [request, response] = [port.allocate(REQUEST, 16), port.allocate(RESPONSE, 16)];
  const data = port.allocate(128 * BLOCK, 512);
  const requests = startFunction(port, bdf, (base) => makeRing(port, base, REQUESTS));

  /** @returns the SCSI status. */
  function command(target: number, cdb: readonly number[], length: number): number {
    memory.fill(request, 0, REQUEST);
    memory.write(request, Uint8Array.of(1, target, 0x40, 0));
    memory.write(request + CDB, Uint8Array.from(cdb));
    requests.offer([
      [request, REQUEST, 'r'],
      [response, RESPONSE, 'w'],
      [data, length, 'w'],
    ]);
    if (!port.wait(requests.isDone, SECOND)) throw new Error('the disk did not answer');
    if (memory.load(response + RESULT, 1) !== 0) throw new Error(`no disk at target ${target}`);
    return memory.load(response + STATUS, 1);
  }

  return {
    read(target: number, block: number, blocks: number): Uint8Array {
      const cdb = [READ_10, 0, block >>> 24, block >>> 16, block >>> 8, block, 0, blocks >>> 8, blocks, 0];
      // The first command after power-on is answered with a unit attention, and done again.
      let status = command(target, cdb, blocks * BLOCK);
      if (status === CHECK_CONDITION) status = command(target, cdb, blocks * BLOCK);
      if (status !== GOOD) throw new Error(`READ (10) ended with status ${status}`);
      const bytes = new Uint8Array(blocks * BLOCK);
      memory.read(data, bytes);
      return bytes;
    },
  };
}

export const myDisk: Driver<ReturnType<typeof startDisk>> = {
  name: 'my-disk',
  matches: ({ vendor, device }) => vendor === 0x1af4 && device === 0x1004,
  attach: startDisk,
};
