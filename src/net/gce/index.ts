export type { HttpQuery, HttpRequest, HttpResponse } from './http/response.ts';
export type { HttpHandler } from './http/serve.ts';
export type { Metadata } from './metadata/metadata.ts';
export type { MetadataNode, MetadataTree } from './metadata/tree.ts';
export { type GceNetwork, gceNetwork } from './network.ts';
export type { GceNetworkOptions } from './options.ts';
export type { TcpHandler, UdpHandler, UdpMessage } from './served.ts';
