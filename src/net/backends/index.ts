export type { NetBackend, NetPort } from './backend.ts';
export { backendExpected, Hub } from './hub.ts';
export { Loopback } from './loopback.ts';
export { Recorder } from './record.ts';
export { Replay } from './replay.ts';
