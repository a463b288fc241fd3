import { describe, expect, test } from 'vitest';
import { PROTOCOL } from '../net/frame/headers.ts';
import { FrameLayout, findHeaders } from '../net/frame/layout.ts';
import { makeFrame, partsOf } from '../net/frame/make.ts';
import { ANSWER, CardRig } from './card-rig.ts';
import { FlowRules } from './flow-rules.ts';
import * as admin from './registers/admin.ts';
import { QUEUE_FORMAT } from './registers/descriptor.ts';

const { FLOW_TYPE, FLOW_RULE_ACT, FLOW_RULES_QUERY, OPCODE, COMMAND_STATUS: S } = admin;
const [INNER, BIG] = [0x9000, 0xffff_ffff_f000n];
const NOTHING = new Uint8Array(admin.flow_key.size);
const keyOf = (fields = {}) => admin.flow_key.encode(fields);
const TCP4 = { location: 5, type: FLOW_TYPE.TCPv4, queue: 3, key: NOTHING, mask: NOTHING };

function queueOf(rules: FlowRules, frame: Uint8Array): number {
  const at = new FrameLayout();
  findHeaders(frame, at);
  return rules.queueOf({ frame, at, copy: frame, copyAt: 0, sums: 'none', hash: 0, segmentSize: 0 });
}

/** A frame of protocol `number`, whatever comes behind IP. */
function frameOf(version: 4 | 6, number: number): Uint8Array {
  const frame = makeFrame({ version, protocol: PROTOCOL.UDP });
  const { ip } = partsOf({ version });
  frame[ip + (version === 4 ? 9 : 6)] = number;
  return frame;
}

describe('a flow rule', () => {
  test.each([
    ['TCPv4', makeFrame()],
    ['UDPv4', makeFrame({ protocol: PROTOCOL.UDP })],
    ['SCTPv4', frameOf(4, 132)],
    ['AHv4', frameOf(4, 51)],
    ['ESPv4', frameOf(4, 50)],
    ['TCPv6', makeFrame({ version: 6 })],
    ['UDPv6', makeFrame({ version: 6, protocol: PROTOCOL.UDP })],
    ['SCTPv6', frameOf(6, 132)],
    ['AHv6', frameOf(6, 51)],
    ['ESPv6', frameOf(6, 50)],
  ] as const)('of %s takes packets of its type, and no others', (type, frame) => {
    const rules = new FlowRules(16);
    for (const [i, of] of Object.values(FLOW_TYPE).entries())
      rules.add({ ...TCP4, location: i, type: of, queue: of });

    expect(queueOf(rules, frame)).toBe(FLOW_TYPE[type]);
  });

  test('compares the bits of its mask', () => {
    const rules = new FlowRules(4);
    const key = keyOf({ destination_port: 0x1234, source: Uint8Array.of(10, 128, 0, 99), tos: 7 });
    rules.add({
      ...TCP4,
      key,
      mask: keyOf({ destination_port: 0xff00, source: Uint8Array.of(255, 255, 255) }),
    });

    expect([0x12ff, 0x1234, 0x1334].map((port) => queueOf(rules, makeFrame({ port })))).toEqual([3, 3, -1]);
  });

  test('at a lower place comes first', () => {
    const rules = new FlowRules(4);
    rules.add({ ...TCP4, location: 9, queue: 1 });
    rules.add({ ...TCP4, location: 2, queue: 2 });

    expect(queueOf(rules, makeFrame())).toBe(2);
    rules.remove(2);
    expect(queueOf(rules, makeFrame())).toBe(1);
  });

  test('takes no fragment, no other frame and nothing that is cut', () => {
    const rules = new FlowRules(4);
    rules.add(TCP4);
    const fragment = makeFrame();
    fragment[partsOf().ip + 6] = 0x20;

    expect(
      [fragment, new Uint8Array(60), makeFrame().subarray(0, 36)].map((one) => queueOf(rules, one)),
    ).toEqual([-1, -1, -1]);
  });
});

/** A card that offers them, and commands about them. */
class Ruled extends CardRig {
  constructor(more: object = { offer: ['FLOW_STEERING'] as const }) {
    super(more);
    this.begin();
    this.run(OPCODE.CONFIGURE_DEVICE_RESOURCES, admin.configure_device_resources, {
      ...{ counter_array: 0x3000n, irq_db_addr: 0x4000n, num_counters: 4, num_irq_dbs: 4 },
      ...{ irq_db_stride: 64, queue_format: QUEUE_FORMAT.GQI_QPL },
    });
  }

  change(opcode: number, location: number, rule = {}, more = {}): number {
    const fields = { flow_type: 0, action: 1, ...rule };
    const inner = { opcode, rule: admin.flow_rule.encode(fields), location };
    this.board.memory.write(INNER, admin.configure_flow_rule.encode(inner));
    const command = { inner_opcode: 0x101, inner_length: 92, inner_command_addr: BigInt(INNER) };
    return this.run(OPCODE.EXTENDED_COMMAND, admin.extended_command, { ...command, ...more });
  }

