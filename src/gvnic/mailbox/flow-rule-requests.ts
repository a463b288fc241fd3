import type { FlowRules } from '../flow-rules.ts';
import { FLOW_RULES_MOST, flow_rule as flow_rule_be } from '../registers/admin.ts';
import { MAILBOX_BUFFER, MAILBOX_STATUS, MAILBOX_OPCODE as OPCODE } from '../registers/mailbox.ts';

const flow_rule = flow_rule_be.in('le');
const WORD = 4;

/** Requests about flow rules. Numbers are little-endian; keys and masks are as they are in packets. */
export class FlowRuleRequests {
  private readonly rules: FlowRules;

  constructor(rules: FlowRules) {
    this.rules = rules;
  }

  /** @returns the answer, or a status. */
  run(opcode: number, body: Uint8Array): Uint8Array | number {
    const view = new DataView(body.buffer, body.byteOffset);
    const [first, second] = [view.getUint32(0, true), view.getUint32(WORD, true)];
    switch (opcode) {
      case OPCODE.GET_INFO_FLOW_STEERING:
        return wordsOf(FLOW_RULES_MOST);
      case OPCODE.QUERY_FLOW_RULE_STATS:
        return wordsOf(this.rules.all.length, FLOW_RULES_MOST);
      case OPCODE.QUERY_FLOW_RULE_IDS:
        return wordsOf(...counted(this.from(first, second, WORD).map(({ location }) => location)));
      case OPCODE.QUERY_FLOW_RULES:
        return this.listed(first, second);
      case OPCODE.ADD_FLOW_RULE: {
        const { flow_type: type, action: queue, key, mask } = flow_rule.decode(body.slice(), WORD);
        return this.rules.add({ location: first, type, queue, key, mask });
      }
      case OPCODE.DEL_FLOW_RULE:
        return this.rules.remove(first);
      case OPCODE.RESET_FLOW_RULES:
        this.rules.reset();
        return MAILBOX_STATUS.PASSED;
      default:
        return MAILBOX_STATUS.UNSUPPORTED;
    }
  }

  /** As many as are asked for, and fit. */
  private from(first: number, most: number, bytes: number): FlowRules['all'] {
    const room = Math.floor((MAILBOX_BUFFER - WORD) / bytes);
    return this.rules.all.filter(({ location }) => location >= first).slice(0, Math.min(most, room));
  }

  private listed(first: number, most: number): Uint8Array {
    const size = WORD + flow_rule.size;
    const all = this.from(first, most, size);
    const bytes = new Uint8Array(WORD + all.length * size);
    bytes.set(wordsOf(all.length));
    for (const [i, { location, type, queue, key, mask }] of all.entries()) {
      const at = WORD + i * size;
      bytes.set(wordsOf(location), at);
      flow_rule.encode({ flow_type: type, action: queue, key, mask }, bytes, at + WORD);
    }
    return bytes;
  }
}

function counted(numbers: readonly number[]): readonly number[] {
  return [numbers.length, ...numbers];
}

function wordsOf(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.length * WORD));
  for (const [i, number] of numbers.entries()) view.setUint32(i * WORD, number, true);
  return new Uint8Array(view.buffer);
}
