import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { guestrig, inFolderOf } from '../rig.ts';

inFolderOf({ 'baud.json': '{ "serial": { "pace": "baud" } }' });

/** A byte to a transmitter that has no room for it. */
const FLOOD = 'outb 0x3fb 0x83\noutb 0x3f8 1\noutb 0x3fb 3\noutb 0x3f8 65\noutb 0x3f8 66\n';
let sockets = 0;

/** The wire's answers to `text`, and the result of the command after the client has gone by `leave`. */
async function session(
  text: string,
  leave: (socket: Socket) => void,
  ...argv: string[]
): Promise<{ answers: string; status: number; out: string; err: string }> {
  const path = `q${sockets++}.sock`;
  const server = createServer().listen(path);
  await once(server, 'listening');
  const run = guestrig('qtest', '-qtest', `unix:${path}`, ...argv);
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  let answers = '';
  socket.write(text);
  while (answers.split('\n').length <= text.split('\n').length - 1)
    answers += String((await once(socket, 'data'))[0]);
  leave(socket);
  return { answers, ...(await run) };
}

const close = (socket: Socket) => socket.end();
const terminate = () => process.emit('SIGTERM');

describe('guestrig qtest', () => {
  test('answers a client, and gives a verdict when it has gone', async () => {
    const { answers, status, out, err } = await session('endianness\nfoo\n', close);

    expect([answers, status, err]).toEqual(["OK little\nFAIL Unknown command 'foo'\n", 0, '']);
    expect(out).toMatch(/^Rules for drivers {3}.* 0 fail /);
    expect(out).toMatch(/\nThe client closed the wire, after 2 commands\.\n$/);
  });

  test('fails a client that breaks a rule', async () => {
    const { status, out } = await session(FLOOD, close, '--options', 'baud.json');

    expect([status, out.match(/^uart\/THR-FULL/m)?.length]).toEqual([1, 1]);
  });

  test('writes a log from which judge-log reaches the same verdict', async () => {
    const device = [
      '-device',
      'virtio-net-pci,addr=04.0',
      '-device',
      'virtio-scsi-pci',
      '-drive',
      'if=none,id=d,file=x',
    ];
    // Command, BAR0, and a status that begins in the middle, on the NIC.
    const driver =
      'outl 0xcf8 0x80002010\noutl 0xcfc 0xc000\noutl 0xcf8 0x80002004\noutw 0xcfc 7\noutb 0xc012 7\n';
    const memory = 'write 0x200000 0x4 0x01020304\nreadl 0x200000\nclock_step 1000\n';

    const { out } = await session(
      `${driver}${memory}${FLOOD}`,
      close,
      ...['--options', 'baud.json', '--reporter', 'json', '--trace', 'run.jsonl', ...device],
    );
    const judged = await guestrig('judge-log', 'run.jsonl', '--reporter', 'json');

    expect(JSON.parse(judged.out).verdicts).toEqual(JSON.parse(out).verdicts);
    expect(JSON.parse(judged.out).passed).toBe(false);
    expect(JSON.parse(judged.out).log).toMatchObject({ damaged: [], notes: [] });
  });

  test('but not one that is waived', async () => {
    const { status } = await session(
      FLOOD,
      close,
      '--options',
      'baud.json',
      '--waive',
      'uart/THR-FULL=known',
    );

    expect(status).toBe(0);
  });

  test('that is terminated still ends with status 0, and the file has the verdict', async () => {
    const end = await session(
      FLOOD,
      terminate,
      '--options',
      'baud.json',
      '--out',
      'verdict-%p.json',
      '--reporter',
      'json',
    );
    const report = JSON.parse(readFileSync(`verdict-${process.pid}.json`, 'utf8'));

    expect([end.status, end.out]).toEqual([0, '']);
    expect(report).toMatchObject({ schema: 1, profile: 'qemu-pc', seed: 1, passed: false });
    expect(report.end).toEqual({ how: 'stopped', said: 'The host ended it, after 5 commands.', commands: 5 });
  });

  test('reports as JUnit, with a case for how the session ended', async () => {
    const { out } = await session(
      'endianness\n',
      close,
      '--reporter',
      'junit',
      '-M',
      'gce-n1',
      '--seed',
      '3',
    );

    expect(out).toMatch(
      /^<\?xml .*\n<testsuites name="guestrig qtest, gce-n1, seed 3" tests="\d+" failures="0">\n/,
    );
    expect(out).toContain('<testcase classname="qtest" name="the session ended">');
  });

  test('logs each access', async () => {
    await session('inb 0x71\n', close, '--log', 'log');

    expect(readFileSync('log', 'utf8')).toMatch(/0071/);
  });
});

test('a server waits for its client, and prints its address', async () => {
  let told = '';
  const { run } = await import('../run.ts');
  const io = { out: () => {}, err: (text: string) => (told += text), color: false };
  const ended = run(['qtest', '-qtest', 'unix:w.sock,server=on,wait=off'], io);
  while (told === '') await new Promise(setImmediate);
  const socket = connect('w.sock');
  socket.end('endianness\n');

  expect(String((await once(socket, 'data'))[0])).toBe('OK little\n');
  expect([told, await ended]).toEqual(['guestrig qtest: -qtest waits at unix:w.sock\n', 0]);
});

test('two FIFOs are a wire that lasts, whichever the client opens first', async () => {
  execFileSync('mkfifo', ['f.in', 'f.out']);
  const ended = guestrig('qtest', '-qtest', 'pipe:f');
  const [from, to] = await Promise.all([open('f.out', 'r'), open('f.in', 'w')]);
  const answers = [];
  for (let i = 0; i < 300; i++) {
    await to.write('endianness\n');
    answers.push((await from.read(Buffer.alloc(64))).bytesRead);
  }
  await Promise.all([to.close(), from.close()]);

  expect([new Set(answers), (await ended).status]).toEqual([new Set(['OK little\n'.length]), 0]);
});

test('the monitor alone ends a session, by its command or by disconnecting', async () => {
  const server = createServer().listen('m.sock');
  await once(server, 'listening');
  const ended = guestrig('qtest', '-qmp', 'unix:m.sock');
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  socket.write('{"execute":"qmp_capabilities"}{"execute":"quit"}');
  let said = '';
  socket.on('data', (chunk) => (said += chunk));
  await once(socket, 'end');
  socket.end();

  expect(said).toContain('"event":"SHUTDOWN"');
  expect((await ended).out).toMatch(/\nThe monitor was told to quit, after 0 commands\.\n$/);
});

describe('an error is one line, and status 2', () => {
  test.each([
    [['qtest'], '-qtest is required: where the client is (example unix:PATH)'],
    [['qtest', '-qtest', 'unix:nobody.sock'], '-qtest: unix:nobody.sock cannot be reached: no such file'],
    [['qtest', '-qtest', 'stdio', '-device', 'e1000'], 'device must be one of virtio-scsi-pci, '],
    [
      ['qtest', '--reporter', 'xml', '-qtest', 'stdio'],
      '--reporter must be one of text, json, junit, github, sarif, html; got "xml"',
    ],
  ])('%j', async (argv, said) => {
    const { status, out, err } = await guestrig(...argv);

    expect([status, out, err.split('\n').length]).toEqual([2, '', 2]);
    expect(err).toContain(said);
  });
});
