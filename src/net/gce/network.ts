import { checkBytes } from '../../core/checks.ts';
import type { Clock } from '../../core/clock.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { NetBackend, NetPort } from '../backends/backend.ts';
import { PROTOCOL } from '../frame/headers.ts';
import type { Ipv6 } from '../stack/address.ts';
import type { Datagram } from '../stack/datagram.ts';
import type { Endpoint } from '../stack/endpoint.ts';
import { Budget } from '../stack/tcp/budget.ts';
import type { ServerSocket, TcpSocket } from '../stack/tcp/socket.ts';
import { TcpStack } from '../stack/tcp/stack.ts';
import { datagramOf, echoReplyTo, type Message, messageIn } from '../stack/udp.ts';
import { DHCP_PORT, dhcpAnswer } from './dhcp/server.ts';
import { DNS, dnsAnswer, serveDns } from './dns.ts';
import { type HttpHandler, serveHttp } from './http/serve.ts';
import type { Lease6 } from './ipv6/dhcp.ts';
import { Gateway6 } from './ipv6/gateway.ts';
import { isSame } from './ipv6/packet.ts';
import { Tcp6 } from './ipv6/tcp.ts';
import { Lan } from './lan.ts';
import { Metadata } from './metadata/metadata.ts';
import { MetadataServer } from './metadata/server.ts';
import { NTP, ntpAnswer } from './ntp.ts';
import { type GceNetworkOptions, type GceNetworkPlan, METADATA_SERVER, planNetwork } from './options.ts';
import { checkedPort, HTTP, Served, type TcpHandler, type UdpHandler } from './served.ts';
import { TFTP } from './tftp/message.ts';
import { TftpServer } from './tftp/server.ts';
import { TooLong } from './too-long.ts';

/**
 * Compute Engine's network for one guest: the gateway answers every ARP request, the guest is leased a /32, and the DNS
 * and metadata servers are at 169.254.169.254. What a test serves is at every other address. Everything is in the
 * process, on the machine's clock: runs are reproducible.
 *
 * @example
 * const network = gceNetwork({ metadata: { instance: { attributes: { greeting: 'hello' } } } });
 * network.http('/ignition', '{}');                                   // http://10.128.0.9/ignition, or any address
 * network.tcp(7, (socket) => { socket.onData = (bytes) => socket.write(bytes); });
 * const machine = gceN1({ nics: [{ backend: network }] });
 * const host = await V86Host.create(machine, { kernel, initrd });
 * await host.run({ until: () => network.leased });
 * network.metadata.set('instance/attributes/greeting', 'goodbye');   // answers waiting requests
 * let ssh: TcpSocket | undefined;
 * network.connect(22).then((socket) => { ssh = socket; });
 * await host.run({ until: () => ssh !== undefined });                // needs the machine to run
 * network.metadata.get('instance/guest-attributes/state/ready');     // what the guest wrote
 */
export class GceNetwork implements NetBackend {
  /** The content of the metadata server. */
  readonly metadata: Metadata;
  private readonly plan: GceNetworkPlan;
  private readonly lan: Lan;
  private readonly gateway6: Gateway6 | null;
  private readonly tcp6: Tcp6 | null;
  private readonly served = new Served();
  private readonly server: MetadataServer;
  private readonly tftpServer: TftpServer;
  private readonly tooLong: TooLong;
  private stack: TcpStack | null = null;
  private clock: Clock | null = null;
  private budget: Budget | null = null;
  private acknowledged = false;

  /** @throws MisuseError for an invalid option. */
  constructor(options: GceNetworkOptions = {}) {
    this.plan = planNetwork(options);
    const { lease, lease6, names, names6, tree } = this.plan;
    this.lan = new Lan(lease.address, lease.gateway);
    this.gateway6 = lease6 === null ? null : new Gateway6(lease6, names, lease.mtu, names6);
    this.tcp6 = lease6 === null ? null : this.tcpOver6(lease6);
    this.tooLong = new TooLong(lease.mtu);
    this.metadata = new Metadata(tree);
    const clock = () => this.clock!;
    this.server = new MetadataServer(this.metadata, clock);
    this.tftpServer = new TftpServer({ clock, mtu: lease.mtu, tell: (message) => this.tell(message) });
  }

  /** Whether the guest was given its address by DHCP. */
  get leased(): boolean {
    return this.acknowledged;
  }

  /** Bytes that its TCP connections now keep of what the guest sent, and of what it has not acknowledged. */
  get kept(): number {
    return this.budget?.used ?? 0;
  }

  /** Whether it was given its IPv6 address. */
  get leased6(): boolean {
    return this.gateway6?.leased ?? false;
  }

  /** Accepts connections to a port, except at the metadata server. @throws MisuseError for an invalid port or function. */
  tcp(port: number, handler: TcpHandler): void {
    this.served.tcp(port, handler);
  }

  /** Receives messages to a port, at every address, before the built-in servers: 67 is DHCP, 53 DNS. @throws as `tcp`. */
  udp(port: number, handler: UdpHandler): void {
    this.served.udp(port, handler);
  }

  /**
   * Serves a page on port 80 of every address but the metadata server's, or lets a function answer each request for it. The
   * bytes of a page are not copied. A handler for port 80 set by `tcp` takes precedence.
   *
   * @throws MisuseError for an invalid path or page.
   */
  http(path: string, page: Uint8Array | string | HttpHandler): void {
    this.served.http(path, page);
  }

  /** Serves a file over TFTP, at every address. @throws MisuseError for an invalid name or bytes. */
  tftp(name: string, bytes: Uint8Array): void {
    checkBytes('tftp.bytes', bytes);
    this.tftpServer.serve(name, bytes);
  }

