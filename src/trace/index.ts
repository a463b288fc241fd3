export { CaptureWriter, type FrameToWrite, writePcapng } from './capture-writer.ts';
export type { CapturedFrame } from './captured-frame.ts';
export { readCapture } from './read-capture.ts';
