import { attachedBehind, behind, behindMemory } from '../../src/conformance/broken/behind.ts';
import { changeDescriptors } from '../../src/conformance/broken/behind-ring.ts';
import { rewriteRings } from '../../src/conformance/broken/rewrite-rings.ts';
import { hostOf } from '../../src/conformance/scenarios/rig.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { type ScsiHost, virtioBalloon, virtioScsi } from '../../src/guest/index.ts';
import { INQUIRY_SIZE } from '../../src/guest/scsi/answers.ts';
import { inquiry } from '../../src/guest/scsi/commands.ts';
import { gceN1 } from '../../src/index.ts';
import { BALLOON_QUEUE } from '../../src/virtio/balloon/registers.ts';
import { behindEach, type Case, judged, known } from './play.ts';

const { inflate, deflate } = BALLOON_QUEUE;
const PAGE = 4096;
const PFN = 4;
const NO_PAGE = 0xffff_ffff;
/** An answer to a request, with sense data, and a request for task management. */
const [ANSWER, TASK] = [108, 24];
const SEVERAL = 4;

/** A machine whose balloon asks for several pages. */
function asking() {
  const machine = gceN1({ balloon: true });
  machine.balloon!.target = SEVERAL;
  return machine;
}

/** Bytes are read one by one: of what is copied as a whole a driver may look at a part. */
function readsBytes(port: GuestPort): GuestPort {
  const { memory } = port;
  return behind(port, {
    memory: {
      ...behindMemory(memory, (at, value, width) => memory.store(at, value, width)),
      read: (at, into) => {
        for (let i = 0; i < into.length; i++) into[i] = memory.load(at + i, 1);
      },
    },
  });
}

/** A request for as much as the driver thinks that one may ask for. */
function asksForMost(host: ScsiHost): void {
  const { pagesMax } = hostOf([host]).adapter.requests as unknown as { readonly pagesMax: number };
  host.execute(1, 0, { ...inquiry(INQUIRY_SIZE), dataIn: pagesMax * PAGE });
}

export const SCSI_CASES: readonly Case[] = [
  ...known(['virtio/PACKED-SG-D1', 'virtio/PACKED-IND-D3'], judged, (model) => ({
    ...model,
    run: (_port, [host]) => asksForMost(host as ScsiHost),
  })),
  ...behindEach(
    attachedBehind(virtioScsi({ interrupts: 'polled' }), readsBytes),
    (host) => {
      host.testUnitReady(1);
      host.resetUnit(1);
    },
    judged({ machine: () => gceN1({ virtio: 'modern' }) }),
    {
      'leaves no room for the last byte of an answer': (port) =>
        rewriteRings(port, { 'desc.len': ({ value }) => (value === ANSWER ? ANSWER - 1 : value) }),
      'sends half of a task management request': (port) =>
        rewriteRings(port, { 'desc.len': ({ value }) => (value === TASK ? TASK / 2 : value) }),
    },
  ),
  ...behindEach(
    virtioBalloon({ interrupts: 'polled' }),
    (balloon) => void balloon.follow(),
    judged({ machine: asking }),
    {
      'gives a page that there is not': (port, bdf) =>
        changeDescriptors(port, bdf, inflate, ({ memory, address }) => memory.store(address, NO_PAGE, PFN)),
      'gives a page twice': (port, bdf) =>
        changeDescriptors(port, bdf, inflate, ({ memory, address }) =>
          memory.store(address + PFN, memory.load(address, PFN), PFN),
        ),
    },
  ),
  ...behindEach(
    virtioBalloon({ interrupts: 'polled' }),
    (balloon) => {
      balloon.follow();
      balloon.close();
    },
    judged({ machine: asking }),
    {
      'asks back a page that it kept': (port, bdf) =>
        changeDescriptors(port, bdf, deflate, ({ memory, address }) => memory.store(address, 1, PFN)),
    },
  ),
];
