import { struct } from '../../../core/struct.ts';

/** Capability IPSEC_RESOURCE (virtio 1.4, IPsec Service Operation). */
export const virtio_crypto_ipsec_resource_cap = struct('virtio_crypto_ipsec_resource_cap', 'le', {
  inb_sa_limit: 'u32',
  outb_sa_limit: 'u32',
});
/** Head of capability IPSEC_SA; so many modes follow. */
export const virtio_crypto_ipsec_sa_cap_data = struct('virtio_crypto_ipsec_sa_cap_data', 'le', {
  count: 'u8',
  reserved: { bytes: 7 },
});
export const virtio_crypto_ipsec_mode_cap = struct('virtio_crypto_ipsec_mode_cap', 'le', {
  mode: 'u8',
  reserved: { bytes: 3 },
  max_replay_win_sz: 'u32',
  options: 'u32',
  reserved1: 'u32',
  cipher_algo: 'u64',
  hmac_algo: 'u64',
  aead_algo: 'u32',
  max_cipher_key_len: 'u32',
  max_auth_key_len: 'u32',
});
export const IPSEC_MODE = { ESP_TUNNEL: 1, ESP_TRANSPORT: 2, AH_TUNNEL: 3, AH_TRANSPORT: 4 } as const;
/** Bits of the options. */
export const IPSEC_OPTION = { ESN: 1, UDP_ENCAP: 2, SA_LIFETIME: 0x40 } as const;
export const IPSEC_DIR = { OUTBOUND: 1, INBOUND: 2 } as const;
/** The algorithms that our card supports: bit numbers in a capability, and values in an object. */
export const IPSEC_CIPHER = { AES_CBC: 3, AES_CTR: 4 } as const;
export const IPSEC_AUTH = { HMAC_SHA1: 2, HMAC_SHA_256: 4 } as const;

/** Maximum key length of an object. */
export const IPSEC_KEY_MOST = 32;

/** A security association; the tunnel's parameters are those of IPv6, which have room for those of IPv4. */
export const virtio_crypto_resource_obj_ipsec_sa = struct(
  'virtio_crypto_resource_obj_ipsec_sa_256b_key',
  'le',
  {
    mode: 'u8',
    direction: 'u8',
    reserved: { bytes: 2 },
    obj_id: 'u32',
    spi: 'u32',
    salt: 'u32',
    options: 'u64',
    tunnel_type: 'u8',
    tunnel_reserved: { bytes: 3 },
    tunnel: { bytes: 40 },
    udp_sport: 'u16',
    udp_dport: 'u16',
    replay_win_sz: 'u32',
    cipher_algo: 'u64',
    cipher_key_length: 'u16',
    reserved1: 'u16',
    cipher_key: { bytes: IPSEC_KEY_MOST },
    auth_algo: 'u64',
    auth_key_length: 'u16',
    reserved2: 'u16',
    auth_key: { bytes: IPSEC_KEY_MOST },
    packets_soft_limit: 'u64',
    bytes_soft_limit: 'u64',
    packets_hard_limit: 'u64',
    bytes_hard_limit: 'u64',
  },
);
