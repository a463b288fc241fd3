import { describe, expect, test } from 'vitest';
import { struct } from '../../core/struct.ts';
import { ANSWER, CardRig, QUEUE } from '../card-rig.ts';
import {
  configure_device_resources,
  configure_rss,
  create_tx_queue,
  DESCRIPTOR_VERSION,
  describe_device,
  destroy_queue,
  memory_area,
  OPCODE,
  register_page_list,
  report_link_speed,
  COMMAND_STATUS as S,
  set_driver_parameter,
  unregister_page_list,
} from '../registers/admin.ts';
import * as reg from '../registers/bar0.ts';
import { device_descriptor, QUEUE_FORMAT } from '../registers/descriptor.ts';

const NOTHING = struct('nothing', 'be', {});
const LIST = 0x3000;
const PAGE = 0x4000;
const RESOURCES = { num_counters: 4, num_irq_dbs: 4, irq_db_stride: 64, queue_format: QUEUE_FORMAT.GQI_QPL };
const CONFIGURED = { ...RESOURCES, counter_array: 0x5000n, irq_db_addr: 0x6000n };
const TX_QUEUE = { tx_ring_addr: 0x1_0000n, queue_resources_addr: 0x7000n, tx_ring_size: 256 };

const configured = (more = {}) => {
  const rig = new CardRig().begin();
  rig.run(OPCODE.CONFIGURE_DEVICE_RESOURCES, configure_device_resources, { ...CONFIGURED, ...more });
  return rig;
};
/** A list of one page. */
const register = (rig: CardRig, more = {}) => {
  rig.view.setBigUint64(LIST, BigInt(PAGE));
  return rig.run(OPCODE.REGISTER_PAGE_LIST, register_page_list, {
    ...{ page_list_id: 7, num_pages: 1, page_address_list_addr: BigInt(LIST) },
    ...more,
  });
};
const create = (rig: CardRig, more = {}) =>
  rig.run(OPCODE.CREATE_TX_QUEUE, create_tx_queue, { ...TX_QUEUE, queue_page_list_id: 7, ...more });

describe('the registers', () => {
  test('tell the queues, and that the link is up', () => {
    const rig = new CardRig();

    expect([reg.MAX_TX_QUEUES, reg.MAX_RX_QUEUES].map((one) => rig.readRegister(one))).toEqual([2, 2]);
    expect(rig.readRegister(reg.DEVICE_STATUS)).toBe(reg.DEVICE_STATUS.mask.LINK_STATUS);
  });

  test('take the queue of commands by its page number, or by its address and RUN, or by both', () => {
    const rig = new CardRig();
    rig.writeRegister(reg.ADMINQ_BASE_ADDRESS_HI, 0);
    rig.writeRegister(reg.ADMINQ_BASE_ADDRESS_LO, QUEUE);
    expect(rig.readRegister(reg.ADMINQ_PFN)).toBe(0);

    rig.writeRegister(reg.DRIVER_STATUS, reg.DRIVER_STATUS.mask.RUN);

    expect(rig.readRegister(reg.ADMINQ_PFN)).toBe(QUEUE >> 12);
    expect(rig.run(OPCODE.VERIFY_DRIVER_COMPATIBILITY, memory_area)).toBe(S.PASSED);
  });

  test('are reset by a page number of 0, or by RESET, which DEVICE_IS_RESET answers', () => {
    const rig = configured();
    rig.writeRegister(reg.ADMINQ_PFN, 0);
    expect([reg.ADMINQ_PFN, reg.ADMINQ_EVENT_COUNTER].map((one) => rig.readRegister(one))).toEqual([0, 0]);

    rig.begin();
    rig.writeRegister(reg.DRIVER_STATUS, reg.DRIVER_STATUS.mask.RESET);

    expect(rig.readRegister(reg.ADMINQ_PFN)).toBe(0);
    expect(rig.readRegister(reg.DEVICE_STATUS) & reg.DEVICE_STATUS.mask.DEVICE_IS_RESET).not.toBe(0);
  });

  test('count commands beyond the slots of their queue', () => {
    const rig = new CardRig().begin();

    for (let i = 0; i < 130; i++) rig.run(OPCODE.VERIFY_DRIVER_COMPATIBILITY, memory_area);

    expect(rig.readRegister(reg.ADMINQ_EVENT_COUNTER)).toBe(130);
  });

  test('carry out nothing without bus mastering', () => {
    const rig = new CardRig().begin();
    rig.set(4, 0x04, 0x0002, 2);

    expect(rig.run(OPCODE.VERIFY_DRIVER_COMPATIBILITY, memory_area)).toBe(S.UNSET);
  });
});

