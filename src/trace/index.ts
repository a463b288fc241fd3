export { AccessLog } from './access-log.ts';
export { CaptureWriter, type FrameToWrite, writePcapng } from './capture-writer.ts';
export type { CapturedFrame } from './captured-frame.ts';
export { type DumpedFunction, lspciText } from './lspci.ts';
export { readCapture } from './read-capture.ts';