  ask(opcode: number, starting_rule_id: number, available: number, to = BigInt(ANSWER)): number {
    return this.run(OPCODE.QUERY_FLOW_RULES, admin.query_flow_rules, {
      ...{ opcode, starting_rule_id, available_length: BigInt(available), rule_descriptor_addr: to },
    });
  }

  /** Counts and length of the last answer, and the word behind. */
  get answer(): readonly number[] {
    return [0, 4, 8, 12, 16].map((at) => this.view.getUint32(ANSWER + at));
  }
}

describe('commands for flow rules', () => {
  test.each([
    [{}, {}, S.PASSED],
    [{ flow_type: 10 }, {}, S.INVALID_ARGUMENT],
    [{ action: 2 }, {}, S.INVALID_ARGUMENT],
    [{}, { inner_opcode: 0x102 }, S.UNIMPLEMENTED],
    [{}, { inner_length: 91 }, S.INVALID_ARGUMENT],
    [{}, { inner_command_addr: BIG }, S.INVALID_ARGUMENT],
  ])('add %o by %o', (rule, more, status) => {
    expect(new Ruled().change(FLOW_RULE_ACT.ADD, 0, rule, more)).toBe(status);
  });

  test('refuse a place that is taken, that is not there, or beyond all', () => {
    const rig = new Ruled();
    rig.change(FLOW_RULE_ACT.ADD, 3);

    expect([
      rig.change(FLOW_RULE_ACT.ADD, 3),
      rig.change(FLOW_RULE_ACT.ADD, admin.FLOW_RULES_MOST),
      rig.change(FLOW_RULE_ACT.DELETE, 4),
      rig.change(3, 0),
      rig.change(FLOW_RULE_ACT.RESET, 0),
      rig.change(FLOW_RULE_ACT.DELETE, 3),
    ]).toEqual([
      S.ALREADY_EXISTS,
      S.INVALID_ARGUMENT,
      S.NOT_FOUND,
      S.INVALID_ARGUMENT,
      S.PASSED,
      S.NOT_FOUND,
    ]);
  });

  test('answer with as many as there is room for, from a place on', () => {
    const rig = new Ruled();
    for (const location of [9, 2, 5]) rig.change(FLOW_RULE_ACT.ADD, location);
    const most = admin.FLOW_RULES_MOST;

    rig.ask(FLOW_RULES_QUERY.IDS, 3, 4096);
    expect([rig.answer, rig.view.getUint32(ANSWER + 20)]).toEqual([[3, most, 2, 16 + 2 * 4, 5], 9]);
    rig.ask(FLOW_RULES_QUERY.RULES, 0, 16 + 2 * 88 + 87);
    expect([rig.answer, rig.view.getUint16(ANSWER + 22)]).toEqual([[3, most, 2, 16 + 2 * 88, 2], 1]);
    rig.ask(FLOW_RULES_QUERY.STATS, 0, 16);
    expect(rig.answer.slice(0, 4)).toEqual([3, most, 0, 16]);
    rig.ask(FLOW_RULES_QUERY.IDS, 10, 4096);
    expect(rig.answer.slice(0, 4)).toEqual([3, most, 0, 16]);
  });

  test('refuse an answer without room, without a place and without a meaning', () => {
    const rig = new Ruled();

    expect([rig.ask(0, 0, 15), rig.ask(0, 0, 4096, BIG), rig.ask(3, 0, 4096)]).toEqual(
      new Array(3).fill(S.INVALID_ARGUMENT),
    );
  });

  test('are not known to a card that does not offer them', () => {
    const rig = new Ruled({});

    expect([rig.change(FLOW_RULE_ACT.ADD, 0), rig.ask(0, 0, 4096)]).toEqual([
      S.UNIMPLEMENTED,
      S.UNIMPLEMENTED,
    ]);
  });

  test('are forgotten by a reset', () => {
    const rig = new Ruled();
    rig.change(FLOW_RULE_ACT.ADD, 3);

    rig.fn.device.reset();

    expect(rig.fn.device.flowRules.all).toEqual([]);
  });
});

test('the clock of the card is told where it is offered, and to nothing too short', () => {
  const rig = new CardRig({ offer: ['NIC_TIMESTAMP'] }).begin();
  rig.board.clock.advance(1234);
  const ask = (length: bigint) =>
    rig.run(OPCODE.REPORT_NIC_TIMESTAMP, admin.memory_area, { length, addr: BigInt(ANSWER) });

  expect([ask(39n), ask(40n)]).toEqual([S.INVALID_ARGUMENT, S.PASSED]);
  const { nic_timestamp, pre_cycles, post_cycles } = admin.nic_timestamp.decode(
    rig.board.memory.slice(ANSWER, admin.nic_timestamp.size)!,
  );
  expect([nic_timestamp === BigInt(rig.board.clock.now), pre_cycles <= post_cycles, pre_cycles > 0n]).toEqual(
    [true, true, true],
  );
});
