import { createInterface } from 'node:readline';
import { internetSum } from '../../src/net/frame/checksum.ts';
import { makeFrame } from '../../src/net/frame/make.ts';
import { Coalescer, NO_JOINS, Segmenter } from '../../src/net/offload/index.ts';
import { MSS, SEGMENTS } from './cells.ts';

const large = makeFrame({ payload: new Uint8Array(SEGMENTS * MSS).map((_, i) => i * 7), sum: 'partial' });
const bytes = new Uint8Array(65_536).map((_, i) => i * 7);
const segmenter = new Segmenter();
let made = 0;
const count = { send: () => made++ };

const segments: Uint8Array[] = [];
segmenter.segment(large, 'TCPV4', MSS, { send: (frame) => segments.push(frame.slice()) });
let joined = 0;
const coalescer = new Coalescer({ deliver: (packet) => (joined += packet.segments) });
coalescer.joins = { ...NO_JOINS, tcp4: true };

/** What each does once; the result is checked, so that nobody leaves it out. */
const WORKS: Readonly<Record<string, () => void>> = {
  cut: () => void segmenter.segment(large, 'TCPV4', MSS, count),
  join: () => {
    for (const segment of segments) coalescer.add(segment);
    coalescer.flush();
  },
  'sum 64': () => void (made += internetSum(bytes, 0, 64)),
  'sum 1500': () => void (made += internetSum(bytes, 0, 1500)),
  'sum 65536': () => void (made += internetSum(bytes, 0, 65_536)),
};

/** An order is `REPEATS NAME`; the answer is nanoseconds of processor time. */
for await (const line of createInterface({ input: process.stdin })) {
  const [, repeats = '0', name = ''] = /^(\d+) (.*)$/.exec(line) ?? [];
  const work = WORKS[name]!;
  const before = process.cpuUsage();
  for (let left = Number(repeats); left > 0; left--) work();
  const { user, system } = process.cpuUsage(before);
  if (made + joined === 0) throw new Error('nothing was made');
  console.log((user + system) * 1000);
}
