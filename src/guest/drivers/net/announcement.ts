const BROADCAST = 'ff:ff:ff:ff:ff:ff';
/** RARP, by which hosts without an IP address announce themselves to switches. */
const ETHERTYPE = [0x80, 0x35];
/** Ethernet and IPv4, lengths of their addresses, reverse request. */
const RARP = [0, 1, 8, 0, 6, 4, 0, 3];
const LEAST = 60;

/** A broadcast frame that only announces `mac`. */
export function announcementOf(mac: string): Uint8Array {
  const address = bytesOf(mac);
  const nobody = [0, 0, 0, 0];
  const frame = new Uint8Array(LEAST);
  frame.set([
    ...bytesOf(BROADCAST),
    ...address,
    ...ETHERTYPE,
    ...RARP,
    ...address,
    ...nobody,
    ...address,
    ...nobody,
  ]);
  return frame;
}

function bytesOf(mac: string): number[] {
  return mac.split(':').map((byte) => Number.parseInt(byte, 16));
}
