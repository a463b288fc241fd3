export { type DatagramPlaces, DatagramWire } from './datagram-wire.ts';
export { type SocketPlace, SocketWire } from './socket-wire.ts';
