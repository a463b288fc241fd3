import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REGIONS } from '../../hosts/vfio-user/commands/registers.ts';
import { accessOf, versionOf } from '../../hosts/vfio-user/rig.ts';
import { SocketClient } from '../../hosts/vfio-user/system/client-rig.ts';
import { freePort, guestrig, inFolderOf } from '../rig.ts';
import { run } from '../run.ts';

inFolderOf({ 'data.img': new Uint8Array(4096) });

/** Serves until `client` is done; `stop` is Ctrl-C. */
async function served(argv: readonly string[], client: (path: string, stop: () => void) => Promise<void>) {
  const socket = resolve('socket');
  let [out, stop] = ['', () => {}];
  let done: Promise<void> | null = null;
  const status = await run(['serve', 'vfio-user', '--socket', socket, ...argv], {
    out: (text) => (out += text),
    err: () => {
      done = client(socket, () => stop());
    },
    color: false,
    keyboard: {
      live: false,
      listen(_type, onStop) {
        stop = onStop;
        return () => {};
      },
    },
  });
  await done;
  return { status, out, left: existsSync(socket) };
}

/** Nine writes of Device Status, by a client that is not a driver. */
async function breakRules(path: string): Promise<void> {
  const client = new SocketClient(path);
  await client.call('VERSION', versionOf(''));
  await client.call('REGION_WRITE', accessOf(REGIONS.config, 0x10, 4, [0, 0xc0, 0, 0]));
  await client.call('REGION_WRITE', accessOf(REGIONS.config, 0x04, 1, [7]));
  await client.call('REGION_WRITE', accessOf(0, 18, 1, [7]));
  client.close();
}

async function look(path: string): Promise<void> {
  const client = new SocketClient(path);
  await client.call('VERSION', versionOf(''));
  client.close();
}

describe('guestrig serve vfio-user', () => {
  test.each([['net'], ['gvnic'], ['nvme'], ['scsi', '--disk', 'data.img'], ['rng'], ['balloon']])(
    'serves %s until its client goes away, and takes the socket away',
    async (...device) => {
      const { status, out, left } = await served(['--device', ...device], look);

      expect([status, left]).toEqual([0, false]);
      expect(out).toMatch(/\nThe client went away, after [\d.]+ \S+\.\n$/);
    },
  );

  test('has a network behind its NIC, and a port that is forwarded to the guest', async () => {
    const port = await freePort();
    const more = ['--net', 'gce', '--forward', `${port}:22`];
    let connected = false;

    const { status } = await served(['--device', 'net', ...more], async (path) => {
      const client = connect(port, '127.0.0.1').on('error', () => {});
      await once(client, 'connect');
      connected = true;
      client.destroy();
      await look(path);
    });

    expect([status, connected]).toEqual([0, true]);
  });

  test('fails when a driver broke a rule', async () => {
    const { status, out } = await served(['--device', 'rng', '--reporter', 'json'], breakRules);
    const report = JSON.parse(out);

    expect([status, report.passed]).toEqual([1, false]);
    expect(report.verdicts.find(({ outcome }: { outcome: string }) => outcome === 'fail').clause).toMatch(
      /^virtio\//,
    );
  });

  test('names itself in a report for a CI', async () => {
    const { out } = await served(['--device', 'rng', '--reporter', 'junit'], look);

    expect(out).toContain('guestrig serve, gce-n1, seed 1');
  });

  test('ends at Ctrl-C', async () => {
    const { status, out } = await served(['--device', 'net'], async (_path, stop) => {
      await new Promise((resume) => setImmediate(resume));
      stop();
    });

    expect(status).toBe(0);
    expect(out).toContain('\nThe run was stopped, after ');
  });

  test.each([
    [
      ['--device', 'disk', '--socket', 's'],
      '--device must be one of scsi, net, balloon, rng, gvnic, nvme; got "disk"\n',
    ],
    [['--device', 'scsi', '--socket', 's', '--net', 'gce'], '--net: goes with --device net and gvnic\n'],
    [['--device', 'net', '--socket', 's', '--metadata', 'm.json'], '--metadata: goes with --net gce\n'],
    [['--device', 'net'], "required option '--socket <path>' not specified\n"],
    [
      ['--device', 'net', '--socket', 'taken'],
      'socket must be a path where nothing is yet, in a folder that can be written to; got "taken"\n',
    ],
  ])('says in one line what is wrong with %j', async (argv, said) => {
    writeFileSync('taken', '');

    const { status, err } = await guestrig('serve', 'vfio-user', ...argv);

    expect([status, err]).toEqual([2, said]);
  });

  test('is one of the kinds that can be served', async () => {
    expect(await guestrig('serve')).toEqual({ status: 2, out: '', err: 'serve: needs vfio-user\n' });
  });
});
