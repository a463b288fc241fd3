import 'guestrig/vitest';
import { gceN1, MemoryMedium } from 'guestrig';
import { conform } from 'guestrig/conformance';
import { expect, test } from 'vitest';
import { myDisk } from './disk.js';
import { myNic } from './nic.js';
import { MyUart } from './uart.js';

test('the UART prints, and hears a key', () => {
  const machine = gceN1();
  const uart = new MyUart(machine.port, 0x3f8);
  uart.print(new TextEncoder().encode('hello\n'));
  machine.serial[0]!.type('y');
  machine.port.wait(() => false, 1_000_000);

  expect([machine.serial[0]!.text, uart.key()]).toEqual(['hello\n', 0x79]);
  expect(machine).toConform();
});

test('the UART prints and takes keys in every scenario of serial ports', () => {
  let uart: MyUart;
  const { conforms } = conform({
    name: 'my-uart',
    run: (port) => {
      uart = new MyUart(port, 0x3f8);
    },
    use: { print: (text) => uart.print(text), key: () => uart.key() },
  });

  expect(conforms).toBe(true);
});

test('the NIC sends frames, and receives what comes back', () => {
  const machine = gceN1({ nics: [{ backend: 'loopback' }] });
  const nic = machine.attach(myNic);
  const frames = [60, 200, 1514].map((length) => new Uint8Array(length).fill(length));
  const back = frames.map((frame) => {
    nic.send(frame);
    return nic.receive();
  });

  expect(back).toEqual(frames);
  expect(machine).toConform();
});

test('the disk is read', () => {
  const bytes = Uint8Array.from({ length: 64 * 512 }, (_, i) => i % 251);
  const machine = gceN1({ disks: [{ medium: MemoryMedium.from(bytes) }] });
  const disk = machine.attach(myDisk);

  expect(disk.read(1, 3, 2)).toEqual(bytes.subarray(3 * 512, 5 * 512));
  expect(machine).toConform();
});

test('three lies about lengths do not bring them down', () => {
  const { hard } = conform(
    {
      name: 'first drivers',
      drivers: [myNic, myDisk],
      run: (_port, [nic, disk]) => {
        nic?.send(new Uint8Array(60));
        nic?.receive();
        disk?.read(1, 0, 1);
      },
    },
    { hostile: true, scenarios: ['a used length of 0', 'a used length of 7fffffff', 'queues of no entries'] },
  );

  expect(hard).toBe(true);
});
