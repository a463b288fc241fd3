export { type DatagramPlaces, DatagramWire } from './datagram-wire.ts';
export { isHubName, SharedHub } from './shared-hub.ts';
export { type SocketPlace, SocketWire } from './socket-wire.ts';
export { Tap, type TapOptions } from './tap.ts';
