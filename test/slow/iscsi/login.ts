/** Most bytes of data in one of our units, and in the whole answer to one R2T. */
export const DATA_MAX = 65_536;
export const BURST_MAX = 262_144;
/** What a receiver takes that says nothing (RFC 7143, 13.12). */
export const DATA_DEFAULT = 8192;

const least = (ours: number) => (theirs: string) => `${Math.min(ours, Number(theirs))}`;
const always = (ours: string) => () => ours;

/**
 * The outcome of each key (RFC 7143, 13): no authentication and no digests, data with a command and by R2T, one
 * connection.
 */
const KEYS: Readonly<Record<string, (theirs: string) => string>> = {
  AuthMethod: always('None'),
  HeaderDigest: always('None'),
  DataDigest: always('None'),
  InitialR2T: always('Yes'),
  ImmediateData: (theirs) => theirs,
  MaxBurstLength: least(BURST_MAX),
  FirstBurstLength: least(DATA_MAX),
  MaxConnections: always('1'),
  MaxOutstandingR2T: always('1'),
  DefaultTime2Wait: (theirs) => theirs,
  DefaultTime2Retain: always('0'),
  DataPDUInOrder: always('Yes'),
  DataSequenceInOrder: always('Yes'),
  ErrorRecoveryLevel: always('0'),
  IFMarker: always('No'),
  OFMarker: always('No'),
  MaxRecvDataSegmentLength: always(`${DATA_MAX}`),
};
/** They are declared, not negotiated. */
const DECLARED = ['InitiatorName', 'InitiatorAlias', 'TargetName', 'SessionType'];

/** The answers to the keys of a login request. */
export function negotiate(theirs: ReadonlyMap<string, string>): [key: string, value: string][] {
  return [...theirs]
    .filter(([key]) => !DECLARED.includes(key))
    .map(([key, value]) => [key, KEYS[key]?.(value) ?? 'NotUnderstood']);
}
