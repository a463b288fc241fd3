/**
 * A descriptor as it lay in RAM: virtq_desc or pvirtq_desc, and its place in its table. Numbers stand as the driver
 * stored them, the address in hexadecimal digits, since it has 64 bits.
 */
export interface DescriptorPicture {
  readonly index: number;
  readonly addr: string;
  readonly len: number;
  readonly flags: number;
  /** `NEXT WRITE` */
  readonly flagNames: string;
  /** Of a split ring. */
  readonly next?: number;
  /** Of a packed ring. */
  readonly id?: number;
  /** What is invalid, such as `outside RAM`; null if nothing is. */
  readonly odd: string | null;
  /** The first entries of the table that it points to, with INDIRECT, and how many there are. */
  readonly table?: readonly DescriptorPicture[];
  readonly tableLength?: number;
}

/** The owner of a ring's entry: the device took it or has yet to, or it is left from an earlier lap. */
export type EntryState = 'taken' | 'available' | 'used' | 'stale';

/** An entry of the available ring, or of the used ring, which has `len`. */
export interface EntryPicture {
  readonly index: number;
  readonly id: number;
  readonly len?: number;
  readonly state: EntryState;
}

/** `virtq_avail` or `virtq_used`: its head, the entries around `idx`, and the event field behind them. */
export interface RingAreaPicture {
  readonly at: string;
  readonly flags: number;
  readonly idx: number;
  readonly ring: readonly EntryPicture[];
  /** `used_event`, `avail_event`. */
  readonly event: number;
}

/** A split virtqueue. An area that does not lie in RAM is null. */
export interface SplitRingPicture {
  readonly format: 'split';
  readonly size: number;
  /** The field that the finding is about, such as `desc[5].flags`, if there is one. */
  readonly about: string | null;
  /** Chains that the device has taken, modulo 65536: comparable with `avail.idx`. */
  readonly taken: number;
  /** The descriptors of the chain in question, in its order, and whether there are more. */
  readonly desc: {
    readonly at: string;
    readonly entries: readonly DescriptorPicture[];
    readonly more: boolean;
  } | null;
  readonly avail: RingAreaPicture | null;
  readonly used: RingAreaPicture | null;
}

/** A descriptor of a packed ring, with what its AVAIL and USED bits say. */
export interface PackedDescriptorPicture extends DescriptorPicture {
  readonly avail: 0 | 1;
  readonly used: 0 | 1;
}

/** `pvirtq_event_suppress` */
export interface EventSuppressPicture {
  readonly at: string;
  readonly off: number;
  readonly wrap: 0 | 1;
  readonly flags: number;
}

/** A packed virtqueue. An area that does not lie in RAM is null. */
export interface PackedRingPicture {
  readonly format: 'packed';
  readonly size: number;
  readonly about: string | null;
  readonly desc: { readonly at: string; readonly entries: readonly PackedDescriptorPicture[] } | null;
  readonly driver: EventSuppressPicture | null;
  readonly device: EventSuppressPicture | null;
}

/** A virtqueue as it lay in guest RAM when a finding was made: plain data, a few entries around the place in question. */
export type RingPicture = SplitRingPicture | PackedRingPicture;
