import { mutantsOf } from './mutant.ts';

/** The walk that knows every rule. */
const WALK = mutantsOf('queue/split-ring.ts', [
  ['a head past the ring is followed', 'if (head >= size) return', 'if (false) return'],
  [
    'a chain that is in flight is taken without a word',
    'if (this.inFlight[head] !== 0) this.tell',
    'if (false) this.tell',
  ],
  ['a loop goes round until the chain is full', 'steps < count', 'steps < 1e9'],
  ['a next past the table is followed', 'if (next >= count)', 'if (false)'],
  ['a table in a table is followed', 'if (nested) return', 'if (false) return'],
  [
    'a table that was not negotiated is followed in silence',
    'if (!this.host.indirect) this.tell',
    'if (false) this.tell',
  ],
  ['INDIRECT with NEXT passes in silence', 'if ((flags & NEXT) !== 0) this.tell', 'if (false) this.tell'],
  ['descriptors may lie in any order', 'if (this.host.inOrder && next !== (i + 1) % count)', 'if (false)'],
  ['behind the last descriptor nothing follows', 'next !== (i + 1) % count', 'next !== i + 1'],
  ['only the first descriptor must lie in RAM', 'this.desc, size * virtq_desc.size', 'this.desc, 16'],
  ['only the head of the available ring must lie in RAM', 'virtq_avail.size + size * 2 + 2', '4'],
  [
    'only the head of the used ring must lie in RAM',
    'this.device, virtq_used.size + size * virtq_used_elem.size + 2',
    'this.device, 4',
  ],
  ['any position agrees', 'return nextOff === this.availHalves[1];', 'return true;'],
]);

/** The ring around it. */
const ROUND = mutantsOf('queue/split-queue.ts', [
  ['a jump of avail.idx is followed', 'if (pending === 0 || pending > size)', 'if (pending === 0)'],
  [
    'a jump of avail.idx ends in silence',
    "return this.stop('index ahead', this.nextAvail, this.availHalves[1]!, this.size);",
    'return false;',
  ],
  ['what comes while the device asks for a kick is left', 'if (this.wentOn()) return this.takeNext();', ''],
  ['what is in flight is not remembered', 'inFlight[head] = 1;', ''],
  [
    'a chain that was given back is in flight',
    'this.nextUsed = (nextUsed + 1) & 0xffff; this.inFlight[id] = 0;',
    'this.nextUsed = (nextUsed + 1) & 0xffff;',
  ],
  [
    'a chain that was given back with a later one is in flight',
    '(this.nextUsed + 1) & 0xffff; this.inFlight[id] = 0;',
    '(this.nextUsed + 1) & 0xffff;',
  ],
  ['a chain that was put back is in flight', 'this.inFlight[head] = 0;', ''],
  ['used.flags may be anything', 'if (this.isNew) this.lookAtFlags();', ''],
  [
    'chains are taken where RAM was',
    'if (this.openEpoch !== this.memory.epoch && !this.reopen()) return false;',
    '',
  ],
  [
    'chains are given back where RAM was',
    'if (this.epoch !== this.memory.epoch && !this.relocate()) return false; this.tellUsed',
    'this.tellUsed',
  ],
  [
    'used.idx is written where RAM was',
    'if (this.epoch !== memory.epoch && !this.relocate()) return false;',
    '',
  ],
  ['a ring set up anew goes on where it was', 'this.nextAvail = this.nextUsed = this.published = 0;', ''],
  ['a ring set up anew remembers what was in flight', 'this.inFlight.fill(0);', ''],
]);

const INTERRUPTS = mutantsOf('queue/split-queue.ts', [
  ['avail_event is not written', 'if (this.host.eventIdx) this.askForKick(); return false;', 'return false;'],
  ['that a ring ran dry is not told', 'if (this.events !== null) this.tellDry();', ''],
  ['NO_INTERRUPT is not heeded', '(this.availHalves[0]! & VIRTQ_AVAIL_F_NO_INTERRUPT) === 0', 'true'],
  ['NOTIFY_ON_EMPTY acts though not negotiated', 'this.host.notifyOnEmpty && this', 'this'],
  ['NOTIFY_ON_EMPTY acts while there is more', ' && this.availHalves[1] === this.nextAvail', ''],
  ['used_event comes one chain late', '(nextUsed - event - 1)', '(nextUsed - event)'],
  ['nothing new interrupts, too', 'if (nextUsed === this.published) return;', ''],
  ['used.idx is not told', 'this.tellPublished();', ''],
]);

