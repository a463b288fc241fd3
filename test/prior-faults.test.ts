import { describe, expect, test } from 'vitest';
import { qemuPc } from '../src/index.ts';
import { makeFrame, partsOf } from '../src/net/frame/make.ts';
import { NET_FEATURE, NET_HDR_F, NET_HDR_GSO, NET_HDR_SIZE } from '../src/virtio/net/registers.ts';
import { ModernDriver } from './by-hand/modern.ts';

const { CSUM, MAC, HOST_TSO4, MRG_RXBUF, CTRL_VQ, HASH_REPORT, GUEST_HDRLEN } = NET_FEATURE;
const MSS = 1000;
const VERSION_1 = 1;

/** A driver by hand of a modern NIC, with one further feature; it sends. */
function nicDriver(offer: 'GUEST_HDRLEN' | 'HASH_REPORT' = 'GUEST_HDRLEN'): ModernDriver {
  const nics = [{ ringSize: 128, offer: [offer] }];
  const machine = qemuPc({ virtio: 'modern', nics, disks: [] });
  return new ModernDriver({ machine, bdf: 0x20, indices: [0, 1], main: 1 });
}

/** Sends a frame behind a virtio_net_hdr of this many bytes: flags, gso_type and fields of 16 bits. */
function send(
  driver: ModernDriver,
  frame: Uint8Array,
  [flags, gsoType, ...fields]: readonly number[],
  header: number = NET_HDR_SIZE.mergeable,
): void {
  const at = driver.buffer(header + frame.length);
  const { memory } = driver.machine.port;
  memory.store(at, flags!, 1);
  memory.store(at + 1, gsoType!, 1);
  for (const [i, value] of fields.entries()) memory.store(at + 2 + 2 * i, value, 2);
  memory.write(at + header, frame);
  driver.ask([{ address: at, length: header + frame.length, flags: 0, next: 0 }]);
}

/** Sends a frame of two segments, whose header has this hdr_len. */
function sendLarge(driver: ModernDriver, hdrLen: number): void {
  const options = { payload: new Uint8Array(2 * MSS), sum: 'partial' as const };
  const { upper, field } = partsOf(options);
  send(driver, makeFrame(options), [
    NET_HDR_F.NEEDS_CSUM,
    NET_HDR_GSO.TCPV4,
    ...[hdrLen, MSS, upper, field, 0],
  ]);
}

describe('a fault that a driver had is found:', () => {
  const cutting = 2 ** CSUM + 2 ** MAC + 2 ** HOST_TSO4;
  const exact = VERSION_1 + 2 ** (GUEST_HDRLEN - 32);

  test('Linux wrote the length of a linear buffer to hdr_len, with GUEST_HDRLEN', () => {
    const driver = nicDriver().start(cutting, exact);

    sendLarge(driver, 128);

    expect(driver.told).toEqual(new Set(['virtio/NET-TX-D26']));
  });

  test('and its present value is right', () => {
    const driver = nicDriver().start(cutting, exact);

    sendLarge(driver, partsOf().payload);

    expect([driver.told, driver.answered]).toEqual([new Set(), 1]);
  });

  test('Linux left num_buffers of a frame that it sends as it was, without MRG_RXBUF', () => {
    const driver = nicDriver().start();

    send(driver, makeFrame(), [0, 0, 0, 0, 0, 0, 0x5a5a]);

    expect(driver.told).toEqual(new Set(['virtio/NET-TX-D2']));
  });

  test('and with MRG_RXBUF, where it clears the field, nothing is wrong', () => {
    const driver = nicDriver().start(2 ** MAC + 2 ** MRG_RXBUF, exact);

    send(driver, makeFrame(), [0, 0, 0, 0, 0, 0, 0]);

    expect([driver.told, driver.answered]).toEqual([new Set(), 1]);
  });

  test('rcore-os/virtio-drivers did not accept VERSION_1', () => {
    const driver = nicDriver();

    driver.begin().accept(0, 0).close().queues().status(0x0f);

    expect(driver.told).toEqual(new Set(['virtio/RFEAT-D1']));
  });

  test('Linux left the hash fields of a frame that it sends as they were, with HASH_REPORT', () => {
    const driver = nicDriver('HASH_REPORT').start(
      2 ** MAC + 2 ** CTRL_VQ,
      VERSION_1 + 2 ** (HASH_REPORT - 32),
    );

    send(driver, makeFrame(), [0, 0, 0, 0, 0, 0, 0, 0x5a5a, 0, 0, 0], NET_HDR_SIZE.hash);

    expect(driver.told).toEqual(new Set(['virtio/NET-IMP-10']));
  });
});