  /**
   * Connects to a port of the guest, from the gateway's address. TCP retries while there is no answer, which needs the
   * guest's time to pass: run the machine, and await this afterwards or meanwhile.
   *
   * @returns the connection, once it is open; rejects if the guest refuses it, or never answers.
   * @throws MisuseError for an invalid port, and without a NIC.
   */
  connect(port: number): Promise<TcpSocket> {
    const { address, gateway } = this.plan.lease;
    const remote = { address, port: checkedPort('connect', port) };
    if (this.stack === null) throw new MisuseError('network', 'detached', 'the backend of a NIC');
    const socket = this.stack.connect(gateway, remote);
    const opened = new Promise<TcpSocket>((resolve, reject) => {
      socket.onOpen = () => resolve(socket);
      socket.onClose = (why) => reject(new Error(`the guest's port ${port}: ${why}`));
    });
    // The error is for the caller that awaits it; until then it must not be an unhandled rejection.
    opened.catch(() => undefined);
    return opened;
  }

  attach(port: NetPort | null): void {
    this.budget?.end();
    this.stack?.forget();
    this.server.forget();
    this.tftpServer.forget();
    // Read now: a port that is detached may not be read.
    if (port !== null) this.clock = port.clock;
    this.lan.port = port;
    this.budget = port === null ? null : new Budget(port.clock, this.plan.budget);
    this.tcp6?.attach(port, this.budget);
    if (this.gateway6 !== null) this.gateway6.clock = port?.clock ?? null;
    this.stack = port === null ? null : this.stackOn(port.clock);
  }

  send(frame: Uint8Array): void {
    const tooLong = this.tooLong.versionOf(frame);
    if (tooLong !== 0) {
      this.refuse(frame, tooLong);
      return;
    }
    if (this.tcp6?.take(frame)) return;
    const answer = this.gateway6?.answer(frame) ?? null;
    if (answer !== null) this.lan.port?.receive(answer);
    const datagram = this.lan.take(frame);
    if (datagram !== null) this.take(datagram);
  }

  /** Notifies the sender, as a router does. */
  private refuse(frame: Uint8Array, version: 4 | 6): void {
    if (version === 6) {
      const told = this.gateway6?.tell(frame, this.tooLong.icmp6(frame));
      if (told !== undefined) this.lan.port?.receive(told);
      return;
    }
    const payload = this.tooLong.icmp4(frame);
    const { gateway, address } = this.plan.lease;
    this.lan.give({ protocol: PROTOCOL.ICMP, source: gateway, destination: address, payload });
  }

  private take(datagram: Datagram): void {
    const { protocol, source, destination, payload } = datagram;
    if (protocol === PROTOCOL.TCP) this.stack?.receive(datagram);
    else if (protocol === PROTOCOL.UDP) this.hear(messageIn(datagram));
    // Compute Engine's gateway does not answer.
    else if (protocol === PROTOCOL.ICMP && destination !== this.plan.lease.gateway)
      this.echo({ protocol, source: destination, destination: source }, echoReplyTo(payload));
  }

  private stackOn(clock: Clock): TcpStack {
    const { lease, seed } = this.plan;
    const send = (datagram: Datagram) => this.lan.give(datagram);
    const listener = ({ address, port }: Endpoint) => this.listener(address === METADATA_SERVER, port);
    return new TcpStack({ clock, mtu: lease.mtu, budget: this.budget, send, listener }, seed);
  }

  private tcpOver6({ mac, server }: Lease6): Tcp6 {
    const { seed, lease } = this.plan;
    const listener = ({ address, port }: Endpoint<Ipv6>) => this.listener(isSame(address, server), port);
    return new Tcp6({ mac, mtu: lease.mtu, seed, listener });
  }

  private listener(isMetadata: boolean, port: number): ((socket: ServerSocket) => void) | null {
    if (!isMetadata) return this.served.listener(port);
    if (port === DNS) return (socket) => serveDns(socket, this.plan.names, this.plan.names6);
    return port === HTTP ? (socket) => serveHttp(socket, this.server.handle) : null;
  }

  private hear(message: Message | null): void {
    if (message === null || this.tftpServer.hear(message)) return;
    const { to, bytes } = message;
    if (this.served.hear(message, (answer) => this.reply(message, answer))) return;
    if (to.port === DHCP_PORT.SERVER) this.lend(bytes);
    if (to.port === TFTP) this.tftpServer.ask(message);
    if (to.address !== METADATA_SERVER) return;
    if (to.port === DNS) this.reply(message, dnsAnswer(bytes, this.plan.names, this.plan.names6));
    if (to.port === NTP) this.reply(message, ntpAnswer(bytes, this.clock!));
  }

  private lend(request: Uint8Array): void {
    const answer = dhcpAnswer(request, this.plan.lease);
    if (answer === null) return;
    if (answer.isAck) this.acknowledged = true;
    const from = { address: METADATA_SERVER, port: DHCP_PORT.SERVER };
    this.tell({ from, to: { address: answer.to, port: DHCP_PORT.CLIENT }, bytes: answer.bytes });
  }

  private reply({ from, to }: Message, bytes: Uint8Array | null): void {
    if (bytes !== null) this.tell({ from: to, to: from, bytes });
  }

  private echo(ends: Omit<Datagram, 'payload'>, payload: Uint8Array | null): void {
    if (payload !== null) this.lan.give({ ...ends, payload });
  }

  private tell(message: Message): void {
    this.lan.give(datagramOf(message));
  }
}

/**
 * A Compute Engine network for one NIC: see `GceNetwork`.
 *
 * @example
 * const machine = gceN1({ nics: [{ backend: gceNetwork() }] });
 *
 * @throws MisuseError for an invalid option.
 */
export function gceNetwork(options: GceNetworkOptions = {}): GceNetwork {
  return new GceNetwork(options);
}