const FAST = mutantsOf('queue/split-queue.ts', [
  ['a chain that is in flight is plain', 'inFlight[head] === 0 && this.fastWalk(', 'this.fastWalk('],
  ['a table that is in flight is plain', 'this.inFlight[head] === 0 && this.fastTable(', 'this.fastTable('],
  ['a buffer over the end of RAM is plain', ' | top | room | (room - top)', ' | top | room'],
  ['a buffer above 2 GiB is plain', 'low | len | top | room', 'len | top | room'],
  ['an empty buffer is plain', '| len | top | room', '| len | room'],
  ['an address above 4 GiB is plain', '(high | (flags & (INDIRECT', '((flags & (INDIRECT'],
  [
    'a table is a plain buffer',
    ' | (flags & (INDIRECT | UNKNOWN)) | (outside',
    ' | (flags & UNKNOWN) | (outside',
  ],
  ['a plain chain may have more buffers than the ring', ' || span === end', ' || span === 1e6'],
  [
    'readable buffers may follow writable ones in a plain chain',
    'else if (writable === 0) readable += len; else return false;',
    'else readable += len;',
  ],
  ['a next past the table is plain', 'if (i >= entries) return false;', ''],
  ['a table above 4 GiB is plain', '(words[at | 1]! | (outside', '((outside'],
  ['a table outside RAM is plain', ' | (outside >> 31) | (low & 3)', ' | (low & 3)'],
  ['a table at an odd address is plain', ' | (low & 3) | (len', ' | (len'],
  ['a table with half an entry is plain', ' | (len & 15)', ''],
  ['INDIRECT with NEXT is plain', '& (NEXT | INDIRECT | UNKNOWN)) !==', '& (INDIRECT | UNKNOWN)) !=='],
  ['a table that was not negotiated is plain', '!== INDIRECT || !this.host.indirect', '!== INDIRECT'],
  ['with IN_ORDER chains are plain', 'if (this.host.inOrder) this.fastLast = -1;', ''],
]);

/** Of one buffer, in one step. */
const DELIVER = mutantsOf('queue/split-queue.ts', [
  [
    'a frame goes where RAM was, or passes who watches',
    'if (this.shortEpoch !== memory.epoch) return false;',
    '',
  ],
  ['a buffer in flight is delivered to', ' || inFlight[head] !== 0) return false;', ') return false;'],
  ['a frame is longer than its buffer', '| (len - bytes) | (body', '| (body'],
  ['a frame goes into what is to be read', '((descWords[at | 3]! & 0xffff) ^ WRITE)', '0'],
  ['a frame above 4 GiB goes below', '(descWords[at | 1]! | other | (outside', '(other | (outside'],
  ['a frame goes over the end of RAM', '| room | (room - len);', '| room;'],
]);

const BATCHES = mutantsOf('queue/split-queue.ts', [
  [
    'chains are taken together past who watches',
    'this.shortEpoch !== this.memory.epoch || pending < BATCH_LEAST',
    'pending < BATCH_LEAST',
  ],
  [
    'a jump of avail.idx is taken together',
    'pending < BATCH_LEAST || pending > size',
    'pending < BATCH_LEAST',
  ],
  ['chains given back together are not counted', 'this.nextUsed = (nextUsed + batch.count) & 0xffff;', ';'],
  ['the kernel looks where the ring was', 'this.isPlaced = false;', ''],
  ['a ring set up anew gets back what another had', 'this.batches.forget();', ''],
]);

/** What both ways share. */
const HINTS = mutantsOf('queue/split-ring.ts', [
  [
    'avail_event is not written for a ring that is watched',
    'if (this.host.eventIdx) this.askForKick(); else if (this.hushed)',
    'if (this.hushed)',
  ],
]);

export const SPLIT = [...WALK, ...ROUND, ...INTERRUPTS, ...FAST, ...DELIVER, ...BATCHES, ...HINTS];
