import type { Section } from './statement.ts';

/** Status, features, configuration, initialisation and suspending. */
export const INITIALISATION: readonly Section[] = [
  {
    section: 'Device Status Field',
    statements: [
      ['STATUS-D1', 'MUST', 'yes', 'Raise each status bit as the matching init step is finished'],
      [
        'STATUS-D2',
        'MUST NOT',
        'yes',
        'Never drop a status bit that is already set (only a full 0 write resets)',
      ],
      ['STATUS-D3', 'MUST', 'yes', 'After raising FAILED, reset before any new initialisation'],
      [
        'STATUS-D4',
        'SHOULD NOT',
        'partly',
        'Do not count on requests finishing once DEVICE_NEEDS_RESET is up',
      ],
    ],
  },
  {
    section: 'Feature Bits',
    statements: [
      ['FEAT-D1', 'MUST NOT', 'yes', 'Do not accept a bit the device did not offer'],
      ['FEAT-D2', 'MUST NOT', 'yes', 'Do not accept a bit whose prerequisite bit was left out'],
      ['FEAT-D3', 'MUST', 'partly', 'Validate the offered set before using it'],
      [
        'FEAT-D4',
        'MUST',
        'yes',
        'Ignore bits that are unknown, reserved, wrong transport or wrong device type',
      ],
      ['FEAT-D5', 'MUST NOT', 'yes', 'Do not accept a bit the specification does not describe'],
      ['FEAT-D6', 'MUST NOT', 'yes', 'Do not accept a bit marked reserved (44-49 and 128 upward)'],
      ['FEAT-D7', 'MUST NOT', 'yes', 'Do not accept a bit not supported on this transport'],
      ['FEAT-D8', 'MUST NOT', 'yes', 'Do not accept a bit not defined for this device type'],
      [
        'FEAT-D9',
        'SHOULD',
        'partly',
        'Fall back to a reduced mode when an understood feature is not offered',
      ],
      ['FEAT-D10', 'MUST', 'yes', 'If no fallback exists, set FAILED and stop initialising'],
      ['FEAT-D11', 'MUST NOT', 'yes', 'Do not fail only because an unknown feature was offered'],
    ],
  },
  {
    section: 'Legacy Interface: A Note on Feature Bits',
    statements: [
      [
        'FEAT-LEG-D1',
        'MUST',
        'partly',
        'Transitional driver tells a legacy device by the absence of VERSION_1',
      ],
      ['FEAT-LEG-D2', 'MUST', 'partly', 'Under the legacy interface, obey the legacy sections'],
    ],
  },
  {
    section: 'Device Reset',
    statements: [['RESET-D1', 'SHOULD', 'yes', 'Treat a reset as done only when status reads back 0']],
  },
  {
    section: 'Device Configuration Space',
    statements: [
      ['CFG-D1', 'MUST NOT', 'partly', 'Do not treat wide (over 32-bit) or multi-field reads as atomic'],
      [
        'CFG-D2',
        'SHOULD',
        'yes',
        'Bracket multi-access config reads with equal generation reads, retry on mismatch',
      ],
      ['CFG-D3', 'MUST', 'yes', 'Touch an optional field only after checking its feature was offered'],
      ['CFG-D4', 'MUST NOT', 'yes', 'Do not cap the size of structures or of the config space'],
      ['CFG-D5', 'SHOULD', 'partly', 'Only check that the config space is large enough'],
    ],
  },
  {
    section: 'Legacy Interface: Device Configuration Space',
    statements: [
      [
        'CFG-LEG-D1',
        'SHOULD',
        'yes',
        'Re-read multi-access legacy fields (blk capacity, net mac) until two reads agree',
      ],
    ],
  },
  {
    section: 'Device Initialization',
    statements: [
      ['INIT-D1', 'MUST', 'yes', 'Step 1: reset before anything else'],
      ['INIT-D2', 'MUST', 'yes', 'Step 2: set ACKNOWLEDGE after the reset'],
      ['INIT-D3', 'MUST', 'yes', 'Step 3: set DRIVER after ACKNOWLEDGE and before feature negotiation'],
      ['INIT-D4', 'MUST', 'yes', 'Step 4: read offered features, then write the accepted subset'],
      ['INIT-D5', 'MUST', 'yes', 'Step 5: set FEATURES_OK once the subset is written'],
      ['INIT-D6', 'MUST', 'yes', 'Step 6: re-read status to see that FEATURES_OK stuck'],
      [
        'INIT-D7',
        'MUST',
        'yes',
        'Step 7: queue discovery and set-up between the FEATURES_OK check and DRIVER_OK',
      ],
      ['INIT-D8', 'MUST', 'yes', 'Step 8: set DRIVER_OK after the set-up'],
      ['INIT-D9', 'MUST NOT', 'yes', 'No write to device-specific config during feature negotiation'],
      ['INIT-D10', 'MUST NOT', 'yes', 'No new feature bits after FEATURES_OK'],
      ['INIT-D11', 'SHOULD', 'partly', 'Set FAILED when a step goes irrecoverably wrong'],
      ['INIT-D12', 'MUST NOT', 'yes', 'Do not carry on initialising after such a failure'],
      ['INIT-D13', 'MUST NOT', 'yes', 'No available-buffer notification before DRIVER_OK'],
    ],
  },
  {
    section: 'Legacy Interface: Device Initialization',
    statements: [['INIT-LEG-D1', 'MUST', 'yes', 'Legacy: same sequence without the two FEATURES_OK steps']],
  },
  {
    section: 'Device Cleanup',
    statements: [
      ['CLEAN-D1', 'MUST NOT', 'yes', 'Do not alter ring entries of buffers the device still owns'],
      [
        'CLEAN-D2',
        'MUST',
        'partly',
        'Reset the device (or see the queue not live) before taking back exposed buffers',
      ],
    ],
  },
  {
    section: 'Device Suspend',
    statements: [
      ['SUSP-D1', 'SHOULD NOT', 'yes', 'No SUSPEND bit unless DRIVER_OK is set and F_SUSPEND was negotiated'],
      ['SUSP-D2', 'MUST', 'yes', 'After setting SUSPEND, re-read until SUSPEND=1 and DRIVER_OK=0'],
      ['SUSP-D3', 'MUST NOT', 'yes', 'No new available buffers once SUSPEND was written'],
      ['SUSP-D4', 'MUST NOT', 'yes', 'No queue notifications once SUSPEND was written'],
      ['SUSP-D5', 'MUST NOT', 'yes', 'No config space change once SUSPEND was written, status excepted'],
      ['SUSP-D6', 'MUST', 'yes', 'After resume request wait for SUSPEND=0 and DRIVER_OK=1'],
    ],
  },
  {
    section: 'Reserved Feature Bits',
    statements: [
      ['RFEAT-D1', 'MUST', 'yes', 'Accept VERSION_1 when offered'],
      ['RFEAT-D2', 'SHOULD', 'yes', 'Accept ACCESS_PLATFORM when offered'],
      [
        'RFEAT-D3',
        'MUST',
        'partly',
        'With ACCESS_PLATFORM, have the IOMMU off or programmed so DMA addresses resolve',
      ],
      ['RFEAT-D4', 'MUST', 'partly', 'Without ACCESS_PLATFORM offered, pass plain physical addresses'],
      ['RFEAT-D5', 'SHOULD', 'yes', 'Accept RING_PACKED when offered'],
      ['RFEAT-D6', 'SHOULD', 'yes', 'Accept ORDER_PLATFORM when offered'],
      ['RFEAT-D7', 'MUST', 'no', 'With ORDER_PLATFORM, use barriers fit for hardware devices'],
      ['RFEAT-D8', 'MUST NOT', 'yes', 'Do not negotiate SR_IOV without a PCI SR-IOV capability'],
      ['RFEAT-D9', 'MUST', 'yes', 'Negotiate SR_IOV and check FEATURES_OK before enabling VFs'],
      ['RFEAT-D10', 'SHOULD', 'yes', 'Accept NOTIF_CONFIG_DATA when offered'],
    ],
  },
  {
    section: 'Legacy Interface: Reserved Feature Bits',
    statements: [
      ['RFEAT-LEG-D1', 'MUST', 'yes', 'Transitional driver accepts ANY_LAYOUT (27) when offered'],
      ['RFEAT-LEG-D2', 'SHOULD NOT', 'yes', 'Bit 30 is not to be negotiated'],
    ],
  },
];
