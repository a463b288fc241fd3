import { checkObject, checkWhole } from '../../../core/checks.ts';

/** What a sender says of a frame that the device is to cut into segments. Offsets count from its first byte. */
export interface Segmentation {
  /** Payload bytes of each segment. */
  readonly mss: number;
  /** Bytes of all headers, Ethernet to TCP. */
  readonly headerLength: number;
  /** Where the TCP header begins, and where in it the checksum is: 16. */
  readonly csumStart: number;
  readonly csumOffset: number;
}

/** @throws MisuseError for what is none. */
export function checkSegmentation(cut: Segmentation): void {
  checkObject('cut', cut);
  for (const field of ['headerLength', 'mss', 'csumStart', 'csumOffset'] as const)
    checkWhole(`cut.${field}`, cut[field], 0, 0xffff);
}
