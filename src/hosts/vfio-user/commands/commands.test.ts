import { describe, expect, test } from 'vitest';
import { accessOf, ClientRig, commandOf, versionOf } from '../rig.ts';
import { ERRNO } from './errno.ts';
import { Exchange } from './exchange.ts';
import { device_info, REGIONS, region_info, region_write, write_multi } from './registers.ts';

const NOTHING = new Uint8Array(0);
const saidOf = (payload: Uint8Array) => new TextDecoder().decode(payload.subarray(4));
const regionOf = (rig: ClientRig, index: number) =>
  region_info.decode(
    rig.call('DEVICE_GET_REGION_INFO', region_info.encode({ argsz: region_info.size, index })).payload,
  );

describe('VERSION', () => {
  test("is answered with both ends' capabilities, and no twin socket", () => {
    const rig = new ClientRig({ rng: true }, 'rng');
    const capabilities = {
      max_msg_fds: 16,
      write_multiple: true,
      twin_socket: { supported: true },
      pgsizes: 4096,
      max_dma_maps: 65_535,
    };

    const { errno, payload } = rig.call('VERSION', versionOf(JSON.stringify({ capabilities })));

    expect([errno, saidOf(payload)]).toEqual([
      0,
      '{"capabilities":{"max_msg_fds":8,"max_dma_maps":1024,"write_multiple":true}}\0',
    ]);
  });

  test.each([
    ['another major version', versionOf('', 1), ERRNO.ENOTSUP],
    ['what is no JSON', versionOf('{'), ERRNO.EINVAL],
    ['capabilities that are none', versionOf('{"capabilities":7}'), ERRNO.EINVAL],
    ['no version', NOTHING, ERRNO.EINVAL],
  ])('refuses %s', (_what, payload, errno) => {
    expect(new ClientRig({ rng: true }, 'rng').call('VERSION', payload).errno).toBe(errno);
  });
});

test('a message is 16 to 65600 bytes', () => {
  const exchange = new Exchange();
  commandOf(exchange, 1, NOTHING);
  exchange.view.setUint32(4, 15, true);

  expect(() => exchange.checkHeader()).toThrow('vfio-user message must be 16 to 65600 bytes; got 15');
});

test('a reply is not a command', () => {
  const exchange = new Exchange();
  commandOf(exchange, 1, NOTHING);
  exchange.view.setUint32(8, 1, true);

  expect(() => exchange.checkHeader()).toThrow('vfio-user message must be a command, whose type is 0');
});

test('a device is a PCI device that can be reset, with nine regions and five kinds of interrupts', () => {
  const { payload } = new ClientRig({ rng: true }, 'rng').call(
    'DEVICE_GET_INFO',
    device_info.encode({ argsz: 16 }),
  );

  expect(device_info.decode(payload)).toEqual({ argsz: 16, flags: 3, num_regions: 9, num_irqs: 5 });
});

test('a region has the size of its base address; one without is empty', () => {
  const rig = new ClientRig({ rng: true, virtio: 'transitional' }, 'rng');

  const sizes = [0, 1, 2, 4, 6, 7, 8].map((index) => Number(regionOf(rig, index).size));

  expect(sizes).toEqual([32, 64, 0, 4096, 0, 256, 0]);
});

describe('configuration space', () => {
  test('is read as a guest reads it', () => {
    expect(new ClientRig({ rng: true }, 'rng').read(REGIONS.config, 0, 4)).toEqual([0xf4, 0x1a, 0x05, 0x10]);
  });

  test('can be read whole by the client itself: no register acts, and the read is not judged', () => {
    const rig = new ClientRig({ rng: true, virtio: 'modern' }, 'rng');

    const bytes = rig.read(REGIONS.config, 0, 256);

    expect([bytes.length, bytes.slice(0, 4)]).toEqual([256, [0xf4, 0x1a, 0x44, 0x10]]);
    expect(rig.machine.findings).toEqual([]);
  });

  test("takes a guest's writes, also across a double word", () => {
    const rig = new ClientRig({ rng: true }, 'rng');

    rig.write(REGIONS.config, 0x13, 0xaa, 0xbb);

    expect([rig.read(REGIONS.config, 0x13, 1), rig.read(REGIONS.config, 0x17, 1)]).toEqual([[0xaa], [0]]);
  });
});

describe('a base address', () => {
  test('maps the registers behind it', () => {
    const rig = new ClientRig({ rng: true }, 'rng');
    rig.place();

    rig.write(0, 18, 1);

    expect(rig.read(0, 18, 1)).toEqual([1]);
  });

  test('reads as all ones while it is disabled in Command', () => {
    const rig = new ClientRig({ rng: true }, 'rng');
    rig.place();
    rig.write(REGIONS.config, 0x04, 0, 0);

    expect(rig.read(0, 12, 4)).toEqual([255, 255, 255, 255]);
  });

  test('cannot be accessed past its end', () => {
    const rig = new ClientRig({ rng: true }, 'rng');
    rig.place();

    expect(rig.write(0, 31, 1, 2)).toBe(ERRNO.EINVAL);
    expect(rig.call('REGION_READ', accessOf(0, 2 ** 40, 1)).errno).toBe(ERRNO.EINVAL);
    expect(rig.call('REGION_READ', accessOf(9, 0, 1)).errno).toBe(ERRNO.EINVAL);
  });

  test('takes several writes in one message, in order', () => {
    const rig = new ClientRig({ rng: true }, 'rng');
    rig.place();
    const status = (value: number) =>
      region_write.encode({
        offset: 18n,
        region: 0,
        count: 1,
        data: Uint8Array.of(value, 0, 0, 0, 0, 0, 0, 0),
      });
    const writes = [...write_multi.encode({ wr_cnt: 2n }), ...status(1), ...status(3)];

    const { errno, payload } = rig.call('REGION_WRITE_MULTI', new Uint8Array(writes));

    expect([errno, [...payload], rig.read(0, 18, 1)]).toEqual([0, [2, 0, 0, 0, 0, 0, 0, 0], [3]]);
  });

  test('refuses a message with fewer writes than it claims', () => {
    const rig = new ClientRig({ rng: true }, 'rng');

    expect(rig.call('REGION_WRITE_MULTI', write_multi.encode({ wr_cnt: 1n })).errno).toBe(ERRNO.EINVAL);
  });
});

test('a reset brings the function back to its power-on state', () => {
  const rig = new ClientRig({ rng: true }, 'rng');
  rig.place();

  rig.call('DEVICE_RESET');

  expect(rig.read(REGIONS.config, 0x04, 1)).toEqual([0]);
});

test('a command that is shorter than its stated length is refused', () => {
  expect(new ClientRig({ rng: true }, 'rng').call('DMA_MAP', new Uint8Array(31)).errno).toBe(ERRNO.EINVAL);
});
