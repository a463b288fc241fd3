export type { NetBackend, NetPort } from './backend.ts';
export { backendExpected } from './backend-expected.ts';
export type { Impairments } from './impaired.ts';
export { Impaired } from './impaired.ts';
export { join } from './join.ts';
export { Loopback } from './loopback.ts';
export { Recorder, Replay } from './record.ts';
export { Hub, Switch } from './switch.ts';
