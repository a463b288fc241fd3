import { existsSync, ftruncateSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { gceC4 } from '../../machine/gce-machines.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { bindLibc } from '../system/libc.ts';
import { ERRNO } from './commands/errno.ts';
import { COMMANDS, header, IRQS, REGIONS } from './commands/registers.ts';
import { VfioUserHost } from './host.ts';
import { accessOf, irqsOf, mapOf, ON, TRIGGER, versionOf } from './rig.ts';
import { countOf, Folder, newEventfd, newMemfd, put, SocketClient, take } from './system/client-rig.ts';

const folder = new Folder();
afterAll(() => folder.close());

const PAGE = 4096;
/** Size of the guest's RAM, and of the file. */
const RAM = 16 * PAGE;
/** The legacy ring of 256 entries: descriptors, available ring, used ring. */
const RING = PAGE;
const AVAILABLE = RING + 256 * 16;
const USED = RING + 2 * PAGE;
const BUFFER = 5 * PAGE;
/** Of a legacy virtio header. */
const [QUEUE_PFN, QUEUE_NOTIFY, DEVICE_STATUS, ISR] = [8, 16, 18, 19];

const machineOf = () => gceN1({ firmware: false, rng: true, memory: { below4G: 2 << 20 } });
async function connected(name: string) {
  const host = await VfioUserHost.listen(machineOf(), { device: 'rng', socket: folder.socket(name) });
  const client = new SocketClient(folder.socket(name));
  await client.call('VERSION', versionOf(''));
  return { host, client };
}
const words = (bytes: number, ...values: readonly number[]) => {
  const view = new DataView(new ArrayBuffer(values.length * bytes));
  for (const [i, value] of values.entries())
    if (bytes === 2) view.setUint16(i * 2, value, true);
    else view.setUint32(i * 4, value, true);
  return new Uint8Array(view.buffer);
};

test('a driver behind a socket has its buffer filled, in its own memory, published, and an interrupt raised', async () => {
  const { host, client } = await connected('whole');
  const [file, eventfd] = [folder.file(RAM), newEventfd()];
  const write = (region: number, offset: number, ...data: readonly number[]) =>
    client.call('REGION_WRITE', accessOf(region, offset, data.length, data));
  put(file, RING, words(4, BUFFER, 0, 64, 2));
  put(file, AVAILABLE, words(2, 0, 1, 0));
  await client.call('DMA_MAP', mapOf(0, RAM), [file]);
  await client.call('DEVICE_SET_IRQS', irqsOf(TRIGGER, IRQS.intx, 1), [eventfd]);
  await write(REGIONS.config, 0x10, 0x00, 0xc0, 0, 0);
  await write(REGIONS.config, 0x04, ON, 0);
  await write(0, DEVICE_STATUS, 3);
  await write(0, QUEUE_PFN, 0, 0, 0, 0);
  await write(0, QUEUE_PFN, ...words(4, RING / PAGE));
  await write(0, DEVICE_STATUS, 7);
  await write(0, QUEUE_NOTIFY, 0, 0);
  const isr = await client.call('REGION_READ', accessOf(0, ISR, 1));

  expect(new DataView(take(file, USED, 12).buffer).getUint16(2, true)).toBe(1);
  expect(take(file, BUFFER, 64).some((byte) => byte !== 0)).toBe(true);
  expect(take(file, BUFFER + 64, 64).every((byte) => byte === 0)).toBe(true);
  expect([countOf(eventfd), isr.payload.at(-1)]).toEqual([1, 1]);
  expect(client.writes).toEqual([{ address: BUFFER, bytes: take(file, BUFFER, 64) }]);
  client.close();
  expect(await host.ended).toBe('gone');
});

test('memory beyond the file is refused: an access would end the process', async () => {
  const { host, client } = await connected('short');

  const { errno } = await client.call('DMA_MAP', mapOf(0, RAM + PAGE), [folder.file(RAM)]);

  expect(errno).toBe(ERRNO.EINVAL);
  client.close();
  await host.ended;
});

test('a client that answers no more ends the host, in one line', async () => {
  const { host, client } = await connected('silent');
  const { memory } = host.machine.chassis.board;

  for (let i = 0; i <= 1 << 20; i++) memory.dirty!(i * 8, i * 8 + 4, true);
  client.send(header.encode({ command: COMMANDS.DEVICE_RESET, message_size: header.size }));

  await expect(host.ended).rejects.toThrow('vfio-user client: it left 1048576 writes unanswered');
  client.close();
});

test('a client that truncates its memory ends the host, in one line', async () => {
  const { host, client } = await connected('cut');
  const file = folder.file(RAM);
  await client.call('DMA_MAP', mapOf(0, RAM), [file]);

  ftruncateSync(file, PAGE);
  client.send(new Uint8Array([2, 0, 13, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));

  await expect(host.ended).rejects.toThrow(
    'vfio-user client must be one that does not shrink its memory below 65536 bytes',
  );
  client.close();
});

test('memory that can be sealed is sealed: the client cannot truncate it', async () => {
  const { host, client } = await connected('sealed');
  const file = newMemfd(RAM);
  await client.call('DMA_MAP', mapOf(0, RAM), [file]);

  expect(() => ftruncateSync(file, PAGE)).toThrow('EPERM');
  client.close();
  await host.ended;
});

test('no other user may connect', async () => {
  const host = await VfioUserHost.listen(machineOf(), { device: 'rng', socket: folder.socket('own') });

  expect(statSync(folder.socket('own')).mode & 0o777).toBe(0o600);
  host.close();
  await host.ended;
});

test("a device's view of unmapped memory reaches no memory of the client", async () => {
  const { host, client } = await connected('stale');
  const file = folder.file(RAM);
  put(file, 0, Uint8Array.of(7));
  await client.call('DMA_MAP', mapOf(0, RAM), [file]);
  const held = host.machine.chassis.board.memory.slice(0, 1)!;
  const before = held[0];

  client.close();
  await host.ended;
  held[0] = 9;

  expect([before, take(file, 0, 1)[0]]).toEqual([7, 7]);
});

test('a client that speaks another protocol ends the host', async () => {
  const { host, client } = await connected('stranger');

  client.send(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'));

  await expect(host.ended).rejects.toThrow('vfio-user message must be 16 to 65600 bytes');
  client.close();
});

test('a message may come in parts', async () => {
  const { host, client } = await connected('parts');
  const message = new Uint8Array([1, 0, 4, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0]);

  client.send(message.subarray(0, 5));
  client.send(message.subarray(5));
  const { errno, payload } = await client.call('VERSION', new Uint8Array(0)).catch((error) => error);

  expect([errno, payload.length]).toEqual([0, 16]);
  client.close();
  await host.ended;
});

test('what lies behind bridges is served from bus 0, each at a place of its own', async () => {
  const machine = gceC4({ firmware: false, nvme: [{}, { model: 'nvme_card' }] });
  const disks = () =>
    machine.chassis.bus
      .all()
      .filter(({ name }) => name.startsWith('nvme'))
      .map(({ bdf }) => bdf);
  const before = disks();

  const host = await VfioUserHost.listen(machine, { device: 'gvnic', socket: folder.socket('c4') });

  expect(before).toEqual([-1, -1]);
  expect(disks()).toEqual([6 << 3, 7 << 3]);
  host.close();
  await host.ended;
});

test('closing removes the socket', async () => {
  const host = await VfioUserHost.listen(machineOf(), { device: 'rng', socket: folder.socket('closed') });

  host.close();

  expect(await host.ended).toBe('closed');
  expect(existsSync(folder.socket('closed'))).toBe(false);
});

test.each([
  [
    'a path where something is',
    () => machineOf(),
    { device: 'rng', socket: folder.socket('taken') },
    /must be a path where nothing is yet/,
  ],
  [
    'a path that is too long',
    () => machineOf(),
    { device: 'rng', socket: 'x'.repeat(200) },
    /must be a path of up to 107 bytes/,
  ],
  [
    'a device that is not there',
    () => machineOf(),
    { device: 'balloon', socket: 'x' },
    /the machine has 0 of "balloon"/,
  ],
  [
    'what is no device',
    () => machineOf(),
    { device: 'disk', socket: 'x' },
    /must be one of scsi, net, balloon, rng/,
  ],
  [
    'an address without a function that can be served',
    () => machineOf(),
    { device: 8, socket: 'x' },
    /must be the address of a function that can be served; got 8/,
  ],
  [
    'a machine with firmware',
    () => gceN1({ rng: true }),
    { device: 'rng', socket: 'x' },
    /needs firmware: false/,
  ],
] as const)('refuses %s', async (_what, machine, device, said) => {
  writeFileSync(folder.socket('taken'), '');

  await expect(VfioUserHost.listen(machine(), device as never)).rejects.toThrow(said);
});

test.each([
  ['not installed', { code: 'ERR_MODULE_NOT_FOUND' }, 'koffi: not installed: npm install koffi'],
  ['of no use here', { message: 'no native module' }, 'koffi: cannot be loaded: no native module'],
])('koffi that is %s is one line', async (_what, error, said) => {
  await expect(bindLibc(() => Promise.reject(Object.assign(new Error(), error)))).rejects.toThrow(said);
});
