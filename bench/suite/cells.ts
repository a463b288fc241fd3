/** A suite run with a user waiting for it. */
export interface SuiteCell {
  readonly name: string;
  readonly about: string;
  /** The arguments after `guestrig conform driver.mjs`. */
  readonly argv: readonly string[];
  /** The module. */
  readonly driver: string;
  /** Seconds; null without a limit. */
  readonly must: number | null;
}

const REFERENCE = `import { virtioNet } from 'guestrig/guest';

const FRAME = new Uint8Array(60).fill(0xff, 0, 12);

function* framesOf(nic) {
  for (let frame = nic.receive(); frame !== null; frame = nic.receive()) yield frame;
}

export default {
  name: 'reference',
  drivers: [virtioNet()],
  run: (_port, [nic]) => nic.send(FRAME),
  use: {
    send: (frame, [nic]) => nic.tryPost(frame),
    receive: ([nic]) => [...framesOf(nic)],
    stop: ([nic]) => nic.close(),
    suspend: ([nic]) => nic.suspend(),
    resume: ([nic]) => nic.resume(),
  },
};
`;

const ENDLESS =
  "export default { name: 'endless', drivers: [], run: (port) => { port.in(0x3fd, 1); for (;;); } };\n";

export const SUITE_CELLS: readonly SuiteCell[] = [
  {
    name: 'one seed',
    about: 'the whole suite with one seed, from the start of the command to its end',
    argv: [],
    driver: REFERENCE,
    must: 3,
  },
  {
    name: '50 seeds',
    about: 'the whole suite with 50 seeds, a thread for each processor',
    argv: ['--seed', '1-50'],
    driver: REFERENCE,
    must: 20,
  },
  {
    name: '50 seeds, one thread',
    about: 'the same in one thread: what threads are worth',
    argv: ['--seed', '1-50', '--jobs', '1'],
    driver: REFERENCE,
    must: null,
  },
  {
    name: '200 seeds',
    about: 'the whole suite with 200 seeds, a thread for each processor',
    argv: ['--seed', '1-200'],
    driver: REFERENCE,
    must: 60,
  },
  {
    name: 'a loop',
    about: 'the whole suite with one seed, of a driver that computes for ever',
    argv: [],
    driver: ENDLESS,
    must: 2,
  },
];
