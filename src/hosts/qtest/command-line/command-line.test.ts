import { describe, expect, test } from 'vitest';
import { readCommandLine } from './command-line.ts';
import { propertiesOf } from './properties.ts';

const read = (text: string) => readCommandLine(text.split(' '));

test("libqtest's command line is read, and the rest of it skipped", () => {
  const line = read(
    '-qtest unix:/tmp/q.sock -qtest-log /dev/null -chardev socket,path=/tmp/q.qmp,id=char0 -mon chardev=char0,mode=control ' +
      '-display none -audio none -M pc -nodefaults -smp 2 -m 512M -S -device virtio-net-pci,netdev=hs0,addr=04.0 ' +
      '-netdev socket,fd=5,id=hs0 -drive id=d0,if=none,file=null-co://,format=raw -object iothread,id=t0 -accel qtest',
  );

  expect(line).toEqual({
    profile: 'qemu-pc',
    memory: 512 << 20,
    vcpus: 2,
    date: null,
    firmware: null,
    devices: [{ driver: 'virtio-net-pci', netdev: 'hs0', addr: '04.0' }],
    drives: new Map([['d0', { id: 'd0', if: 'none', file: 'null-co://', format: 'raw' }]]),
    netdevs: new Map([['hs0', { type: 'socket', fd: '5', id: 'hs0' }]]),
    chardevs: new Map([['char0', { backend: 'socket', path: '/tmp/q.qmp', id: 'char0' }]]),
    qtest: { kind: 'unix', path: '/tmp/q.sock', server: false },
    qmp: [{ kind: 'unix', path: '/tmp/q.qmp', server: false }],
    paused: true,
  });
});

test.each([
  ['-machine pc-i440fx-10.0,accel=qtest', 'qemu-pc'],
  ['-machine type=gce-n1', 'gce-n1'],
  ['--machine none', 'qemu-pc'],
  ['-S', 'qemu-pc'],
])('%s is a machine of ours', (text, profile) => {
  expect(read(text).profile).toBe(profile);
});

test.each([
  ['-m 256', 256 << 20],
  ['-m 2G', 2 ** 31],
  ['-m size=1G,slots=2', 2 ** 30],
  ['-m 4096K', 4 << 20],
])('%s is RAM', (text, bytes) => {
  expect(read(text).memory).toBe(bytes);
});

test.each([
  ['-rtc base=2018-11-22T05:50:31,clock=vm', '2018-11-22T05:50:31Z'],
  ['-rtc base=2018-11-22', '2018-11-22T00:00:00Z'],
  ['-rtc clock=vm', null],
])('%s is a date', (text, date) => {
  expect(read(text).date).toBe(date);
});

test.each([
  ['-bios fw.bin', 'fw.bin'],
  ['-drive if=pflash,format=raw,file=fw.bin', 'fw.bin'],
])('%s is a firmware', (text, file) => {
  expect(read(text).firmware).toBe(file);
});

test.each([
  ['unix:q,server=on,wait=off', { kind: 'unix', path: 'q', server: true }],
  ['tcp:127.0.0.1:4444', { kind: 'tcp', host: '127.0.0.1', port: 4444, server: false }],
  ['tcp::4444,server', { kind: 'tcp', host: '0.0.0.0', port: 4444, server: true }],
  ['tcp:[::1]:4444', { kind: 'tcp', host: '::1', port: 4444, server: false }],
  ['pipe:/tmp/q', { kind: 'pipe', path: '/tmp/q' }],
  ['stdio', { kind: 'stdio' }],
])("-qtest %s has the client's address", (text, channel) => {
  expect(readCommandLine(['-qtest', text]).qtest).toEqual(channel);
});

test.each([
  ['socket,id=c,host=localhost,port=1,server=on', { kind: 'tcp', host: 'localhost', port: 1, server: true }],
  ['socket,id=c,fd=7', { kind: 'fd', fd: 7 }],
  ['pipe,id=c,path=p', { kind: 'pipe', path: 'p' }],
  ['stdio,id=c', { kind: 'stdio' }],
])('-chardev %s is an address of a client', (text, channel) => {
  expect(readCommandLine(['-chardev', text, '-qtest', 'chardev:c']).qtest).toEqual(channel);
});

describe('what is wrong is one line', () => {
  test.each([
    ['-machine q35', '-machine must be pc, pc-i440fx-VERSION, gce-n1 or none; got "q35"'],
    ['-m 1M', '-m must be from 2M to 8G in whole pages; got "1M"'],
    ['-m much', '-m must be from 2M to 8G in whole pages; got "much"'],
    ['-smp x', '-smp must be a whole number'],
    ['-rtc base=now', '-rtc must be base=utc or base=2018-11-22T05:50:31; got "now"'],
    ['-mon chardev=c,mode=control', '-mon must be the id of a -chardev; got "c"'],
    ['-netdev user', '-netdev must be an option with id='],
    ['-device {', '-device: not JSON: '],
    ['disk.img', 'qtest must be one of QEMU\'s options; got "disk.img"'],
    [
      '-qtest vsock:1',
      '-qtest must be unix:PATH, tcp:HOST:PORT, pipe:PATH or stdio, or chardev:ID (of a server with ,server=on behind it); got "vsock:1"',
    ],
    ['-qtest tcp:host', '-qtest must be HOST:PORT; got "host"'],
  ])('%s', (text, said) => {
    expect(() => read(text)).toThrow(said);
  });
});

describe('the value of an option', () => {
  test('is pairs, of which the first may have no key and a key alone is on', () => {
    expect(propertiesOf('-device', 'scsi-hd,drive=d,,0,removable', 'driver')).toEqual({
      driver: 'scsi-hd',
      drive: 'd,0',
      removable: 'on',
    });
  });

  test('or a JSON object, with nested keys by dots', () => {
    const text = '{"driver":"raw","file":{"driver":"file","filename":"a"},"read-only":true}';

    expect(propertiesOf('-blockdev', text, 'driver')).toEqual({
      driver: 'raw',
      'file.driver': 'file',
      'file.filename': 'a',
      'read-only': 'on',
    });
  });
});
