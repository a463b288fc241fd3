import type { Mark } from '../../../../core/access.ts';
import type { BitSet } from '../../../../core/bit-set.ts';
import { ByteReader } from '../../../../core/byte-reader.ts';
import type { Journal } from '../../../../core/journal.ts';
import type { RingPicture } from '../../../../core/ring-picture.ts';
import type { Rules } from '../../../../core/rule.ts';
import { Watch } from '../../../../core/watch.ts';
import {
  ADMIN_CMD,
  ADMIN_GROUP,
  ADMIN_STATUS,
  virtio_admin_cmd_cap_get_data as cap,
  virtio_admin_cmd_resource_obj_create_data as object,
} from '../../../../virtio/features/admin/registers.ts';
import { FF_CAPS, NET_CAP, NET_OBJECT } from '../../../../virtio/net/capability-registers.ts';
import type { Chain, NetEvents } from '../../../../virtio/net/events.ts';
import { FF_MASK_F_PARTIAL_MASK, readSelectors } from '../../../../virtio/net/registers/flow-filters.ts';
import type { NetFacts } from '../facts.ts';
import { FILTERS } from './filters.ts';
import type { AdminKnows, AdminMoment } from './knows.ts';
import { NetObjects } from './net-objects.ts';

const { LIST_QUERY, LIST_USE } = ADMIN_CMD;
const COMMANDS_WHERE = 'virtio 1.4, Group administration commands';
const OBJECTS = 'virtio 1.4, Device resource objects';
const NAMES = Object.fromEntries(Object.entries(ADMIN_CMD).map(([name, opcode]) => [opcode, name]));
/** Objects that need the capabilities of flow filters. */
const RESTING = Object.values(NET_OBJECT);

/** Rules of all commands to the card itself. */
const COMMANDS = {
  'virtio/ADMIN-IMP-1': {
    where: COMMANDS_WHERE,
    text: 'A driver MUST name an administration command in LIST_USE before sending it.',
    advice: 'After each reset, send LIST_USE with the listed commands that you support, and wait for OK.',
    on: 'command',
    when: (k) => k.opcode !== LIST_QUERY && k.opcode !== LIST_USE,
    kept: (k) => k.used.has(k.opcode),
    said: (k) => `${nameOf(k.opcode)} was sent, but LIST_USE had not named it`,
    once: true,
  },
  'virtio/ADMIN-IMP-2': {
    where: COMMANDS_WHERE,
    text: 'A driver MUST NOT name a command in LIST_USE that LIST_QUERY did not list.',
    advice: 'Send LIST_QUERY first, and remove what is not in its result.',
    on: 'uses',
    kept: (k) => strangers(k).length === 0,
    said: (k) => `LIST_USE named ${strangers(k).map(nameOf).join(', ')}, which LIST_QUERY had not listed`,
  },
  'virtio/ADMIN-IMP-3': {
    where: OBJECTS,
    text: 'A driver MUST NOT create an object with the type and id of an existing one.',
    advice: 'Destroy the first, change it with RESOURCE_OBJ_MODIFY, or use another id.',
    on: 'object',
    when: (k) => k.isNew,
    kept: (k) => !k.objects.has(k.type, k.id),
    said: (k) => `an object of type ${k.type.toString(16)}h and id ${k.id} was created, but one exists`,
  },
  'virtio/ADMIN-IMP-4': {
    where: OBJECTS,
    text: 'A driver MUST NOT set a capability while objects that depend on it exist.',
    advice: 'Set capabilities once after a reset, or destroy the objects first.',
    on: 'capability',
    when: (k) => k.sets,
    kept: (k) => !isRestedOn(k),
    said: (k) => `capability ${k.capability.toString(16)}h was set, but objects depend on it`,
  },
} as const satisfies Rules<AdminKnows, AdminMoment>;

function nameOf(opcode: number): string {
  return NAMES[opcode] ?? `command ${opcode}`;
}

function strangers({ named, offered }: AdminKnows): readonly number[] {
  return named.filter((opcode) => offered?.has(opcode) !== true);
}

function isRestedOn({ capability, objects }: AdminKnows): boolean {
  return FF_CAPS.includes(capability) && RESTING.some((type) => objects.any(type));
}

const NOTHING = new ByteReader('le', new Uint8Array(0));
const { FF_GROUP, FF_CLASSIFIER } = NET_OBJECT;
const FIRST: ReadonlySet<number> = new Set([ADMIN_CMD.LIST_QUERY, ADMIN_CMD.LIST_USE]);
/** Commands are listed in words of eight bytes: all of them fit into the first. */
const OPCODES = 64;

/** Rules of the commands of the administration virtqueue. */
export const ADMIN = { ...COMMANDS, ...FILTERS } as const;

