import { checkBytes, checkList, checkObject, checkWhole } from '../../../core/checks.ts';
import { MisuseError } from '../../../core/misuse.ts';
import {
  virtio_admin_cmd_cap_get_data,
  virtio_admin_cmd_resource_obj_create_data,
} from '../../../virtio/features/admin/registers.ts';
import { FF_CAPS, NET_OBJECT } from '../../../virtio/net/capability-registers.ts';
import {
  encodeSelectors,
  type Selector,
  virtio_net_resource_obj_ff_group,
  virtio_net_resource_obj_ff_rule,
} from '../../../virtio/net/registers/flow-filters.ts';
import { type AdminCommandName, DriverAdminQueue } from '../../virtio/driver-admin-queue.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';

const { FF_GROUP, FF_CLASSIFIER, FF_RULE } = NET_OBJECT;
const WORD = 0xffff_ffff;
const NONE = new Uint8Array(0);

/** A flow filter rule: its keys are matched by the masks of the classifier, in the order of its selectors. */
export interface FilterRule {
  readonly group: number;
  readonly classifier: number;
  readonly priority: number;
  readonly keys: Uint8Array;
  /** A value of FF_ACTION. */
  readonly action: number;
  /** The destination receive queue. Default 0. */
  readonly queue?: number;
}

/**
 * Flow filters of a network card, by its administration virtqueue. Methods return false, or null, if the card refuses;
 * `status` has the reason.
 *
 * @example
 * nic.admin.useFilters();                                        // required first
 * nic.admin.addGroup(0, 1);
 * nic.admin.addClassifier(0, [{ type: 1, flags: 0, mask }]);
 * nic.admin.addRule(0, { group: 0, classifier: 0, priority: 1, keys, action: 1 });
 * nic.admin.remove('FF_RULE', 0);
 */
export class NicAdmin {
  private readonly queue: DriverAdminQueue;

  private constructor(device: VirtioDriver, index: number) {
    this.queue = new DriverAdminQueue(device, index);
  }

  /** Of a card whose driver accepted ADMIN_VQ; null if it has no such queue after all. */
  static of(device: VirtioDriver): NicAdmin | null {
    const { adminQueue } = device.transport;
    return adminQueue === null ? null : new NicAdmin(device, adminQueue);
  }

  release(): void {
    this.queue.release();
  }

  /** Status of the last command: 0, or an error number. */
  get status(): number {
    return this.queue.status;
  }

  /** Enables all flow filter capabilities of the card; false if it has none. */
  useFilters(): boolean {
    const list = this.ask('CAP_ID_LIST_QUERY') ?? NONE;
    const isListed = (id: number) => ((list[id >> 3] ?? 0) & (1 << (id & 7))) !== 0;
    return FF_CAPS.every((id) => {
      const about = virtio_admin_cmd_cap_get_data.encode({ id });
      const offered = isListed(id) ? this.ask('DEVICE_CAP_GET', about) : null;
      return offered !== null && this.ask('DRIVER_CAP_SET', Uint8Array.of(...about, ...offered)) !== null;
    });
  }

  addGroup(id: number, priority: number): boolean {
    checkWhole('priority', priority, 0, 0xffff);
    const data = virtio_net_resource_obj_ff_group.encode({ group_priority: priority });
    return this.create(FF_GROUP, id, data);
  }

  addClassifier(id: number, selectors: readonly Selector[]): boolean {
    checkList('selectors', selectors);
    for (const one of selectors) {
      checkObject('selectors', one);
      checkBytes('mask', one.mask);
    }
    return this.create(FF_CLASSIFIER, id, encodeSelectors(selectors));
  }

  addRule(id: number, rule: FilterRule): boolean {
    checkObject('rule', rule);
    checkBytes('rule.keys', rule.keys);
    const head = virtio_net_resource_obj_ff_rule.encode({
      group_id: rule.group,
      classifier_id: rule.classifier,
      rule_priority: rule.priority,
      key_length: rule.keys.length,
      action: rule.action,
      vq_index: rule.queue ?? 0,
    });
    return this.create(FF_RULE, id, Uint8Array.of(...head, ...rule.keys));
  }

  /** Destroys an object. */
  remove(kind: keyof typeof NET_OBJECT, id: number): boolean {
    return this.ask('RESOURCE_OBJ_DESTROY', this.head(typeOf(kind), id)) !== null;
  }

  /** The data of an object. */
  query(kind: keyof typeof NET_OBJECT, id: number): Uint8Array | null {
    return this.ask('RESOURCE_OBJ_QUERY', this.head(typeOf(kind), id));
  }

  /** Sends any command with its data. */
  ask(name: AdminCommandName, data: Uint8Array = NONE): Uint8Array | null {
    checkBytes('data', data);
    return this.queue.ask(name, data);
  }

  private create(type: number, id: number, data: Uint8Array): boolean {
    return this.ask('RESOURCE_OBJ_CREATE', Uint8Array.of(...this.head(type, id), ...data)) !== null;
  }

  private head(type: number, id: number): Uint8Array {
    checkWhole('id', id, 0, WORD);
    return virtio_admin_cmd_resource_obj_create_data.encode({ type, id });
  }
}

function typeOf(kind: keyof typeof NET_OBJECT): number {
  const type = NET_OBJECT[kind];
  if (type === undefined) throw new MisuseError('kind', kind, `one of ${Object.keys(NET_OBJECT).join(', ')}`);
  return type;
}
