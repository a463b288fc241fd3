import { struct } from '../core/struct.ts';
import { device, integer, name, scope, string } from './aml.ts';
import { noops, tableBy } from './header.ts';
import { memory, template } from './resources.ts';

/** Source: TCG ACPI Specification 1.3, table 7, without start method parameters and log area. */
export const TPM2 = struct('TPM2', 'le', {
  Platform_Class: 'u16',
  Reserved: 'u16',
  Address_of_Control_Area: 'u64',
  Start_Method: 'u32',
});

const OEM_ID = 'GOOGLE';
/** The FIFO interface of TPM 1.2 and 2.0, which has no control area. */
const TIS = 6;
const REGISTERS = { first: 0xfed4_0000, bytes: 0x5000 } as const;
/** The length in a log. Ours is shorter, and padded. */
const SSDT_LENGTH = 0x316;
const ABSENT = 0;

/** The identity of the TPM. */
export function tpm2(): Uint8Array {
  const body = TPM2.encode({ Start_Method: TIS });
  return tableBy({ signature: 'TPM2', revision: 4, oemId: OEM_ID, oemTableId: ' '.repeat(8) }, body);
}

/** The address of the TPM. No such device is modelled, so it is marked absent, and no driver looks for it. */
export function tpmSsdt(): Uint8Array {
  const body = scope(
    '\\_SB',
    device(
      'TPM',
      name('_HID', string('MSFT0101')),
      name('_STA', integer(ABSENT)),
      name('_CRS', template(memory(REGISTERS.first, REGISTERS.bytes))),
    ),
  );
  const identity = { oemId: OEM_ID, oemTableId: 'Tpm2Tabl', oemRevision: 0x1000 };
  const compiler = { creatorId: 'INTL', creatorRevision: 0x2021_1217 };
  return tableBy(
    { signature: 'SSDT', revision: 2, ...identity, ...compiler },
    body,
    noops(SSDT_LENGTH, body),
  );
}
