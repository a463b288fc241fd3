import { expect, test } from 'vitest';
import { virtioNetDriver } from '../../src/guest/index.ts';
import { Clock, gceN1, Switch } from '../../src/index.ts';
import { repeats } from '../repeats.ts';

const FRAMES = repeats(250_000, 1_000_000);
/** Fewer than a receive ring of the reference driver has buffers. */
const BATCH = 64;
const NUMBER_AT = 14;

/** A card on a switch, with four pairs of queues. */
function card(lan: Switch, clock: Clock, name: string, mac: string) {
  const machine = gceN1({
    clock,
    judge: false,
    vcpus: 4,
    nics: [{ backend: lan.port(name), mac, queues: 4 }],
  });
  const nic = machine.attach(virtioNetDriver);
  nic.setPairs(nic.pairsMax);
  return nic;
}

test(`${FRAMES} frames go from one reference driver to another, none lost, in order`, () => {
  const [lan, clock] = [new Switch(), new Clock()];
  const [left, right] = [
    card(lan, clock, 'left', '42:01:0a:80:00:02'),
    card(lan, clock, 'right', '42:01:0a:80:00:03'),
  ];
  const frame = new Uint8Array(60);
  frame.set([0x42, 1, 0x0a, 0x80, 0, 3, 0x42, 1, 0x0a, 0x80, 0, 2, 0x88, 0xb5]);
  const view = new DataView(frame.buffer);
  let astray = 0;
  for (let sent = 0, next = 0; sent < FRAMES; ) {
    for (let i = 0; i < BATCH; i++) {
      view.setUint32(NUMBER_AT, sent++);
      left.post(frame);
    }
    left.flush();
    right.poll();
    for (let i = 0; i < BATCH; i++) {
      const got = right.receive();
      astray += Number(
        got === null || new DataView(got.buffer, got.byteOffset).getUint32(NUMBER_AT) !== next++,
      );
    }
  }

  expect([astray, right.receive()]).toEqual([0, null]);
}, 300_000);
