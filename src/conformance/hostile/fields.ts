import type { Struct } from '../../core/struct.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { HardId } from '../../rules/hard.ts';
import { virtio_net_config } from '../../virtio/net/registers.ts';
import { virtio_scsi_config } from '../../virtio/scsi/registers.ts';
import type { Lie, ReadPlace } from './lie.ts';

interface Field {
  readonly clause: HardId;
  readonly device: ReadPlace['device'];
  readonly of: Struct;
  readonly name: string;
}

const card = (clause: HardId, name: keyof typeof virtio_net_config.offset): Field => {
  return { clause, device: 'net', of: virtio_net_config as Struct, name };
};
const adapter = (clause: HardId, name: keyof typeof virtio_scsi_config.offset): Field => {
  return { clause, device: 'scsi', of: virtio_scsi_config as Struct, name };
};

/** Fields of configurations that a driver counts, allocates or addresses by. */
export const FIELDS: readonly Field[] = [
  card('hard/NET-MAC', 'mac'),
  card('hard/NET-STATUS', 'status'),
  card('hard/NET-PAIRS', 'max_virtqueue_pairs'),
  card('hard/NET-MTU', 'mtu'),
  adapter('hard/SCSI-QUEUES', 'num_queues'),
  adapter('hard/SCSI-SEGMENTS', 'seg_max'),
  adapter('hard/SCSI-DEPTH', 'cmd_per_lun'),
  adapter('hard/SCSI-SENSE-SIZE', 'sense_size'),
  adapter('hard/SCSI-CDB-SIZE', 'cdb_size'),
  adapter('hard/SCSI-TARGETS', 'max_target'),
  adapter('hard/SCSI-LUNS', 'max_lun'),
];

/** What is said of such a field: of each of its bytes, by how often the configuration was read before. */
const VALUES: Readonly<Record<string, (byte: number, before: number) => number>> = {
  'of 0': () => 0,
  'of all ones': () => 0xff,
  'that differs at each reading': (byte, before) => byte ^ (before + 1),
};

/** A field of a feature that is not offered is read by no driver. */
function offeringMtu({ nics = [{}], ...base }: MachineOptions): MachineOptions {
  return { ...base, nics: nics.map((nic) => ({ ...nic, offer: ['MTU'] })) };
}

/** Each value of each field, the other fields being honest. */
export const FIELD_LIES: readonly Lie[] = FIELDS.flatMap(({ clause, device, of, name }) => {
  const begin = of.offset[name]!;
  const end = Math.min(...Object.values(of.offset).filter((offset) => offset > begin), of.size);
  return Object.entries(VALUES).map(
    ([value, said]): Lie => ({
      clause,
      name: `a ${name} ${value}`,
      options: offeringMtu,
      register: (place, honest) => {
        if (place.what !== 'configuration' || place.device !== device) return honest;
        let told = 0;
        for (let i = place.width - 1; i >= 0; i--) {
          const byte = (honest >>> (8 * i)) & 0xff;
          const isOfField = place.offset + i >= begin && place.offset + i < end;
          told = told * 0x100 + (isOfField ? said(byte, place.before) & 0xff : byte);
        }
        return told;
      },
    }),
  );
});
