import { describe, expect, test } from 'vitest';
import { qemuPc } from '../src/index.ts';
import { NET_FEATURE, NET_HDR_SIZE } from '../src/virtio/net/registers.ts';
import { ModernDriver } from './by-hand/modern.ts';

const FRAME = 60;
const EXPERIMENTAL = [0x88, 0xb5];
const MRG_RXBUF = 2 ** NET_FEATURE.MRG_RXBUF;

/** A driver of a modern NIC by hand, which sends. */
function nicDriver(): ModernDriver {
  const nic = { ringSize: 128, mergeable: true };
  const machine = qemuPc({ virtio: 'modern', nics: [nic], disks: [] });
  return new ModernDriver({ machine, bdf: 0x20, indices: [0, 1], main: 1 });
}

/** Sends a broadcast behind a header whose last two bytes, num_buffers, are `buffers`. */
function send(driver: ModernDriver, buffers: number): void {
  const at = driver.buffer();
  const { memory } = driver.machine.port;
  const { mergeable: header } = NET_HDR_SIZE;
  memory.store(at + header - 2, buffers, 2);
  memory.fill(at + header, 0xff, 6);
  memory.write(at + header + 12, Uint8Array.from(EXPERIMENTAL));
  driver.ask([{ address: at, length: header + FRAME, flags: 0, next: 0 }]);
}

describe('faults that drivers had are told of', () => {
  test('Linux: without MRG_RXBUF num_buffers of a frame that is sent is whatever memory held', () => {
    const driver = nicDriver();
    driver.negotiate().queues().status(0x0f);

    send(driver, 0x5a5a);

    expect(driver.told).toEqual(new Set(['virtio/NET-TX-D2']));
  });

  test('and with MRG_RXBUF, where it clears the field, nothing is', () => {
    const driver = nicDriver();
    driver.begin().accept(MRG_RXBUF).close().queues().status(0x0f);

    send(driver, 0);

    expect([driver.told, driver.answered]).toEqual([new Set(), 1]);
  });

  test('rcore-os/virtio-drivers: VERSION_1 is offered and not accepted', () => {
    const driver = nicDriver();

    driver.begin().accept(0, 0).close().queues().status(0x0f);

    expect(driver.told).toEqual(new Set(['virtio/RFEAT-D1']));
  });

  test.todo('Linux: hdr_len is not the length of the headers, with GUEST_HDRLEN: virtio/NET-TX-D26');
  test.todo(
    'Linux: the hash fields of a frame that is sent are not cleared, with HASH_REPORT: virtio/NET-IMP-10',
  );
  test.todo('Linux: pi_bytesout and pi_bytesin stand before the CDB, with T10_PI');
});
