/**
 * Files that accesses and frames are written to and read from.
 *
 * @experimental All of it: a minor version may change each name.
 */

export { AccessLog } from './access-log.ts';
export { CaptureWriter, type FrameToWrite, writePcapng } from './capture-writer.ts';
export type { CapturedFrame } from './captured-frame.ts';
export { CommentedCapture } from './formats/commented-capture.ts';
export { JsonLines } from './formats/json-lines.ts';
export { TraceEvents } from './formats/trace-events.ts';
export { type Signal, Vcd } from './formats/vcd.ts';
export { type DumpedFunction, lspciText } from './lspci.ts';
export { readCapture } from './read-capture.ts';
export {
  type GuestRecord,
  type MachineRecord,
  type RamRecord,
  RECORDING_FORMAT,
  type TraceRecord,
  type TraceWriter,
} from './trace-record.ts';
