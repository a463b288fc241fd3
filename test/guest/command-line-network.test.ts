import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guestrig, inFolderOf } from '../../src/cli/rig.ts';
import { built } from './built.ts';

const REPOSITORY = new URL('../..', import.meta.url).pathname;
const folder = built('busybox/build.sh');
const IMAGE = ['--kernel', join(folder, 'vmlinux'), '--initrd', join(folder, 'initrd')];

const script = (...lines: string[]) =>
  JSON.stringify({ instance: { attributes: { 'startup-script': `${lines.join('\n')}\n` } } });

inFolderOf({
  'hello.json': script('echo "hello from $(hostname)"'),
  'listen.json': script(
    'echo listening',
    'nc -l -p 22 -e sh -c "read line; echo heard \\$line"',
    'echo "all heard"',
  ),
});

describe('guestrig boot --net gce', () => {
  const boot = (...argv: string[]) => guestrig('boot', ...IMAGE, '--net', 'gce', ...argv);

  test('passes when the guest has come up and reported it', async () => {
    const { status, out } = await boot(
      '--metadata',
      'hello.json',
      '--until',
      'hello from instance-1',
      '--limit',
      '1min',
    );
    expect([status, out.includes('mtu=1460')]).toEqual([0, true]);
  });

  test('fails when it does not in time', async () => {
    const { status, out } = await boot(
      '--metadata',
      'hello.json',
      '--until',
      'good morning',
      '--limit',
      '20s',
    );
    expect([status, out.includes('FAIL  "good morning" was not printed')]).toEqual([1, true]);
  });

  test('accepts connections from this host by a port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    let knock: NodeJS.Timeout | undefined;
    const heard = new Promise<string>((resolve) => {
      // The guest refuses until it listens: so this connects until it is accepted.
      knock = setInterval(() => {
        const client = connect(port, '127.0.0.1', () => client.write('you\n'));
        client.on('error', () => {}).on('data', (bytes) => resolve(`${bytes}`));
      }, 200);
    });

    const { status } = await boot(
      '--metadata',
      'listen.json',
      '--forward',
      `${port}:22`,
      '--until',
      'all heard',
    );
    clearInterval(knock);

    expect([status, await heard]).toEqual([0, 'heard you\n']);
  });
});

test('the one-line example for CI works', () => {
  const env = { ...process.env, GUESTRIG: `npx tsx ${join(REPOSITORY, 'src/cli/main.ts')}` };
  const { status, stdout } = spawnSync(join(REPOSITORY, 'examples/boots/comes-up.sh'), IMAGE, {
    cwd: REPOSITORY,
    env,
    encoding: 'utf8',
  });
  expect([status, stdout.includes('my service is up on ')]).toEqual([0, true]);
});
