import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { QueueFormat } from '../../../src/gvnic/registers/descriptor.ts';
import { gceN1, gceNetwork, type Machine } from '../../../src/index.ts';
import { partOf } from '../../repeats.ts';
import { workFolder } from '../work-folder.ts';
import { bootBeside } from './boot-beside.ts';
import { type DebianGuest, debianGuest } from './debian-guest.ts';

const folder = workFolder();
const BYTES = 64 << 20;
/** What is moved again, after each change. */
const SOME = 4 << 20;
const PORT = 9000;
const PATIENCE = 580_000;
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

let guest: DebianGuest;
beforeAll(() => {
  guest = debianGuest(folder, {
    modules: ['drivers/net/ethernet/google/gve/gve'],
    init: 'gvnic-init',
    packages: ['ethtool', 'libmnl0', 'libc6'],
  });
}, 300_000);

/** Boots Debian's kernel with our card, and does to that what the guest asks for. */
async function boot(
  machine: Machine,
  network: ReturnType<typeof gceNetwork>,
  bytes: Uint8Array,
  words: string,
) {
  const uploads: string[] = [];
  network.http('/bytes', bytes);
  network.http('/some', bytes.subarray(0, SOME));
  network.tcp(PORT, (socket) => {
    const hash = createHash('md5');
    socket.onData = (got) => hash.update(got);
    socket.onEnd = () => {
      uploads.push(hash.digest('hex'));
      socket.end();
    };
  });
  const [nic] = machine.nics;
  const printed = await bootBeside(guest, folder, machine, 'gvnic', nic!.fn.bdf, words, {
    reset: () => nic!.askForReset(),
    flap: () => {
      nic!.setLink(false);
      nic!.setLink(true);
    },
  });
  const reports = [...printed.matchAll(/report: (\w+(?: received)?) (.*?)\s*[\r\n]/g)];
  return {
    reports: new Map(reports.map(([, what, how]) => [what!, how!])),
    uploads,
    printed: printed.slice(-3000),
  };
}

const NUMBER: Record<QueueFormat, string> = { GQI_RDA: '1', GQI_QPL: '2', DQO_RDA: '3', DQO_QPL: '4' };

const CARDS = [
  ['GQI_QPL', 1, {}],
  ['GQI_RDA', 2, {}],
  ['DQO_RDA', 2, {}],
  ['DQO_QPL', 1, {}],
  // Of misses it is told half by a completion, and half by a bit of the tag.
  ['DQO_RDA', 2, { completions: { misses: 100, latency: [0, 200_000] as [number, number] } }],
] as const;

describe.each(partOf<(typeof CARDS)[number]>(CARDS, CARDS.length))(
  "Debian's gve with %s rings, %i pairs and %o",
  (format, queues, more) => {
    const bytes = randomBytes(BYTES);
    let said: Awaited<ReturnType<typeof boot>>;
    let machine: Machine;

    beforeAll(async () => {
      const network = gceNetwork({ metadata: { instance: { attributes: { greeting: 'hello' } } } });
      const gvnic = { formats: [format], offer: ['MODIFY_RING'] } as const;
      machine = gceN1({
        firmware: false,
        vcpus: 2,
        nics: [
          {
            type: 'gvnic',
            queues,
            backend: network,
            gvnic: { ...gvnic, ...more, formats: [...gvnic.formats], offer: [...gvnic.offer] },
          },
        ],
      });
      said = await boot(machine, network, bytes, 'resize');
    }, PATIENCE);

    test('is leased an address, and reads metadata', () => {
      const { reports, printed } = said;

      expect([reports.get('format'), reports.get('lease'), reports.get('greeting')], printed).toEqual([
        NUMBER[format],
        '10.128.0.2 1460',
        'hello',
      ]);
    });

    test('shows by ethtool what a guest on Compute Engine shows', () => {
      const { reports } = said;

      expect(['driver', 'rings', 'offloads'].map((what) => reports.get(what))).toEqual([
        'gve',
        '1024 1024',
        '5',
      ]);
    });

    test('moves 64 MiB each way, and some after a reset, a flap of the link, and with other rings', () => {
      const hashes = [md5(bytes), ...new Array<string>(3).fill(md5(bytes.subarray(0, SOME)))];
      const received = ['first', 'again', 'third', 'fourth'].map((what) =>
        said.reports.get(`${what} received`),
      );

      expect([received, said.uploads], said.printed).toEqual([hashes.map((hash) => `${hash}  -`), hashes]);
    });

    test('resizes rings and queues', () => {
      expect([said.reports.get('resized'), said.reports.get('rechannelled')]).toEqual(['512 512', '1 1']);
    });

    test('breaks no rule, and complains of nothing', () => {
      const severe = machine.findings.filter(({ severity }) => severity !== 'note');

      expect(severe.map(({ clause, said: what }) => `${clause}: ${what}`)).toEqual([]);
      expect([said.reports.get('errors'), said.reports.get('warnings')], said.printed).toEqual(['0 0', '0']);
    });
  },
);
