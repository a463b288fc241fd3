/** The field that a unit rejected. */
export interface FieldPointer {
  /** In the command block; otherwise in the parameter list. */
  readonly inCdb: boolean;
  readonly byte: number;
  /** The highest bit of the field; null if the unit gives none. */
  readonly bit: number | null;
}

/** Sense data beside key and codes; null if absent. Numbers are exact below 2^53. */
export interface SenseDetails {
  /** The error belongs to an earlier command. */
  readonly deferred: boolean;
  /** Usually a block: the one at which a command on the medium failed. */
  readonly information: number | null;
  /** Command-specific information, defined by the command's standard. */
  readonly commandSpecific: number | null;
  /** The three sense-key specific bytes. */
  readonly keySpecific: Uint8Array | null;
  /** The same decoded for an illegal request. */
  readonly field: FieldPointer | null;
  /** The part of the unit that failed. */
  readonly fru: number | null;
}

const ILLEGAL_REQUEST = 5;
const DEFERRED = 1;
const VALID = 0x80;
const SKSV = 0x80;
const CD = 0x40;
const BPV = 0x08;
const BIT = 0x07;
/** Offset from which additional sense bytes are counted, in both formats. */
const HEAD = 8;

/** Descriptor types (SPC-4, 4.5.2.1). */
const INFORMATION = 0x00;
const COMMAND_SPECIFIC = 0x01;
const KEY_SPECIFIC = 0x02;
const FRU = 0x03;

/** From sense data in fixed format (SPC-4, 4.5.3). */
export function fixedDetails(bytes: Uint8Array): SenseDetails {
  const sense = bytes.subarray(0, HEAD + (bytes[7] ?? 0));
  const view = viewOf(sense);
  const valid = (sense[0]! & VALID) !== 0;
  return details(sense, sense[2]!, {
    information: valid ? view.getUint32(3) : null,
    commandSpecific: sense.length >= 12 ? view.getUint32(8) : null,
    keySpecific: sense.length >= 18 ? sense.slice(15, 18) : null,
    fru: sense[14] ?? null,
  });
}

/** From sense data in descriptor format (SPC-4, 4.5.2). */
export function descriptorDetails(bytes: Uint8Array): SenseDetails {
  const sense = bytes.subarray(0, HEAD + (bytes[7] ?? 0));
  const find = (type: number, size: number) => findDescriptor(sense, type, size);
  const information = find(INFORMATION, 12);
  const specific = find(COMMAND_SPECIFIC, 12);
  return details(sense, sense[1]!, {
    information: information !== null && (information[2]! & VALID) !== 0 ? eightBytes(information, 4) : null,
    commandSpecific: specific === null ? null : eightBytes(specific, 4),
    keySpecific: find(KEY_SPECIFIC, 8)?.slice(4, 7) ?? null,
    fru: find(FRU, 4)?.[3] ?? null,
  });
}

function details(
  sense: Uint8Array,
  key: number,
  found: Omit<SenseDetails, 'deferred' | 'field'>,
): SenseDetails {
  const set = found.keySpecific !== null && (found.keySpecific[0]! & SKSV) !== 0;
  const keySpecific = set ? found.keySpecific : null;
  return {
    ...found,
    deferred: (sense[0]! & DEFERRED) !== 0,
    keySpecific,
    fru: found.fru === 0 ? null : found.fru,
    field: keySpecific !== null && (key & 0xf) === ILLEGAL_REQUEST ? fieldOf(keySpecific) : null,
  };
}

function fieldOf(keySpecific: Uint8Array): FieldPointer {
  const flags = keySpecific[0]!;
  return {
    inCdb: (flags & CD) !== 0,
    byte: viewOf(keySpecific).getUint16(1),
    bit: (flags & BPV) !== 0 ? flags & BIT : null,
  };
}

/** Type, length of the rest, and the rest; null if there is none of `size` bytes. */
function findDescriptor(sense: Uint8Array, type: number, size: number): Uint8Array | null {
  for (let at = HEAD; at + 1 < sense.length; at += 2 + sense[at + 1]!)
    if (sense[at] === type) return at + size <= sense.length ? sense.subarray(at, at + size) : null;
  return null;
}

function eightBytes(bytes: Uint8Array, at: number): number {
  const view = viewOf(bytes);
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
