import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { gceN1, type Machine, MemoryMedium } from '../../../src/index.ts';
import { workFolder } from '../work-folder.ts';
import { bootBeside } from './boot-beside.ts';
import { debianGuest } from './debian-guest.ts';

const folder = workFolder();
const BYTES = 64 << 20;
const MIB = 1 << 20;
const PATIENCE = 580_000;
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

const content = randomBytes(BYTES);
let machine: Machine;
let said: ReadonlyMap<string, string>;
let printed = '';

/** Boots Debian's kernel with our controller, whose namespaces come and go as the guest asks for it. */
async function boot(): Promise<void> {
  // The cloud kernel has the driver built in.
  const guest = debianGuest(folder, { modules: [], init: 'nvme-init', packages: [] });
  const [controller] = machine.nvme;
  printed = await bootBeside(guest, folder, machine, 'nvme', controller!.fn.bdf, '', {
    add: () => controller!.addNamespace({ bytes: MIB }),
    remove: () => controller!.removeNamespace(controller!.namespaces[2]!),
  });
  said = new Map(
    [...printed.matchAll(/report: (\w+) (.*?)\s*[\r\n]/g)].map(([, what, how]) => [what!, how!]),
  );
}

beforeAll(async () => {
  machine = gceN1({
    firmware: false,
    vcpus: 2,
    nvme: [{ namespaces: [{ medium: MemoryMedium.from(content) }, { bytes: BYTES }] }],
  });
  await boot();
}, PATIENCE);

test("Debian's nvme finds the controller as Compute Engine shows it", () => {
  expect(
    [said.get('model'), said.get('serial'), said.get('firmware'), said.get('sizes')],
    printed.slice(-3000),
  ).toEqual(['nvme_card-pd', 'nvme_card-pd', '2', `${BYTES / 512} 512 512`]);
});

test('it uses a queue for each CPU, and flushes a write cache', () => {
  expect([said.get('queues'), said.get('cache')]).toEqual(['3', 'write back']);
});

test('it reads and writes 64 MiB, also while the controller is reset', () => {
  const hash = `${md5(content)}  -`;

  expect([said.get('read'), said.get('copied'), said.get('again')]).toEqual([hash, hash, hash]);
});

test('it trims, and follows namespaces that come and go', () => {
  expect([said.get('trimmed'), said.get('added'), said.get('disks')]).toEqual([
    '0',
    `${MIB / 512}`,
    'nvme0n1 nvme0n2',
  ]);
});

test('it complains of nothing, and breaks no rule', () => {
  // QEMU's SeaBIOS makes a pair of queues before.
  const broken = machine.findings.filter(({ clause }) => clause !== 'nvme/QUEUES-ASKED');

  expect([said.get('warnings'), broken.map(({ clause, said: what }) => `${clause}: ${what}`)]).toEqual([
    '0',
    [],
  ]);
});
