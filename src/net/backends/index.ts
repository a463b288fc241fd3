export type { NetBackend, NetPort } from './backend.ts';
export { backendExpected } from './backend-expected.ts';
export { Hub } from './hub.ts';
export { Impaired } from './impaired.ts';
export type { Impairments } from './impairments.ts';
export { Loopback } from './loopback.ts';
export { Recorder } from './record.ts';
export { Replay } from './replay.ts';
export { Switch } from './switch.ts';
