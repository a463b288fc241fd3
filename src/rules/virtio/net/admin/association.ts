import type { ByteReader } from '../../../../core/byte-reader.ts';
import {
  IPSEC_DIR,
  IPSEC_KEY_MOST,
  IPSEC_MODE,
  IPSEC_OPTION,
  virtio_crypto_resource_obj_ipsec_sa as sa,
} from '../../../../virtio/net/registers/ipsec.ts';

const { ESP_TUNNEL, AH_TUNNEL, AH_TRANSPORT } = IPSEC_MODE;
const MODES: readonly number[] = Object.values(IPSEC_MODE);
const { UDP_ENCAP, SA_LIFETIME } = IPSEC_OPTION;
/** Two addresses of IPv4, which are shorter than those of IPv6. */
const ENDS = 8;

type Association = ReturnType<typeof sa.decode>;

/**
 * Parameters of a security association that are missing or invalid. A salt, a window and limits may be 0, and
 * so may a cipher next to an authentication algorithm (RFC 4303, 3.2).
 */
export function leftOut(body: ByteReader, direction: 'outbound' | 'inbound'): string[] {
  if (body.length < sa.size) return [`parameters behind byte ${body.length}`];
  const one = sa.decode(body.bytes(0, sa.size));
  const outbound = direction === 'outbound';
  const isThere: Readonly<Record<string, boolean>> = {
    mode: MODES.includes(one.mode),
    direction: one.direction === (outbound ? IPSEC_DIR.OUTBOUND : IPSEC_DIR.INBOUND),
    spi: one.spi !== 0,
    algorithm: hasAlgorithm(one),
    cipher_key: hasKey(one.cipher_algo, one.cipher_key_length),
    auth_key: hasKey(one.auth_algo, one.auth_key_length),
    param: !outbound || !isTunnel(one) || hasEnds(one),
    'UDP ports': !has(one, UDP_ENCAP) || (one.udp_sport !== 0 && one.udp_dport !== 0),
    life: !has(one, SA_LIFETIME) || hasLimit(one),
  };
  return Object.keys(isThere).filter((name) => !isThere[name]);
}

function hasAlgorithm({ mode, cipher_algo, auth_algo }: Association): boolean {
  if (mode === AH_TUNNEL || mode === AH_TRANSPORT) return auth_algo !== 0n;
  return cipher_algo !== 0n || auth_algo !== 0n;
}

function hasKey(algorithm: bigint, length: number): boolean {
  return algorithm === 0n || (length > 0 && length <= IPSEC_KEY_MOST);
}

function isTunnel({ mode }: Association): boolean {
  return mode === ESP_TUNNEL || mode === AH_TUNNEL;
}

function hasEnds({ tunnel }: Association): boolean {
  return tunnel.subarray(0, ENDS).some((byte) => byte !== 0);
}

function hasLimit(one: Association): boolean {
  return (
    (one.packets_soft_limit | one.packets_hard_limit | one.bytes_soft_limit | one.bytes_hard_limit) !== 0n
  );
}

function has({ options }: Association, option: number): boolean {
  return (options & BigInt(option)) !== 0n;
}
