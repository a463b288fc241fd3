import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  assignBars,
  attachAll,
  bdfText,
  detectUart,
  enumerate,
  type FoundFunction,
  loopsBack,
  probeDisks,
  routeLines,
  UartDriver,
  virtioNet,
  virtioRng,
  virtioScsi,
} from '../../src/guest/index.ts';
import { QemuPort } from '../../src/hosts/qemu/index.ts';

const MIB = 1 << 20;
const WAYS = ['polled', 'intx', 'msix'] as const;
const SECOND = 1_000_000_000;
const present = spawnSync('qemu-system-x86_64', ['--version']).status === 0;
/** Rings without any feature, as on GCE. */
const PLAIN = 'disable-modern=on,romfile=,any_layout=off,event_idx=off,indirect_desc=off,mrg_rxbuf=off';
const CONTENT = Uint8Array.from({ length: MIB }, (_, i) => i * 7 + (i >> 8));

/** The same drivers, on devices by others. Two network cards share a hub: each gets the frames of the other. */
describe.skipIf(!present)('the guest on QEMU', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-qemu-'));
  const disk = join(folder, 'disk.raw');
  const serial = join(folder, 'serial.txt');
  let port: QemuPort;
  let functions: FoundFunction[];

  beforeAll(() => {
    writeFileSync(disk, CONTENT);
    port = QemuPort.start({
      arguments: [
        ...['-machine', 'pc,usb=off,sata=off,vmport=off,graphics=off,hpet=off,smbus=off'],
        ...['-chardev', `file,id=s0,path=${serial}`, '-device', 'isa-serial,chardev=s0,index=0'],
        ...['-device', 'virtio-scsi-pci,id=scsi0,addr=03.0,num_queues=1,disable-modern=on'],
        ...['-drive', `if=none,id=d0,format=raw,file=${disk}`],
        ...['-device', 'scsi-hd,bus=scsi0.0,scsi-id=1,lun=0,drive=d0,vendor=Google,product=PersistentDisk'],
        ...['-netdev', 'hubport,id=n0,hubid=0', '-netdev', 'hubport,id=n1,hubid=0'],
        ...['-device', 'virtio-net-pci,netdev=n0,addr=04.0,disable-modern=on,romfile=,mac=42:01:0a:80:00:02'],
        ...['-device', `virtio-net-pci,netdev=n1,addr=05.0,mac=42:01:0a:80:00:03,${PLAIN}`],
        ...['-device', 'virtio-rng-pci,addr=06.0,disable-modern=on'],
      ],
    });
    functions = assignBars(port, enumerate(port), {
      io: { base: 0xc000, end: 0x1_0000 },
      memory: { base: 0xe000_0000, end: 0xf000_0000 },
    });
    routeLines(port, functions, [10, 10, 11, 11]);
  });

  afterAll(() => {
    port.close();
    rmSync(folder, { recursive: true });
  });

  test('finds the functions with the sizes that QEMU gives them', () => {
    const virtio = functions.filter(({ id }) => id.vendor === 0x1af4);

    expect(
      virtio.map(({ bdf, bars }) => [bdfText(bdf), ...bars.map(({ kind, size }) => `${kind} ${size}`)]),
    ).toEqual([
      ['00:03.0', 'io 64', 'mem32 4096'],
      ['00:04.0', 'io 32', 'mem32 4096'],
      ['00:05.0', 'io 32', 'mem32 4096'],
      ['00:06.0', 'io 32', 'mem32 4096'],
    ]);
  });

  test.each(WAYS)('reads a whole disk, and writes to it, %s', (interrupts) => {
    writeFileSync(disk, CONTENT, { flag: 'r+' });
    const [host] = attachAll(port, functions, virtioScsi({ interrupts }));

    const [facts] = probeDisks(host!);
    host!.write(1, 8, CONTENT.subarray(0, 4096));
    host!.flush(1);
    host!.close();

    const hash = createHash('sha256');
    hash.update(CONTENT);
    expect(facts).toMatchObject({
      target: 1,
      vendor: 'Google',
      product: 'PersistentDisk',
      blocks: MIB / 512,
      sha256: hash.digest('hex'),
    });
    expect(readFileSync(disk).subarray(4096, 8192).equals(CONTENT.subarray(0, 4096))).toBe(true);
  });

  test.each([
    { name: 'all features', allowed: {}, interrupts: 'msix' },
    { name: 'all features', allowed: {}, interrupts: 'intx' },
    { name: 'next to none', allowed: { features: ['MAC', 'STATUS'] }, interrupts: 'polled' },
  ] as const)(
    'carries frames between a card with $name and a plain one, $interrupts',
    ({ allowed, interrupts }) => {
      const options = { interrupts, ...allowed };
      const [one, two] = attachAll(port, functions, virtioNet(options));
      // Broadcast, and as long as the wire allows.
      const frame = Uint8Array.from({ length: 1514 }, (_, i) => (i < 6 ? 0xff : i));

      one!.send(frame);
      const there = two!.receiveWithin(SECOND);
      two!.send(frame.subarray(0, 60));
      const back = one!.receiveWithin(SECOND);
      one!.close();
      two!.close();

      expect(two!.features).not.toContain('ANY_LAYOUT');
      expect([one!.mac, two!.mac]).toEqual(['42:01:0a:80:00:02', '42:01:0a:80:00:03']);
      expect(there).toEqual(frame);
      expect(back).toEqual(frame.subarray(0, 60));
    },
  );

  test.each(WAYS)('gets random bytes, %s', (interrupts) => {
    const [rng] = attachAll(port, functions, virtioRng({ interrupts }));

    const bytes = rng!.read(1000);
    rng!.close();

    expect(new Set(bytes).size).toBeGreaterThan(200);
  });

  test('finds a 16550A, loops bytes back in it, and prints', () => {
    const uart = new UartDriver(port, 0x3f8);

    const type = detectUart(port, 0x3f8);
    const loopback = loopsBack(port, 0x3f8);
    uart.open();
    uart.write(new TextEncoder().encode('guestrig on QEMU\n'));

    expect([type, loopback]).toEqual(['16550A', true]);
    expect(readFileSync(serial, 'utf8')).toContain('guestrig on QEMU\n');
  });
});
