import { mutantsOf } from './mutant.ts';

/** The walk that knows every rule. */
const WALK = mutantsOf('queue/packed-ring.ts', [
  [
    'a list whose rest is not available is taken',
    'if (((words[at + 3]! ^ expected) & STATE_WORD) !== 0)',
    'if (false)',
  ],
  ['a list that is longer than the ring goes round', 'steps <= size', 'steps <= 1e9'],
  ['an id that is outstanding is taken', 'if (this.slots[id] !== 0)', 'if (false)'],
  ['a table that was not negotiated is followed in silence', 'if (!this.host.indirect)', 'if (false)'],
  ['INDIRECT with NEXT is taken', '(flags & NEXT) !== 0 || steps > 1', 'steps > 1'],
  ['a table may end a list', '(flags & NEXT) !== 0 || steps > 1', '(flags & NEXT) !== 0'],
  ['entries of a table may have any flag', 'if ((flagged & ~WRITE) !== 0)', 'if (false)'],
  ['the wrap counter stays at the end of the ring', 'slot = 0; expected ^= STATE_WORD;', 'slot = 0;'],
  ['any position agrees', 'return isNextOfDriver(', 'return true || isNextOfDriver('],
  ['only the first descriptor must lie in RAM', 'this.desc, this.size * pvirtq_desc.size', 'this.desc, 16'],
  ["the driver's event structure may lie outside RAM", '|| driver === null ', ''],
  ["the device's event structure may lie outside RAM", '|| device === null', ''],
  ['a ring set up anew goes on where it was', 'this.nextAvail = 0;', ''],
  ['a ring set up anew keeps its wrap counter', 'this.available = AVAIL_WORD; this.slots', 'this.slots'],
  ['a ring set up anew remembers what was outstanding', 'this.slots.fill(0);', ''],
]);

const QUEUE = mutantsOf('queue/packed-queue.ts', [
  ['descriptors may be aligned to anything', 'desc % 16 !== 0 || ', ''],
  ["the driver's event structure may be aligned to anything", 'driver % 4 !== 0 || ', ''],
  ["the device's event structure may be aligned to anything", ' || device % 4 !== 0', ''],
  [
    'the device never asks for an event',
    'if (this.host.eventIdx) this.askForKick(); return false;',
    'return false;',
  ],
  [
    'the device never asks for an event of a ring that is watched',
    'if (this.host.eventIdx) this.askForKick(); else if (this.hushed)',
    'if (this.hushed)',
  ],
  ['that a ring ran dry is not told', 'if (this.events !== null) this.tellDry();', ''],
  [
    'what comes while the device asks for a kick is left',
    'if (this.isAvailable) return this.takeNext();',
    '',
  ],
  ['the event has no wrap counter', 'this.available === AVAIL_WORD ? PVIRTQ_EVENT_WRAP : 0', '0'],
  ['that a buffer was written is not told', ' | (written && WRITE_WORD)', ''],
  ['an id that was given back is outstanding', 'slots[id]!; slots[id] = 0;', 'slots[id]!;'],
  [
    'an id that was given back with a later one is outstanding',
    'this.slots[id] = 0; if (next <',
    'if (next <',
  ],
  ['the used wrap counter stays', 'this.usedBits ^= STATE;', ''],
  [
    'a buffer that was put back is outstanding',
    'this.slots[id] = 0; if (this.nextAvail',
    'if (this.nextAvail',
  ],
  ['buffers put back over the end of the ring keep the wrap counter', 'this.available ^= STATE;', ''],
  [
    'the head of a batch shows before its rest',
    'if (this.heldWord) words[at | 3] = idFlags;',
    'words[at | 3] = idFlags; if (this.heldWord) ;',
  ],
  ['nothing new interrupts, too', 'if (!heldWord) return;', ''],
  ['ENABLE is not heeded', 'flags === ENABLE || this', 'this'],
  ['DISABLE is not heeded', 'if (flags === DISABLE) return false;', ''],
  ['used descriptors are not told', 'this.tellPublished();', ''],
  [
    'chains are taken where RAM was',
    'if ((this.openEpoch !== this.memory.epoch && !this.reopen()) || !this.takeNext())',
    'if (!this.takeNext())',
  ],
  [
    'chains are given back where RAM was',
    'if (this.epoch !== this.memory.epoch && !this.relocate()) return false; this.tellUsed',
    'this.tellUsed',
  ],
  [
    'a batch is published where RAM was',
    'if (this.epoch !== this.memory.epoch && !this.relocate()) return false; if (this.memory.delay',
    'if (this.memory.delay',
  ],
]);

const FAST = mutantsOf('queue/packed-queue.ts', [
  ['an address above 4 GiB is plain', '(high | ((idFlags', '(((idFlags'],
  ['what is not available is plain', '((idFlags ^ expected) & FAST_MASK)', '(idFlags & INDIRECT_WORD)'],
  ['a table is a plain buffer', '= STATE | INDIRECT_WORD', '= STATE'],
  ['a buffer outside RAM, or empty, is plain', '& FAST_MASK) | (outside >> 31)', '& FAST_MASK)'],
  [
    'readable buffers may follow writable ones in a plain list',
    'else if (writable) return false; else readable += len;',
    'else readable += len;',
  ],
  ['a plain list at the end of the ring keeps the wrap counter', 'slot = 0; expected ^= STATE;', 'slot = 0;'],
  ['an id that is outstanding is plain', 'if (slots[id]) return false;', ''],
  ['a table above 4 GiB is plain', '(words[at | 1]! | (outside', '((outside'],
  ['a table outside RAM is plain', ' | (outside >> 31) | (low & 3)', ' | (low & 3)'],
  ['a table at an odd address is plain', ' | (low & 3) | (len', ' | (len'],
  ['a table with half an entry is plain', ' | (len & 15)', ''],
  ['INDIRECT with NEXT is plain', '& (NEXT_WORD | INDIRECT_WORD)) !==', '& INDIRECT_WORD) !=='],
  [
    'a table that was not negotiated is plain',
    '!== INDIRECT_WORD || !this.host.indirect',
    '!== INDIRECT_WORD',
  ],
  ['a table whose id is outstanding is plain', 'this.slots[id] !== 0 || !chain', '!chain'],
  [
    'a table at the end of the ring keeps the wrap counter',
    'end ? this.available ^ STATE : this.available',
    'this.available',
  ],
]);

export const PACKED = [...WALK, ...QUEUE, ...FAST];