describe('the description', () => {
  const ask = (rig: CardRig, available: number) =>
    rig.run(OPCODE.DESCRIBE_DEVICE, describe_device, {
      ...{ descriptor_addr: BigInt(ANSWER), version: DESCRIPTOR_VERSION, available_length: available },
    });

  test('has what drivers size their rings by', () => {
    const rig = new CardRig().begin();

    // Two options of 8 and 8 bytes behind 8 of each head: 40 + 12 + 16.
    expect(ask(rig, 256)).toBe(S.PASSED);
    const bytes = rig.board.memory.slice(ANSWER, 68)!;
    expect(device_descriptor.decode(bytes)).toMatchObject({
      ...{ tx_queue_entries: 256, rx_queue_entries: 256, default_num_queues: 2, mtu: 1460, counters: 4 },
      // Some drivers take it for the size of the ring.
      rx_pages_per_qpl: 256,
      ...{ num_device_options: 2, total_length: 68 },
    });
  });

  test('says what may be used in the word of each format, and requires nothing', () => {
    const rig = new CardRig({ offer: ['MODIFY_RING', 'RSS_CONFIG'] }).begin();

    ask(rig, 4096);

    // Options of GQI_QPL (3), DQO_RDA (4), MODIFY_RING (6) and RSS_CONFIG (e): number, what it requires, first word.
    const starts = [40, 52, 68, 88];
    const words = starts.map((at) => [at, at + 4, at + 8].map((place) => rig.view.getUint32(ANSWER + place)));
    expect(words.map(([head, needs]) => [head! >>> 16, needs])).toEqual([
      [3, 0],
      [4, 0],
      [6, 0],
      [0xe, 0],
    ]);
    // Bits 0 and 7; the options themselves have a mask of their own, which is not looked at.
    expect(words.map(([, , word]) => word)).toEqual([0x81, 0x81, 0, 0]);
  });

  // waitless saw 4096, 4096, 512 and 256 on a c3-highcpu-8, and the same least sizes on an n2-standard-2.
  test.each([
    [1024, 512],
    [256, 256],
  ])('of rings of %i entries says that a receive ring has %i at least', (ringSize, least) => {
    const rig = new CardRig({ ringSize, offer: ['MODIFY_RING'] }).begin();

    ask(rig, 4096);

    const body = ANSWER + 76;
    expect([4, 6, 8, 10].map((at) => rig.view.getUint16(body + at))).toEqual([4096, 4096, least, 256]);
  });

  test('is refused where there is no room for it', () => {
    expect(ask(new CardRig().begin(), 39)).toBe(S.INVALID_ARGUMENT);
  });

  test('has only the options that there is room for', () => {
    const rig = new CardRig().begin();

    expect(ask(rig, 67)).toBe(S.PASSED);
    // The option of DQO_RDA, of 16 bytes, does not fit.
    expect(device_descriptor.decode(rig.board.memory.slice(ANSWER, 40)!)).toMatchObject({
      ...{ num_device_options: 1, total_length: 52 },
    });
    expect(rig.view.getUint32(ANSWER + 52)).toBe(0);
  });
});

