import type { GuestPort } from '../../core/guest-port.ts';
import { virtioNet } from '../../guest/index.ts';
import type { Machine } from '../../machine/machine.ts';
import { dhcp } from '../../net/gce/dhcp/message.ts';
import { ipv4Of, macOf } from '../../net/stack/address.ts';
import { type Datagram, datagramIn, frameOf } from '../../net/stack/datagram.ts';
import { TcpStack } from '../../net/stack/tcp/stack.ts';
import { datagramOf, messageIn } from '../../net/stack/udp.ts';
import type { DriverModel } from '../model/model.ts';

/** For tests: guests on Compute Engine's network, above a reference driver. */

const [OWN, GATEWAY] = [ipv4Of('own', '10.128.0.2'), ipv4Of('gateway', '10.128.0.1')];
const [NOBODY, EVERYBODY] = [0, 0xffff_ffff];
const METADATA = { address: ipv4Of('to', '169.254.169.254'), port: 80 };
const [SERVER_PORT, CLIENT_PORT] = [67, 68];
const [COOKIE, DISCOVER, END] = [0x6382_5363, [53, 1, 1], 255];
const [MILLISECOND, WHILE] = [1_000_000, 50];
const GET = 'GET /computeMetadata/v1/instance/name HTTP/1.1\r\nMetadata-Flavor: Google\r\n\r\n';

type Nic = ReturnType<ReturnType<typeof virtioNet>['attach']>;

function guest(name: string, run: (port: GuestPort, nic: Nic, machine: Machine) => unknown): DriverModel {
  return {
    name,
    drivers: [virtioNet()],
    run: (port, [nic], machine) => void run(port, nic as Nic, machine),
  };
}

function put(nic: Nic, datagram: Datagram): void {
  nic.send(frameOf({ source: macOf(OWN), destination: macOf(GATEWAY) }, datagram, 0));
}

/** The bytes of each option. @param believes that its length is right. */
function options(bytes: Uint8Array, believes: boolean): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = dhcp.size; at < bytes.length && bytes[at] !== END; at += 2 + bytes[at + 1]!) {
    const length = bytes[at + 1] ?? 0;
    if (!believes && at + 2 + length > bytes.length) throw new Error('an option reaches beyond its message');
    found.push(new Uint8Array(bytes.buffer, bytes.byteOffset + at + 2, length));
  }
  return found;
}

function leases(name: string, believes: boolean): DriverModel {
  return guest(name, (port, nic) => {
    const head = dhcp.encode({ op: 1, htype: 1, hlen: 6, xid: 1, cookie: COOKIE });
    head.set(macOf(OWN), dhcp.offset.chaddr);
    const bytes = Uint8Array.of(...head, ...DISCOVER, END);
    const ends = {
      from: { address: NOBODY, port: CLIENT_PORT },
      to: { address: EVERYBODY, port: SERVER_PORT },
    };
    put(nic, datagramOf({ ...ends, bytes }));
    port.wait(() => false, MILLISECOND);
    for (let frame = nic.receive(); frame !== null; frame = nic.receive()) {
      const datagram = datagramIn(frame);
      // As a frame lies in a buffer of its own.
      if (datagram !== null) options(messageIn(datagram)!.bytes.slice(), believes);
    }
  });
}

function fetches(name: string, patience: number): DriverModel {
  return guest(name, (port, nic, machine) => {
    const { clock } = machine.chassis.board;
    const send = (datagram: Datagram) => put(nic, datagram);
    const stack = new TcpStack({ clock, mtu: 1460, send, listener: () => null }, 99);
    const socket = stack.connect(OWN, METADATA);
    let text = '';
    socket.onData = (bytes) => {
      text += Buffer.from(bytes).toString('latin1');
    };
    socket.write(Buffer.from(GET));
    const isWhole = () => {
      const [head, body] = text.split('\r\n\r\n');
      return body !== undefined && body.length >= Number(/content-length: *(\d+)/i.exec(head!)![1]);
    };
    for (let tries = 0; !isWhole(); tries++) {
      if (tries > patience) throw new Error('the answer is cut');
      for (let frame = nic.receive(); frame !== null; frame = nic.receive()) {
        const datagram = datagramIn(frame);
        if (datagram !== null) stack.receive(datagram);
      }
      port.wait(() => false, MILLISECOND);
    }
  });
}

export const PEERS = {
  leases: leases('checks options against the message', false),
  leasesBelieving: leases('reads options as long as they say', true),
  fetches: fetches('waits for an answer for a while', WHILE),
  fetchesBelieving: fetches('waits for an answer for ever', Number.POSITIVE_INFINITY),
};
