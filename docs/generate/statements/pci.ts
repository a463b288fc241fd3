import type { Section } from './statement.ts';

/** Virtio over PCI. */
export const PCI: readonly Section[] = [
  {
    section: 'PCI Device Discovery',
    statements: [
      ['PCI-DISC-D1', 'MUST', 'yes', 'Bind to 0x1AF4 with Device ID 0x1040 plus virtio ID'],
      ['PCI-DISC-D2', 'MUST', 'yes', 'Bind to the transitional Device ID as well where the type has one'],
      ['PCI-DISC-D3', 'MUST', 'yes', 'Bind whatever the Revision ID'],
    ],
  },
  {
    section: 'PCI Device Layout',
    statements: [
      ['PCI-LAYOUT-D1', 'MUST', 'yes', '8-bit fields: 8-bit accesses'],
      ['PCI-LAYOUT-D2', 'MUST', 'yes', '16-bit fields: 16-bit aligned accesses'],
      [
        'PCI-LAYOUT-D3',
        'MUST',
        'yes',
        '32- and 64-bit fields: 32-bit aligned accesses (no single 64-bit access)',
      ],
    ],
  },
  {
    section: 'Virtio Structure PCI Capabilities',
    statements: [
      ['PCI-CAP-D1', 'MUST', 'yes', 'Skip vendor capabilities with a reserved cfg_type'],
      ['PCI-CAP-D2', 'SHOULD', 'yes', 'Use the first supported instance of each structure type'],
      ['PCI-CAP-D3', 'MUST', 'yes', 'Accept cap_len larger than defined'],
      ['PCI-CAP-D4', 'MUST', 'yes', 'Skip vendor capabilities with a reserved bar value'],
      ['PCI-CAP-D5', 'SHOULD', 'no', 'Map only as much of a structure as needed'],
      ['PCI-CAP-D6', 'MUST', 'yes', 'Cope with an unexpectedly large length'],
      ['PCI-CAP-D7', 'MUST NOT', 'yes', 'No write to capability fields except in the PCI_CFG capability'],
    ],
  },
  {
    section: 'Common configuration structure layout',
    statements: [
      ['PCI-COMMON-D1', 'MUST NOT', 'yes', 'Leave the read-only common cfg fields alone'],
      ['PCI-COMMON-D2', 'MUST NOT', 'yes', 'Packed: never write 0 to queue_size'],
      ['PCI-COMMON-D3', 'MUST NOT', 'yes', 'Not packed: never write a non power of two to queue_size'],
      ['PCI-COMMON-D4', 'MUST', 'yes', 'Set the other queue fields before queue_enable'],
      ['PCI-COMMON-D5', 'MUST', 'yes', 'After writing status 0 wait for a 0 read before re-init'],
      ['PCI-COMMON-D6', 'MUST NOT', 'yes', 'Never write 0 to queue_enable'],
      ['PCI-COMMON-D7', 'MUST NOT', 'yes', 'Queue reset not over until queue_reset reads 0'],
      [
        'PCI-COMMON-D8',
        'MUST',
        'yes',
        'Admin queues only at indices admin_queue_index to that plus admin_queue_num - 1',
      ],
    ],
  },
  {
    section: 'ISR status capability',
    statements: [['PCI-ISR-D1', 'SHOULD NOT', 'yes', 'With MSI-X on, do not touch ISR on a queue interrupt']],
  },
  {
    section: 'Vendor data capability',
    statements: [
      ['PCI-VNDR-D1', 'SHOULD NOT', 'no', 'Vendor data only for debugging and reporting'],
      ['PCI-VNDR-D2', 'MUST', 'partly', 'Check vendor_id before interpreting or writing vendor data'],
    ],
  },
  {
    section: 'PCI configuration access capability',
    statements: [
      ['PCI-CFGACC-D1', 'MUST NOT', 'yes', 'Window offset must be a multiple of the window length'],
      [
        'PCI-CFGACC-D2',
        'MUST NOT',
        'yes',
        'Use pci_cfg_data only when bar/offset/length fall inside another virtio structure',
      ],
    ],
  },
  {
    section: 'Legacy Interfaces: A Note on PCI Device Layout',
    statements: [
      ['PCI-LEG-D1', 'MUST', 'yes', 'Legacy use goes through the BAR0 I/O structure'],
      [
        'PCI-LEG-D2',
        'MUST',
        'partly',
        'Device-specific config directly after the header (20, or 24 with MSI-X enabled)',
      ],
    ],
  },
  {
    section: 'Legacy Interface: A Note on Device Layout Detection',
    statements: [
      ['PCI-LEGDET-D1', 'MUST', 'yes', 'Transitional driver looks for virtio capabilities first'],
      ['PCI-LEGDET-D2', 'MUST', 'yes', 'Transitional driver uses the legacy interface when there are none'],
      ['PCI-LEGDET-D3', 'MUST', 'yes', 'Non-transitional driver looks for virtio capabilities'],
      ['PCI-LEGDET-D4', 'MUST', 'partly', 'Non-transitional driver fails gracefully when there are none'],
    ],
  },
  {
    section: 'Available Buffer Notifications',
    statements: [
      ['PCI-KICK-D1', 'MUST', 'yes', 'Without NOTIFICATION_DATA: 16-bit notify write'],
      ['PCI-KICK-D2', 'MUST', 'yes', 'With NOTIFICATION_DATA: 32-bit notify write'],
      ['PCI-KICK-D3', 'MUST', 'yes', 'Neither feature: value is the virtqueue index'],
      ['PCI-KICK-D4', 'MUST', 'yes', 'NOTIFICATION_DATA only: low half is the virtqueue index'],
      ['PCI-KICK-D5', 'MUST', 'yes', 'NOTIF_CONFIG_DATA only: value is queue_notif_config_data'],
      ['PCI-KICK-D6', 'MUST', 'yes', 'Both features: low half is queue_notif_config_data'],
    ],
  },
  {
    section: 'Notification of Device Configuration Changes',
    statements: [
      [
        'PCI-CFGNOT-D1',
        'MUST',
        'partly',
        'Cope with one interrupt meaning both config change and used buffers',
      ],
    ],
  },
  {
    section: 'MSI-X Vector Configuration',
    statements: [
      ['MSIX-D1', 'MUST', 'yes', 'Work with any Table Size field from 0 to 0x7FF'],
      ['MSIX-D2', 'MUST NOT', 'yes', 'Vector numbers stay inside the MSI-X table'],
      ['MSIX-D3', 'MUST', 'yes', 'Read the vector field back after mapping'],
    ],
  },
];