describe('the status of', () => {
  test('commands before there are resources is a precondition', () => {
    const rig = new CardRig().begin();
    const of = (opcode: number) => rig.run(opcode, NOTHING);

    expect([OPCODE.CREATE_TX_QUEUE, OPCODE.CREATE_RX_QUEUE, OPCODE.REGISTER_PAGE_LIST].map(of)).toEqual(
      new Array(3).fill(S.FAILED_PRECONDITION),
    );
  });

  test('what the card does not know is unimplemented', () => {
    const rig = configured();

    // Flow rules, an extended command; RSS and packet types with GQI rings and without the option.
    expect(
      [0x10, 0xff, OPCODE.CONFIGURE_RSS, OPCODE.GET_PTYPE_MAP].map((op) => rig.run(op, NOTHING)),
    ).toEqual(new Array(4).fill(S.UNIMPLEMENTED));
  });

  test.each([
    [{ num_counters: 5 }, S.INVALID_ARGUMENT],
    [{ num_irq_dbs: 5 }, S.INVALID_ARGUMENT],
    [{ irq_db_stride: 0 }, S.INVALID_ARGUMENT],
    [{ queue_format: QUEUE_FORMAT.DQO_QPL }, S.INVALID_ARGUMENT],
    [{ counter_array: 0xffff_ffff_f000n }, S.INVALID_ARGUMENT],
    [{ queue_format: QUEUE_FORMAT.UNSPECIFIED }, S.PASSED],
  ])('resources with %o', (more, status) => {
    const rig = new CardRig().begin();

    expect(
      rig.run(OPCODE.CONFIGURE_DEVICE_RESOURCES, configure_device_resources, { ...CONFIGURED, ...more }),
    ).toBe(status);
  });

  test.each([
    [{ num_pages: 0 }, S.INVALID_ARGUMENT],
    [{ num_pages: 6000 }, S.RESOURCE_EXHAUSTED],
    [{ page_address_list_addr: 0xffff_f000n }, S.INVALID_ARGUMENT],
    [{ page_size: 0n }, S.PASSED],
  ])('a list of pages with %o', (more, status) => {
    expect(register(configured(), more)).toBe(status);
  });

  test('a list whose number is in use, of a queue, or unknown', () => {
    const rig = configured();
    const unregister = (page_list_id: number) =>
      rig.run(OPCODE.UNREGISTER_PAGE_LIST, unregister_page_list, { page_list_id });
    register(rig);
    create(rig);

    expect([register(rig), unregister(7), unregister(8)]).toEqual([
      S.ALREADY_EXISTS,
      S.FAILED_PRECONDITION,
      S.NOT_FOUND,
    ]);
    rig.run(OPCODE.DESTROY_TX_QUEUE, destroy_queue, { queue_id: 0 });
    expect(unregister(7)).toBe(S.PASSED);
  });

  test.each([
    [{ queue_id: 2 }, S.INVALID_ARGUMENT],
    [{ ntfy_id: 4 }, S.INVALID_ARGUMENT],
    // As hardware answers.
    [{ tx_ring_size: 64 }, S.INVALID_ARGUMENT],
    [{ tx_ring_size: 300 }, S.INVALID_ARGUMENT],
    [{ tx_ring_addr: 0xffff_f000n }, S.INVALID_ARGUMENT],
    [{ queue_page_list_id: 8 }, S.NOT_FOUND],
    [{ tx_ring_size: 0 }, S.PASSED],
  ])('a queue with %o', (more, status) => {
    const rig = configured();
    register(rig);

    expect(create(rig, more)).toBe(status);
  });

  test('a queue that there is, and of one more than there are counters', () => {
    const rig = configured({ num_counters: 1 });
    register(rig);
    create(rig);

    expect([create(rig), create(rig, { queue_id: 1 })]).toEqual([S.ALREADY_EXISTS, S.FAILED_PRECONDITION]);
  });

  test('an MTU that the card does not have', () => {
    const rig = configured();
    const set = (parameter_value: bigint, parameter_type = 1) =>
      rig.run(OPCODE.SET_DRIVER_PARAMETER, set_driver_parameter, { parameter_type, parameter_value });

    expect([set(1460n), set(1461n), set(67n), set(1460n, 2)]).toEqual([
      S.PASSED,
      ...new Array(3).fill(S.INVALID_ARGUMENT),
    ]);
  });
});

test('a queue is told its doorbell and its counter, which begins at 0', () => {
  const rig = configured();
  register(rig);
  rig.view.setUint32(0x5000, 99);

  create(rig);

  const [doorbell, counter] = [rig.view.getUint32(0x7000), rig.view.getUint32(0x7004)];
  expect([doorbell > 0, counter, rig.view.getUint32(0x5000)]).toEqual([true, 0, 0]);
  expect(rig.view.getUint32(0x6000)).not.toBe(doorbell);
});

test('the speed of the link is told when it is asked for', () => {
  const rig = configured();
  rig.fn.device.setSpeed(32_000);

  rig.run(OPCODE.REPORT_LINK_SPEED, report_link_speed, { link_speed_address: BigInt(ANSWER) });

  expect(rig.view.getBigUint64(ANSWER)).toBe(32_000n);
});

test.each([
  ['FreeBSD, whose lists have 512 and 2048 pages whatever the rings', { ringSize: 256 }, 2560n],
  ['a driver that chose the largest rings', { offer: ['MODIFY_RING'] as const }, 512n + 2n * 4096n],
])('the pages of %s may be registered', (_, more, pages) => {
  const rig = new CardRig({ pairs: 1, ...more }).begin();
  rig.run(OPCODE.DESCRIBE_DEVICE, describe_device, {
    ...{ descriptor_addr: BigInt(ANSWER), version: DESCRIPTOR_VERSION, available_length: 4096 },
  });

  expect(rig.view.getBigUint64(ANSWER)).toBeGreaterThanOrEqual(pages);
});

test('the address of a key or table of no bytes is not looked at', () => {
  const rig = configured({ queue_format: QUEUE_FORMAT.DQO_RDA });
  const fields = { hash_types: 2, hash_alg: 1, hash_key_addr: 2n ** 64n - 1n, hash_lut_addr: 2n ** 63n };

  expect(rig.run(OPCODE.CONFIGURE_RSS, configure_rss, fields)).toBe(S.PASSED);
});
