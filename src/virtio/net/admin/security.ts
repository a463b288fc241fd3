import type { ByteReader } from '../../../core/byte-reader.ts';
import { refused } from '../../features/admin/answer.ts';
import type { Capability, ObjectKind } from '../../features/admin/model.ts';
import type { AdminState } from '../../features/admin/state.ts';
import { IPSEC_CAPS, NET_CAP, NET_OBJECT } from '../capability-registers.ts';
import * as ipsec from '../registers/ipsec.ts';
import { isBelow } from './limits.ts';

const { IPSEC_OUTB_SA, IPSEC_INB_SA } = NET_OBJECT;
const { ESP_TUNNEL, ESP_TRANSPORT } = ipsec.IPSEC_MODE;
const { ESN, UDP_ENCAP, SA_LIFETIME } = ipsec.IPSEC_OPTION;
const { AES_CBC, AES_CTR } = ipsec.IPSEC_CIPHER;
const { HMAC_SHA1, HMAC_SHA_256 } = ipsec.IPSEC_AUTH;
const limits = ipsec.virtio_crypto_ipsec_resource_cap;
const list = ipsec.virtio_crypto_ipsec_sa_cap_data;
const mode = ipsec.virtio_crypto_ipsec_mode_cap;
const sa = ipsec.virtio_crypto_resource_obj_ipsec_sa;

const LIMITS = limits.encode({ inb_sa_limit: 8, outb_sa_limit: 8 });
const bits = (...numbers: readonly number[]) => numbers.reduce((set, bit) => set | (1n << BigInt(bit)), 0n);
const MODES = [ESP_TUNNEL, ESP_TRANSPORT].map((one) => ({
  mode: one,
  max_replay_win_sz: 64,
  options: ESN | UDP_ENCAP | SA_LIFETIME,
  cipher_algo: bits(AES_CBC, AES_CTR),
  hmac_algo: bits(HMAC_SHA1, HMAC_SHA_256),
  aead_algo: 0,
  max_cipher_key_len: ipsec.IPSEC_KEY_MOST,
  max_auth_key_len: ipsec.IPSEC_KEY_MOST,
}));
type Mode = Omit<ReturnType<typeof mode.decode>, 'reserved' | 'reserved1'>;

export const SECURITY_CAPABILITIES: readonly Capability[] = [
  {
    id: NET_CAP.IPSEC_RESOURCE,
    offered: LIMITS,
    bytesOf: () => limits.size,
    allows: (data) => isBelow(limits, data, LIMITS),
  },
  {
    id: NET_CAP.IPSEC_SA,
    offered: Uint8Array.of(
      ...list.encode({ count: MODES.length }),
      ...MODES.flatMap((one) => [...mode.encode(one)]),
    ),
    bytesOf: (data) => list.size + mode.size * data.u8(0),
    allows: (data) => modesIn(data).every((one) => MODES.some((offered) => isModeOf(offered, one))),
  },
];

const BASE = { needs: IPSEC_CAPS, beyond: refused('EINVAL', 'INVALID_FIELD'), bytesOf: () => sa.size };

export const SECURITY_KINDS: readonly ObjectKind[] = [
  { type: IPSEC_OUTB_SA, limit: 'outb_sa_limit', direction: ipsec.IPSEC_DIR.OUTBOUND } as const,
  { type: IPSEC_INB_SA, limit: 'inb_sa_limit', direction: ipsec.IPSEC_DIR.INBOUND } as const,
].map(({ type, limit, direction }) => ({
  ...BASE,
  type,
  limit: (state) => state.capabilities.get(NET_CAP.IPSEC_RESOURCE)?.u32(limits.offset[limit]) ?? 0,
  allows: (data, _id, state) => data.u8(sa.offset.direction) === direction && isAssociation(state, data),
  carries: () => false,
}));

function modesIn(data: ByteReader): Mode[] {
  return Array.from({ length: data.u8(0) }, (_, i) =>
    mode.decode(data.bytes(list.size + mode.size * i, mode.size)),
  );
}

function isModeOf(offered: Mode, one: Mode): boolean {
  return (
    one.mode === offered.mode &&
    one.max_replay_win_sz <= offered.max_replay_win_sz &&
    (one.options & ~offered.options) === 0 &&
    (one.cipher_algo & ~offered.cipher_algo) === 0n &&
    (one.hmac_algo & ~offered.hmac_algo) === 0n &&
    one.aead_algo === 0 &&
    one.max_cipher_key_len <= offered.max_cipher_key_len &&
    one.max_auth_key_len <= offered.max_auth_key_len
  );
}

/** Whether it uses a mode that the driver set: with its options, its algorithms, and keys that are not longer. */
function isAssociation(state: AdminState, data: ByteReader): boolean {
  const one = sa.decode(data.bytes(0, sa.size));
  const set = state.capabilities.get(NET_CAP.IPSEC_SA);
  const by = set === undefined ? undefined : modesIn(set).find((each) => each.mode === one.mode);
  if (by === undefined) return false;
  return (
    (one.options & ~BigInt(by.options)) === 0n &&
    isNamed(one.cipher_algo, by.cipher_algo) &&
    isNamed(one.auth_algo, by.hmac_algo) &&
    one.replay_win_sz <= by.max_replay_win_sz &&
    one.cipher_key_length <= by.max_cipher_key_len &&
    one.auth_key_length <= by.max_auth_key_len
  );
}

/** Whether it is 0, or one of those whose bits are set. */
function isNamed(algorithm: bigint, of: bigint): boolean {
  return algorithm === 0n || (algorithm < 64n && (of & (1n << algorithm)) !== 0n);
}
