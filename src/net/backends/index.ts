export { Loopback, type NetBackend, type NetPort } from './backend.ts';
export { Impaired, type Impairments } from './impaired.ts';
export { Recorder, Replay } from './record.ts';
export { backendExpected, Hub, join, Switch } from './switch.ts';
