import { mutantsOf } from './mutant.ts';

const RING = mutantsOf('queue/ring.ts', [
  ['an empty buffer is taken', 'if (length === 0) return', 'if (false) return'],
  [
    'a chain may have more buffers than the ring',
    'if (chain.count === this.size) return',
    'if (false) return',
  ],
  ['readable buffers may follow writable ones', 'if (!write && chain.writableBytes > 0)', 'if (false)'],
  [
    'the upper half of an address is cut off',
    'const address = (words[at + 1]! >>> 0) * 0x1_0000_0000 + (words[at]! >>> 0); if (length === 0) return',
    'const address = words[at]! >>> 0; if (length === 0) return',
  ],
  [
    'only the first byte of a buffer must lie in RAM',
    'const range = this.memory.find(address, length); if (range === null) return',
    'const range = this.memory.find(address, 1); if (range === null) return',
  ],
  ['half an entry of a table is passed over', '|| length % 16 !== 0', ''],
  ['an empty table is a chain', 'if (length === 0 || length % 16', 'if (length % 16'],
  [
    'the upper half of the address of a table is cut off',
    'const address = (words[at + 1]! >>> 0) * 0x1_0000_0000 + (words[at]! >>> 0); if (length === 0 ||',
    'const address = words[at]! >>> 0; if (length === 0 ||',
  ],
  [
    'only the first entry of a table must lie in RAM',
    'const range = this.memory.find(address, length); if (range === null ||',
    'const range = this.memory.find(address, 16); if (range === null ||',
  ],
  ['a table may lie at an odd address', 'range === null || address % 4 !== 0', 'range === null'],
  ['a ring that broke a rule is ready', 'this.broken = true;', ''],
  ['a ring that broke a rule gives chains', 'this.openEpoch = this.shortEpoch = -1; this.tell', 'this.tell'],
  ['a ring that broke a rule gives chains once RAM moved', 'if (this.broken || !this', 'if (!this'],
  ['a ring that is watched goes the short way', 'watcher !== null || memory.dirty', 'memory.dirty'],
  ['a ring of which a host hears goes the short way', 'memory.dirty !== null || memory', 'memory'],
  ['a ring beside CPUs goes the short way', 'memory.hasCpusBeside || ', ''],
  ['the device is not told that a ring stopped', 'this.host.ringStopped?.();', ''],
  [
    'a ring may lie outside RAM',
    'this.locate() ? this.memory.epoch : -1',
    '(this.locate(), this.memory.epoch)',
  ],
  ['nothing is said of a ring outside RAM', "else this.stop('ring outside', 0, desc);", ''],
  ['a ring that was not set up is looked for at 0', 'if (!this.configured) return false;', ''],
  ['the byte behind RAM is taken for RAM', 'first.size - 1, FAST', 'first.size, FAST'],
  ['the first range is taken for the one at 0', '&& first.base === 0', ''],
  ['a reset leaves the size', 'this.size = this.maximum;', ''],
  ['a ring that was reset has an address', 'this.configured ? this.desc : 0', 'this.desc'],
]);

const CHAIN = mutantsOf('queue/chain.ts', [
  ['a table may have more buffers than the ring', 'if (entries > most) return false;', ''],
  ['the upper half of an address in a table is cut off', '(high | (flags & TABLE', '((flags & TABLE'],
  ['an entry of a table may have any flag', ' | (flags & TABLE_FORBIDDEN)', ''],
  ['the buffers of a table may lie outside RAM, or be empty', ' | (outside >> 31)', ''],
  [
    'readable buffers may follow writable ones in a table',
    'else if (writable === 0) readable += len; else return false;',
    'else readable += len;',
  ],
]);

const EVENT = mutantsOf('queue/packed-event.ts', [
  ['the lap of an event is not counted', ') - lap;', ');'],
  ['a way of no length has none', 'before >= now', 'before > now'],
  ['the event comes one descriptor late', '(now - event - 1)', '(now - event)'],
]);

const NOTIFIED = mutantsOf('queue/packed-event.ts', [
  ['a place outside the ring is where the driver goes on', 'offset >= size || ', ''],
  ['a place behind is where the driver goes on', 'ahead < 0 || ', ''],
  ['a place a lap ahead and more is where the driver goes on', ' || ahead > size', ''],
  [
    'an available descriptor is where the driver goes on',
    'if (isAvailable(words, offset, toldWrap)) return false;',
    '',
  ],
  [
    'a place behind a gap is where the driver goes on',
    'return ahead === 0 || isAvailable',
    'return true || isAvailable',
  ],
  ['the slot before the first has its wrap counter', 'offset === 0 ? !toldWrap : toldWrap', 'toldWrap'],
]);

const SPLIT_RULES = mutantsOf('../rules/virtio/queue/split.ts', [
  ['any avail.flags are good', 'kept: (k) => k.flags <= 1', 'kept: () => true'],
  ['avail.flags with EVENT_IDX may be 1', 'kept: (k) => k.flags === 0', 'kept: (k) => k.flags <= 1'],
]);

const PACKED_RULES = mutantsOf('../rules/virtio/queue/packed.ts', [
  ['any flags of an event structure are good', 'k.flags <= (k.eventIdx ? 2 : 1)', 'true'],
  ['an event structure may ask for events without EVENT_IDX', 'k.eventIdx ? 2 : 1', '2'],
]);

const DEVICE = mutantsOf('device.ts', [
  ['a kick reaches RAM without bus mastering', 'return this.gate.open && !', 'return !'],
  ['a queue that is not set up is served', '!queue?.ready || ', 'queue === undefined || '],
  ['a device that stopped is served', 'if (this.stopped || this.suspension', 'if (this.suspension'],
  ['a strict device serves before DRIVER_OK', "|| this.goesAlong('kick before DRIVER_OK')", '|| true'],
  ['a device does not say that it needs a reset', 'this.status |= DEVICE_NEEDS_RESET;', ''],
  ['features that were not offered are taken', 'value & this.offered.words[word]!', 'value'],
]);

const NOTIFY = mutantsOf('transport/modern/notify.ts', [
  ['a kick may be written beside its place', 'if (offset % this.multiplier !== 0) return NO_QUEUE;', ''],
  ['a kick of 16 bits tells a position', 'width === 4 && ', ''],
  ['a kick may tell any position', 'queue.checkNotified(position)', 'true'],
]);

const KICK_RULES = mutantsOf('../rules/virtio/transport/kick.ts', [
  ['a kick with data may have any width', 'kept: (k) => k.width === 4', 'kept: () => true'],
  ['a kick may have any width', 'kept: (k) => k.width === QUEUE_NOTIFY.width', 'kept: () => true'],
  ['a kick may lie beside its place', 'kept: isAtQueue', 'kept: () => true'],
  ['a kick by the structure may have any value', 'kept: (k) => k.told === k.expected', 'kept: () => true'],
  [
    'a kick may be of a queue that is not there',
    'k.exists && k.told === k.expected',
    'k.told === k.expected',
  ],
]);

export const SHARED = [
  ...RING,
  ...CHAIN,
  ...EVENT,
  ...NOTIFIED,
  ...SPLIT_RULES,
  ...PACKED_RULES,
  ...DEVICE,
  ...NOTIFY,
  ...KICK_RULES,
];