/** Watches a driver's commands on the administration virtqueue of a network card. */
export class AdminWatch implements AdminKnows, Partial<NetEvents> {
  readonly accepted: BitSet;
  readonly objects = new NetObjects();
  opcode = -1;
  used: ReadonlySet<number> = FIRST;
  offered: ReadonlySet<number> | null = null;
  named: readonly number[] = [];
  type = -1;
  id = 0;
  body = NOTHING;
  isNew = false;
  capability = -1;
  sets = false;
  readonly set = new Set<number>();
  partialTypes: ReadonlySet<number> = new Set();
  private queue = 0;
  private chain: Chain | null = null;
  private readonly facts: NetFacts;
  private readonly journal: Journal;
  private readonly watch;
  private readonly on;

  /** @param accepted the negotiated features; the set changes in place. */
  constructor(facts: NetFacts, journal: Journal, accepted: BitSet) {
    this.facts = facts;
    this.journal = journal;
    this.accepted = accepted;
    this.watch = new Watch(journal, ADMIN);
    this.on = this.watch.on;
  }

  get subject(): string {
    return this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue, this.chain?.id) ?? null;
  }

  get groupUnderminedAt(): Mark | null {
    const rule = this.objects.rules.get(this.id);
    return rule === undefined ? null : this.objects.underminedAt(FF_GROUP, rule.group);
  }

  get classifierUnderminedAt(): Mark | null {
    const rule = this.objects.rules.get(this.id);
    return rule === undefined ? null : this.objects.underminedAt(FF_CLASSIFIER, rule.classifier);
  }

  commanded(queue: number, chain: Chain, opcode: number, group: number, data: ByteReader): void {
    this.queue = queue;
    this.chain = chain;
    this.opcode = group === ADMIN_GROUP.SELF ? opcode : -1;
    this.capability = this.type = -1;
    this.sets = this.isNew = false;
    if (this.opcode >= 0) this.on.command.tell(this);
    switch (this.opcode) {
      case ADMIN_CMD.LIST_USE:
        this.named = bitsIn((at) => data.u8(at), OPCODES);
        this.on.uses.tell(this);
        break;
      case ADMIN_CMD.DEVICE_CAP_GET:
      case ADMIN_CMD.DRIVER_CAP_SET:
        this.aboutCapability(data);
        break;
      case ADMIN_CMD.RESOURCE_OBJ_CREATE:
      case ADMIN_CMD.RESOURCE_OBJ_MODIFY:
        this.aboutObject(data);
        this.isNew = opcode === ADMIN_CMD.RESOURCE_OBJ_CREATE;
        this.on.object.tell(this);
        break;
      case ADMIN_CMD.RESOURCE_OBJ_DESTROY:
        this.aboutObject(data);
        this.on.destroy.tell(this);
        if (this.objects.restingOn(this.type, this.id).length > 0)
          this.objects.undermine(this.type, this.id, this.journal.mark);
    }
  }

  /** The card answered the command; with status OK it was carried out. */
  statusGiven(status: number, result: Uint8Array): void {
    if (status !== ADMIN_STATUS.OK) return;
    switch (this.opcode) {
      case ADMIN_CMD.LIST_QUERY:
        this.offered = new Set(bitsIn((at) => result[at] ?? 0, OPCODES));
        break;
      case ADMIN_CMD.LIST_USE:
        this.used = new Set(this.named);
        break;
      case ADMIN_CMD.DRIVER_CAP_SET:
        this.set.add(this.capability);
        if (this.capability === NET_CAP.FF_SELECTOR) this.partialTypes = partialIn(this.body);
        break;
      case ADMIN_CMD.RESOURCE_OBJ_CREATE:
      case ADMIN_CMD.RESOURCE_OBJ_MODIFY:
        this.objects.put(this.type, this.id, this.body);
        break;
      case ADMIN_CMD.RESOURCE_OBJ_DESTROY:
        this.objects.destroy(this.type, this.id);
    }
  }

  /** What the driver learnt of the card before it may still know. */
  reset(): void {
    this.watch.forget();
    this.objects.clear();
    this.set.clear();
    this.partialTypes = new Set();
    this.used = FIRST;
  }

  private aboutCapability(data: ByteReader): void {
    this.capability = data.u16(cap.offset.id);
    this.sets = this.opcode === ADMIN_CMD.DRIVER_CAP_SET;
    this.body = behind(data, cap.size);
    this.on.capability.tell(this);
  }

  private aboutObject(data: ByteReader): void {
    this.type = data.u16(object.offset.type);
    this.id = data.u32(object.offset.id);
    this.body = behind(data, object.size);
  }
}

function behind(data: ByteReader, at: number): ByteReader {
  return new ByteReader('le', data.bytes(at, Math.max(0, data.length - at)));
}

function partialIn(list: ByteReader): ReadonlySet<number> {
  const { selectors } = readSelectors(list);
  return new Set(
    selectors.filter(({ flags }) => (flags & FF_MASK_F_PARTIAL_MASK) !== 0).map(({ type }) => type),
  );
}

/** The bits below `end` that are set. */
function bitsIn(byteAt: (at: number) => number, end: number): number[] {
  return Array.from({ length: end }, (_, bit) => bit).filter((bit) => (byteAt(bit >> 3) >> (bit & 7)) & 1);
}
