import { bytesText, hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import { blankDqo, blankGqi, type DqoPacket, type GqiPacket, type GvnicEvents } from '../../gvnic/events.ts';
import { DQO_DESCRIPTORS_MOST } from '../../gvnic/registers/dqo.ts';
import { pseudoSum } from '../../net/frame/checksum.ts';
import { ethernet, PROTOCOL, tcp, udp, vlan_tag } from '../../net/frame/headers.ts';
import { FrameLayout, findHeaders } from '../../net/frame/layout.ts';
import { hasSum, isLeftOpen } from '../virtio/net/claims/sums.ts';
import { type GvnicFacts, SOURCE } from './facts.ts';

const LEN_BITS = 0x1_0000;
const FIELD = 2;
const [MSS_LEAST, MSS_MOST] = [88, 9728];
/** Of a DQO packet: its fewest bytes, and the longest payload that is to be cut. */
const [LEAST, CUT_MOST] = [17, 0x3_ffff];
/** Sums of 0 and of ffff are the same. */
const ONES = 0xffff;

/** Rules for the packets of a gVNIC's driver. */
export const GVNIC_TRANSMIT = {
  'gvnic/TX-TYPES': {
    where: SOURCE,
    text: 'A driver MUST begin a GQI packet with STD or TSO, go on with SEG, put MTD second at most, and count them all in the first.',
    advice: 'Set desc_cnt, and the type in the upper half of the first byte.',
    on: 'gqi',
    kept: ({ gqi }) => gqi.isSound,
    said: ({ gqi }) =>
      gqi.count === 0
        ? 'a packet begins with a descriptor of another type, or with one that counts none'
        : `a packet of ${gqi.count} descriptors has one of another type`,
  },
  'gvnic/TX-LENGTH': {
    where: SOURCE,
    text: 'A driver MUST write the length of a GQI packet into its first descriptor, and name bytes in each.',
    advice: 'Set len to the length of the packet, modulo 65536, and seg_len to that of each part.',
    on: 'gqi',
    when: ({ gqi }) => gqi.isSound,
    kept: ({ gqi }) => gqi.length % LEN_BITS === gqi.said && gqi.empty === 0,
    said: ({ gqi }) => `the first descriptor says ${bytesText(gqi.said)}, and all of them have ${gqi.length}`,
    once: true,
  },
  'gvnic/TX-BUFFER': {
    where: SOURCE,
    text: 'A driver MUST send bytes that lie in RAM, or in the list of pages of the queue.',
    advice: 'With a list give an offset in it, without one an address.',
    on: ['gqi', 'dqo'],
    kept: (k) => k.isInside && !k.isNull,
    said: (k) => `a descriptor names bytes ${k.isNull ? 'at address 0' : 'that are not there'}`,
  },
  'gvnic/TX-CSUM': {
    where: SOURCE,
    text: 'A driver MUST name the checksum field of a protocol, in the bytes of the first GQI descriptor.',
    advice:
      'Give both offsets in words of 16 bits: that of the header of TCP or UDP, and from there that of the field. Put the headers into the first descriptor.',
    on: 'gqi',
    when: ({ gqi }) => gqi.isSound && gqi.summed,
    kept: ({ gqi, isOther }) => gqi.start > 0 && gqi.start + gqi.offset + FIELD <= gqi.first && !isOther,
    said: ({ gqi }) => `the field is at ${gqi.start} + ${gqi.offset}, of ${bytesText(gqi.first)}`,
  },
  'gvnic/TX-TSO': {
    where: SOURCE,
    text: 'A driver MUST end the first descriptor of a GQI TSO packet after the headers, with L4CSUM, and give MSS, IP version and place in each of the others.',
    advice:
      'End the first descriptor after the TCP header, set L4CSUM in it, and give the place of the IP header in words of 16 bits.',
    on: 'gqi',
    when: ({ gqi }) => gqi.isCut && gqi.frame.length > 0,
    kept: ({ gqi, at }) =>
      gqi.summed &&
      gqi.mss > 0 &&
      at.payload === gqi.first &&
      gqi.isSix === (at.version === 6) &&
      !gqi.isMixed &&
      gqi.ip === at.ip,
    said: ({ gqi, at }) =>
      `headers of ${bytesText(at.payload)} with IP at ${at.ip}; the first descriptor has ${gqi.first}, and the others say an MSS of ${gqi.mss} and IP at ${gqi.ip}${gqi.isMixed ? ', and not all the same' : ''}${gqi.summed ? '' : '; L4CSUM is clear'}`,
  },
  'gvnic/TX-SHORT': {
    where: 'a driver’s report of hardware, which drops such a packet',
    text: 'A driver SHOULD NOT ask for segmentation of a packet that fits into one segment.',
    advice: 'Send it as it is.',
    on: ['gqi', 'dqo'],
    when: (k) => k.isCut && k.payload > 0,
    kept: (k) => k.payload > k.mss,
    said: (k) => `a payload of ${bytesText(k.payload)} is to be cut by ${k.mss}`,
  },
  'gvnic/TX-PSEUDO': {
    where: SOURCE,
    text: 'A driver MUST put the sum of the pseudo-header into a checksum field that a GQI descriptor has completed.',
    advice: 'Sum addresses, protocol and length, fold the sum, and do not complement it.',
    on: 'gqi',
    when: (k) => k.gqi.summed && !k.isCut && k.isField,
    kept: (k) => k.held % ONES === k.pseudo % ONES,
    said: (k) => `the field holds ${hex(k.held, 4)}, and the sum is ${hex(k.pseudo, 4)}`,
  },
  'gvnic/TX-OPEN': {
    where: SOURCE,
    text: 'A driver SHOULD ask for the checksum of a packet if it did not complete it.',
    advice:
      'Set L4CSUM and both offsets in a GQI descriptor, or CHECKSUM in each DQO descriptor of bytes: else what the field holds goes out.',
    on: ['gqi', 'dqo'],
    when: (k) => k.hasSum && !k.isCut,
    kept: (k) => k.isSummed || !k.isOpen,
    said: (k) =>
      `a packet of ${bytesText(k.frame.length)} has the sum of its pseudo-header alone, and no descriptor asks for more`,
  },
  'gvnic/TX-META': {
    where: SOURCE,
    text: 'A driver SHOULD zero what has no meaning in an MTD descriptor, and flags without a meaning in others.',
    advice: 'Write the type, its flags, the kind of the hash and the hash, and 0 for the rest.',
    on: 'gqi',
    when: ({ gqi }) => gqi.isSound,
    kept: ({ gqi }) => gqi.rest === 0 && gqi.stray === 0,
    said: ({ gqi }) =>
      gqi.stray === 0
        ? 'a descriptor of metadata has other bits'
        : `flags ${hex(gqi.stray, 2)} of a descriptor mean nothing`,
  },
  'gvnic/TX-MTU': {
    where: SOURCE,
    text: 'A driver MUST NOT send a frame longer than the MTU, unless the device is to segment it.',
    advice: 'Take the MTU from the descriptor; add 14 bytes of header, and 4 for a tag.',
    on: ['gqi', 'dqo'],
    when: (k) => !k.isCut && k.frame.length > 0,
    kept: (k) => k.frame.length <= k.facts.mtu + ethernet.size + vlan_tag.size,
    said: (k) => `a frame of ${bytesText(k.frame.length)}, with an MTU of ${k.facts.mtu}`,
  },
  'gvnic/DQO-TYPES': {
    where: SOURCE,
    text: 'A driver MUST write the descriptors 05 and 04 of a DQO packet before those of its bytes, and no others.',
    advice: 'Write contexts first, and each descriptor whole: stale bits are read as others.',
    on: 'dqo',
    kept: ({ dqo }) => dqo.isSound,
    said: () => 'a descriptor of another type, or a context behind bytes',
  },
  'gvnic/DQO-EMPTY': {
    where: SOURCE,
    text: 'A driver MUST name bytes in every DQO descriptor of bytes.',
    advice: 'Leave out what is empty.',
    on: 'dqo',
    when: ({ dqo }) => dqo.pieces > 0,
    kept: ({ dqo }) => dqo.empty === 0,
    said: ({ dqo }) => `${dqo.empty} of ${dqo.pieces} descriptors are of no bytes`,
  },
  'gvnic/DQO-WHOLE': {
    where: 'a driver’s mended fault: stale bits of another kind of descriptor were misread',
    text: 'A driver MUST write a DQO descriptor whole, with 0 in all bits that have no meaning.',
    advice: 'Build the descriptor in a variable, and store all of its 16 bytes.',
    on: 'dqo',
    when: ({ dqo }) => dqo.isSound,
    kept: ({ dqo }) => dqo.rest === 0,
    said: ({ dqo }) =>
      `bits that mean nothing are set in one of ${dqo.count} descriptors, or that of TSO is clear in a context`,
  },
  'gvnic/DQO-LENGTH': {
    where: SOURCE,
    text: 'A driver MUST send from 17 to 9728 bytes with a DQO packet that is not to be cut.',
    advice: 'Pad what is shorter.',
    on: 'dqo',
    when: ({ dqo }) => !dqo.isCut && dqo.frame.length > 0,
    kept: ({ dqo }) => dqo.frame.length >= LEAST && dqo.frame.length <= MSS_MOST,
    said: ({ dqo }) => `a packet of ${bytesText(dqo.frame.length)}`,
  },
  'gvnic/DQO-SUMS': {
    where: SOURCE,
    text: 'A driver SHOULD ask for a checksum in all descriptors of bytes of a DQO packet, or in none.',
    advice: 'Set CHECKSUM the same in each.',
    on: 'dqo',
    when: ({ dqo }) => dqo.pieces > 0,
    kept: ({ dqo }) => dqo.summed === 0 || dqo.summed === dqo.pieces,
    said: ({ dqo }) => `${dqo.summed} of ${dqo.pieces} do`,
  },
  'gvnic/DQO-MOST': {
    where: 'two drivers’ comments: hardware takes such a driver for malicious',
    text: 'A driver MUST use ten descriptors of bytes at most for a DQO packet, or for a segment of one.',
    advice: 'Copy a packet of more parts into one.',
    on: 'dqo',
    kept: ({ dqo }) => !dqo.isTooLong,
    said: ({ dqo }) => `a packet of ${dqo.pieces} descriptors, of ${DQO_DESCRIPTORS_MOST}; the queue stops`,
  },
  'gvnic/DQO-TSO': {
    where: SOURCE,
    text: 'A driver MUST say headers, payload and an MSS from 88 to 9728 in the context of a DQO packet that is to be cut.',
    advice: 'Set header_len up to the end of the header of TCP, and tso_total_len to what comes behind it.',
    on: 'dqo',
    when: ({ dqo }) => dqo.isCut && dqo.frame.length > 0,
    kept: ({ at, dqo }) =>
      dqo.headers === at.payload &&
      dqo.payload === dqo.length - dqo.headers &&
      dqo.payload <= CUT_MOST &&
      dqo.mss >= MSS_LEAST &&
      dqo.mss <= MSS_MOST,
    said: ({ at, dqo }) =>
      `headers of ${dqo.headers} and a payload of ${dqo.payload}, of ${bytesText(dqo.length)} with headers of ${at.payload}; MSS ${dqo.mss}`,
  },
  'gvnic/DQO-REPORT': {
    where: SOURCE,
    text: 'A driver MUST ask for a descriptor completion in the last descriptor of a DQO packet only.',
    advice: 'Set report_event where END_OF_PACKET is.',
    on: 'dqo',
    kept: ({ dqo }) => dqo.reportsWithin === 0,
    said: ({ dqo }) => `${dqo.reportsWithin} others do`,
  },
} as const satisfies Rules<TransmitWatch>;

/** Watches the packets that a gVNIC takes. */
export class TransmitWatch implements Partial<GvnicEvents> {
  readonly facts: GvnicFacts;
  readonly at = new FrameLayout();
  gqi = blankGqi();
  dqo = blankDqo();
  /** Of either kind. */
  frame = this.gqi.frame;
  isInside = true;
  /** A descriptor names address 0, as one that was not filled in. */
  isNull = false;
  isCut = false;
  mss = 0;
  payload = 0;
  /** A descriptor asks for a checksum; there is one of TCP or UDP, which holds the sum of the pseudo-header alone. */
  isSummed = false;
  hasSum = false;
  isOpen = false;
  /** The field of a GQI packet is that of TCP or UDP: what it holds, and what it should. */
  isField = false;
  /** There is one of TCP or UDP, and it is another. */
  isOther = false;
  held = 0;
  pseudo = 0;
  private queue = 0;
  private readonly on;

  constructor(facts: GvnicFacts, journal: Journal) {
    this.facts = facts;
    this.on = new Watch(journal, GVNIC_TRANSMIT).on;
  }

  get subject(): string {
    return `${this.facts.subject}, transmit queue ${this.queue}`;
  }

  gqiPacket(packet: GqiPacket): void {
    this.gqi = packet;
    this.isSummed = packet.summed;
    this.take(packet);
    this.lookAtField(packet);
    this.on.gqi.tell(this);
  }

  dqoPacket(packet: DqoPacket): void {
    this.dqo = packet;
    this.isSummed = packet.summed > 0;
    this.take(packet);
    this.on.dqo.tell(this);
  }

  private take({ queue, frame, isInside, isCut, mss, named }: GqiPacket | DqoPacket): void {
    this.queue = queue;
    this.frame = frame;
    this.isInside = isInside;
    this.isNull = false;
    for (let i = 0; named.isRaw && i < named.count; i++) if (named.addresses[i] === 0) this.isNull = true;
    this.isCut = isCut;
    this.mss = mss;
    findHeaders(frame, this.at);
    this.payload = this.at.transport === 0 ? 0 : frame.length - this.at.payload;
    this.hasSum = hasSum(frame, this.at);
    this.isOpen = !this.isSummed && this.hasSum && isLeftOpen(frame, this.at);
  }

  private lookAtField({ frame, summed, start, offset }: GqiPacket): void {
    const { transport, protocol, fragment, end, payload } = this.at;
    const isTcp = protocol === PROTOCOL.TCP;
    const field = isTcp ? tcp.offset.checksum : udp.offset.checksum;
    const isTheirs = summed && transport > 0 && !fragment;
    this.isField = isTheirs && start === transport && offset === field;
    // Behind a header of UDP a tunnel may begin.
    this.isOther = isTheirs && !this.isField && (isTcp || start < payload);
    if (!this.isField) return;
    this.held = (frame[transport + field]! << 8) | frame[transport + field + 1]!;
    this.pseudo = pseudoSum(frame, this.at, end - transport);
  }
}
