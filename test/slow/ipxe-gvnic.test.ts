import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { V86Host } from '../../src/hosts/v86/index.ts';
import { gceN1, gceNetwork, type Machine, MemoryMedium } from '../../src/index.ts';

/** Debian's packages seabios and ipxe, whose build of May 2025 has the driver `gve`. */
const FIRMWARE = readFileSync('/usr/share/seabios/bios.bin');
const ISO = readFileSync('/usr/lib/ipxe/ipxe.iso');
const SECTOR = 512;
/** The largest queues that SeaBIOS accepts. */
const RING = 256;
const LIMIT = 60_000_000_000;
/** So many that its 64 receive buffers are used forty times. */
const LARGE = new Uint8Array(3 << 20).map((_, i) => i * 7 + (i >> 9));
/** A line is carried out only if the one before succeeded. */
const SCRIPT = `#!ipxe
imgfetch http://files.example/large
imgfetch http://files.example/end
poweroff
`;

/** iPXE on a disk, which takes a lease by a gVNIC, and what it asked for by HTTP. */
async function loaded(revision: number): Promise<{ machine: Machine; asked: string[] }> {
  const asked: string[] = [];
  const network = gceNetwork({
    bootFile: 'http://files.example/boot.ipxe',
    hosts: { 'files.example': '10.1.2.3' },
  });
  for (const [name, body] of Object.entries({ 'boot.ipxe': SCRIPT, large: LARGE, end: '' }))
    network.http(`/${name}`, (_request, respond) => {
      asked.push(name);
      respond({ status: 200, body });
    });
  const medium = new MemoryMedium(Math.ceil(ISO.length / SECTOR) * SECTOR);
  medium.write(0, ISO, 0, ISO.length);
  const machine = gceN1({
    firmware: false,
    memory: { below4G: 256 << 20 },
    scsi: { ringSize: RING },
    disks: [{ medium }],
    nics: [{ type: 'gvnic', backend: network, gvnic: { revision, formats: ['GQI_QPL', 'DQO_RDA'] } }],
    serial: { pace: 'instant' },
  });
  const host = await V86Host.create(machine, { firmware: FIRMWARE });
  await host.run({ limit: LIMIT });
  await host.close();
  return { machine, asked };
}

test.each([0, 1])(
  'iPXE takes a lease by a gVNIC of revision %i and loads three files, and of its driver nothing is said but how it sizes a BAR',
  async (revision) => {
    const { machine, asked } = await loaded(revision);

    expect(asked).toEqual(['boot.ipxe', 'large', 'end']);
    // Mended in iPXE's fde35ff00, of October 2025.
    const ofNic = machine.findings.filter(({ subject }) => subject.startsWith('net0'));
    expect(ofNic.map(({ clause, said }) => `${clause}: ${said}`)).toEqual([
      'pci/BAR-DECODE: base address 2 was sized while it was decoded',
    ]);
  },
);
