/**
 * gVNIC, typed in from what its public drivers show: there is no specification. Columns as in `table.ts`. The numbers are those
 * that are meant: BAR0 holds them big-endian.
 */
export const GVNIC: Readonly<Record<string, string>> = {
  'gvnic/registers/bar0.ts': `
    device_status          | 00/4 | 0 | 0        | 0 | 0 | RESET=1 LINK_STATUS=2 REPORT_STATS=3 DEVICE_IS_RESET=4
    driver_status          | 04/4 | 0 | 3        | 0 | 0 | RUN=0 RESET=1
    max_tx_queues          | 08/4 | 0 | 0        | 0 | 0 | COUNT=31:0
    max_rx_queues          | 0c/4 | 0 | 0        | 0 | 0 | COUNT=31:0
    adminq_pfn             | 10/4 | 0 | ffffffff | 0 | 0 | PFN=31:0
    adminq_doorbell        | 14/4 | 0 | ffffffff | 0 | 0 | COUNT=31:0
    adminq_event_counter   | 18/4 | 0 | 0        | 0 | 0 | COUNT=31:0
    driver_version         | 1f/1 | 0 | ff       | 0 | 0 | BYTE=7:0
    adminq_base_address_hi | 20/4 | 0 | ffffffff | 0 | 0 | HIGH=31:0
    adminq_base_address_lo | 24/4 | 0 | ffffffff | 0 | 0 | LOW=31:0
    adminq_length          | 28/2 | 0 | ffff     | 0 | 0 | BYTES=15:0
  `,
  'gvnic/registers/mailbox.ts': `
    rx_base_low   | 00/4 | 0 | ffffffff | 0 | 0 | LOW=31:0
    rx_base_high  | 04/4 | 0 | ffffffff | 0 | 0 | HIGH=31:0
    rx_length     | 08/4 | 0 | 80001fff | 0 | 0 | LENGTH=12:0 ENABLE=31
    rx_head       | 0c/4 | 0 | 1fff     | 0 | 0 | HEAD=12:0
    rx_tail       | 10/4 | 0 | 1fff     | 0 | 0 | TAIL=12:0
    tx_base_low   | 14/4 | 0 | ffffffff | 0 | 0 | LOW=31:0
    tx_base_high  | 18/4 | 0 | ffffffff | 0 | 0 | HIGH=31:0
    tx_length     | 1c/4 | 0 | 800003ff | 0 | 0 | LENGTH=9:0 ENABLE=31
    tx_head       | 20/4 | 0 | 3ff      | 0 | 0 | HEAD=9:0
    tx_tail       | 24/4 | 0 | 3ff      | 0 | 0 | TAIL=9:0
    reset_status  | 08/4 | 0 | 0        | 0 | 0 | DONE=0
    reset_control | 0c/4 | 0 | 1        | 0 | 0 | RESET=0
    clock_low     | 00/4 | 0 | 0        | 0 | 0 | LOW=31:0
    clock_high    | 04/4 | 0 | 0        | 0 | 0 | HIGH=31:0
    counter_low   | 08/4 | 0 | 0        | 0 | 0 | LOW=31:0
    counter_high  | 0c/4 | 0 | 0        | 0 | 0 | HIGH=31:0
    clock_sync    | 10/4 | 0 | 7        | 0 | 0 | SYNC=2:0
    flags         | 00/2 | 0 | 1405     | 0 | 0 | DD=0 ERR=2 RD=10 BUF=12
  `,
  'gvnic/registers/doorbells.ts': `
    gqi_irq | 00/4 | 0 | e0000000 | 0 | 0 | EVENT=29 MASK=30 ACK=31
    dqo_irq | 00/4 | 0 | 4001fffb | 0 | 0 | ENABLE=0 CLEAR_PBA=1 INDEX=4:3 INTERVAL=16:5 NO_INT_MODE=30
  `,
  'gvnic/registers/gqi.ts': `
    type_flags | 00/1 | 0 | f7   | 0 | 0 | L4CSUM=0 IPV6=1 TSTAMP=2 TYPE=7:4
    flags_seq  | 3e/2 | 0 | 2fc7 | 0 | 0 | SEQUENCE=2:0 FRAG=6 IPV4=7 IPV6=8 TCP=9 UDP=10 ERR=11 PKT_CONT=13
  `,
  'gvnic/registers/dqo.ts': `
    type_flags | 08/1 | 0 | ff   | 0 | 0 | TYPE=4:0 END_OF_PACKET=5 CHECKSUM=6 REPORT_EVENT=7
    id_type    | 00/2 | 0 | bfff | 0 | 0 | ID=10:0 TYPE=13:11 GENERATION=15
    ptype      | 02/2 | 0 | 1fff | 0 | 0 | PTYPE=9:0 IP_HDR_ERR=10 UDP_LEN_ERR=11 RAW_CS_INVALID=12
    length     | 04/2 | 0 | ffff | 0 | 0 | LENGTH=13:0 GENERATION=14 BUFFER_QUEUE=15
    header     | 06/2 | 0 | fff  | 0 | 0 | HEADER_LEN=9:0 RSC=10 SPLIT_HEADER=11
    status     | 08/1 | 0 | ff   | 0 | 0 | DONE=0 END_OF_PACKET=1 HEADER_OVERFLOW=2 L3_L4_PROCESSED=3 IP_CSUM_ERR=4 L4_CSUM_ERR=5 OUTER_IP_ERR=6 OUTER_UDP_ERR=7
  `,
};
