/**
 * virtio 1.4, typed in from its tables: Device Status Field; Legacy Interfaces, A Note on PCI Device Layout; Virtio
 * Structure PCI Capabilities; Common configuration structure layout; Available Buffer Notifications. Columns as in
 * `table.ts`. A legacy device stores all bits of the status that exist; a modern one keeps DEVICE_NEEDS_RESET.
 */
export const VIRTIO: Readonly<Record<string, string>> = {
  'virtio/registers.ts': `
    Device Features      | 00/4 | 0    | 0        | 0 | 0  | BITS=31:0
    Driver Features      | 04/4 | 0    | ffffffff | 0 | 0  | BITS=31:0
    Queue Address        | 08/4 | 0    | ffffffff | 0 | 0  | PFN=31:0
    Queue Size           | 0c/2 | 0    | 0        | 0 | 0  | SIZE=15:0
    Queue Select         | 0e/2 | 0    | ffff     | 0 | 0  | INDEX=15:0
    Queue Notify         | 10/2 | 0    | ffff     | 0 | 0  | INDEX=15:0
    Device Status        | 12/1 | 0    | df       | 0 | 0  | ACKNOWLEDGE=0 DRIVER=1 DRIVER_OK=2 FEATURES_OK=3 SUSPEND=4 DEVICE_NEEDS_RESET=6 FAILED=7
    ISR Status           | 13/1 | 0    | 0        | 0 | 03 | QUEUE=0 CONFIG=1
    Configuration Vector | 14/2 | ffff | ffff     | 0 | 0  | VECTOR=15:0
    Queue Vector         | 16/2 | ffff | ffff     | 0 | 0  | VECTOR=15:0
  `,
  'virtio/net/registers.ts': `
    status | 06/2 | 0 | 3 | 0 | 0 | LINK_UP=0 ANNOUNCE=1
  `,
  'virtio/transport/modern/registers.ts': `
    cap_len                   | 02/1 | 0 | 0        | 0 | 0 | BYTES=7:0
    cfg_type                  | 03/1 | 0 | 0        | 0 | 0 | TYPE=7:0
    bar                       | 04/1 | 0 | 0        | 0 | 0 | INDEX=7:0
    offset                    | 08/4 | 0 | 0        | 0 | 0 | BYTES=31:0
    length                    | 0c/4 | 0 | 0        | 0 | 0 | BYTES=31:0
    notify_off_multiplier     | 10/4 | 0 | 0        | 0 | 0 | BYTES=31:0
    pci_cfg_data              | 10/4 | 0 | ffffffff | 0 | 0 | DATA=31:0
    device_feature_select     | 00/4 | 0 | ffffffff | 0 | 0 | WORD=31:0
    ISR                       | 00/1 | 0 | 0        | 0 | 03 | QUEUE=0 CONFIG=1
    device_feature            | 04/4 | 0 | 0        | 0 | 0 | BITS=31:0
    driver_feature_select     | 08/4 | 0 | ffffffff | 0 | 0 | WORD=31:0
    driver_feature            | 0c/4 | 0 | ffffffff | 0 | 0 | BITS=31:0
    config_msix_vector        | 10/2 | ffff | ffff  | 0 | 0 | VECTOR=15:0
    num_queues                | 12/2 | 0 | 0        | 0 | 0 | QUEUES=15:0
    device_status             | 14/1 | 0 | 9f       | 0 | 0 | ACKNOWLEDGE=0 DRIVER=1 DRIVER_OK=2 FEATURES_OK=3 SUSPEND=4 DEVICE_NEEDS_RESET=6 FAILED=7
    config_generation         | 15/1 | 0 | 0        | 0 | 0 | COUNT=7:0
    queue_select              | 16/2 | 0 | ffff     | 0 | 0 | INDEX=15:0
    queue_size                | 18/2 | 0 | ffff     | 0 | 0 | SIZE=15:0
    queue_msix_vector         | 1a/2 | ffff | ffff  | 0 | 0 | VECTOR=15:0
    queue_enable              | 1c/2 | 0 | ffff     | 0 | 0 | ENABLE=15:0
    queue_notify_off          | 1e/2 | 0 | 0        | 0 | 0 | OFFSET=15:0
    queue_desc                | 20/4 | 0 | ffffffff | 0 | 0 | LOW=31:0
    queue_desc (upper half)   | 24/4 | 0 | ffffffff | 0 | 0 | HIGH=31:0
    queue_driver              | 28/4 | 0 | ffffffff | 0 | 0 | LOW=31:0
    queue_driver (upper half) | 2c/4 | 0 | ffffffff | 0 | 0 | HIGH=31:0
    queue_device              | 30/4 | 0 | ffffffff | 0 | 0 | LOW=31:0
    queue_device (upper half) | 34/4 | 0 | ffffffff | 0 | 0 | HIGH=31:0
    queue_notif_config_data   | 38/2 | 0 | 0        | 0 | 0 | DATA=15:0
    queue_reset               | 3a/2 | 0 | ffff     | 0 | 0 | RESET=15:0
    admin_queue_index         | 3c/2 | 0 | 0        | 0 | 0 | INDEX=15:0
    admin_queue_num           | 3e/2 | 0 | 0        | 0 | 0 | QUEUES=15:0
    notification data         | 00/4 | 0 | ffffffff | 0 | 0 | VQ=15:0 NEXT_OFF=30:16 NEXT_WRAP=31
  `,
};
