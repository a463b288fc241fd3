import type { Mark } from '../../../../core/access.ts';
import { ByteReader } from '../../../../core/byte-reader.ts';
import { NET_OBJECT } from '../../../../virtio/net/capability-registers.ts';
import {
  readSelectors,
  virtio_net_resource_obj_ff_rule as rule,
  type Selector,
} from '../../../../virtio/net/registers/flow-filters.ts';

const { FF_GROUP, FF_CLASSIFIER, FF_RULE } = NET_OBJECT;
const at = rule.offset;

/** A flow filter rule. */
export interface FilterRule {
  readonly group: number;
  readonly classifier: number;
  readonly priority: number;
  readonly keys: ByteReader;
}

export function readRule(body: ByteReader): FilterRule {
  return {
    group: body.u32(at.group_id),
    classifier: body.u32(at.classifier_id),
    priority: body.u8(at.rule_priority),
    keys: new ByteReader('le', body.bytes(rule.size, body.u8(at.key_length))),
  };
}

/** Objects that a driver made in a card and did not destroy. */
export class NetObjects {
  readonly classifiers = new Map<number, readonly Selector[]>();
  readonly rules = new Map<number, FilterRule>();
  private readonly groups = new Set<number>();
  /** When a group or a classifier was to be destroyed though rules used it. */
  private readonly undermined = new Map<string, Mark>();

  has(type: number, id: number): boolean {
    return this.idsOf(type)?.has(id) ?? false;
  }

  /** There are objects of that type. */
  any(type: number): boolean {
    return (this.idsOf(type)?.size ?? 0) > 0;
  }

  put(type: number, id: number, body: ByteReader): void {
    if (type === FF_GROUP) this.groups.add(id);
    if (type === FF_CLASSIFIER) this.classifiers.set(id, readSelectors(body).selectors);
    if (type === FF_RULE) this.rules.set(id, readRule(body));
  }

  destroy(type: number, id: number): void {
    const rule = type === FF_RULE ? this.rules.get(id) : undefined;
    this.idsOf(type)?.delete(id);
    this.undermined.delete(`${type} ${id}`);
    if (rule === undefined) return;
    if (this.restingOn(FF_GROUP, rule.group).length === 0)
      this.undermined.delete(`${FF_GROUP} ${rule.group}`);
    if (this.restingOn(FF_CLASSIFIER, rule.classifier).length === 0)
      this.undermined.delete(`${FF_CLASSIFIER} ${rule.classifier}`);
  }

  /** Ids of the rules that use a group or a classifier. */
  restingOn(type: number, id: number): number[] {
    const rests = ({ group, classifier }: FilterRule) =>
      (type === FF_GROUP && group === id) || (type === FF_CLASSIFIER && classifier === id);
    return [...this.rules].filter(([, one]) => rests(one)).map(([each]) => each);
  }

  undermine(type: number, id: number, mark: Mark): void {
    this.undermined.set(`${type} ${id}`, mark);
  }

  underminedAt(type: number, id: number): Mark | null {
    return this.undermined.get(`${type} ${id}`) ?? null;
  }

  clear(): void {
    for (const kept of [this.groups, this.classifiers, this.rules]) kept.clear();
    this.undermined.clear();
  }

  private idsOf(type: number) {
    switch (type) {
      case FF_GROUP:
        return this.groups;
      case FF_CLASSIFIER:
        return this.classifiers;
      case FF_RULE:
        return this.rules;
      default:
        return null;
    }
  }
}
