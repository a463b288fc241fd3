/**
 * PCI, the serial port and the bytes of SCSI commands, typed in from PCI 3.0 (6.1, 6.2, 6.7, 6.8), PCI-to-PCI Bridge 1.2
 * (3.2), PC16550D (8),
 * SPC-4 and SBC-3. Columns as in `table.ts`. Bytes of commands are no registers: all of their bits can be written.
 */
export const BUSES: Readonly<Record<string, string>> = {
  'pci/registers.ts': `
    CONFADD                  | cf8/4 | 0  | 80fffffc | 0    | 0 | ENABLE=31 BUS=23:16 DEVICE=15:11 FUNCTION=10:8 REGISTER=7:2
    Vendor ID                | 00/2 | 0   | 0        | 0    | 0 | ID=15:0
    Device ID                | 02/2 | 0   | 0        | 0    | 0 | ID=15:0
    Command                  | 04/2 | 0   | 077f     | 0    | 0 | IO_SPACE=0 MEMORY_SPACE=1 BUS_MASTER=2 SPECIAL_CYCLES=3 MEMORY_WRITE_INVALIDATE=4 VGA_PALETTE_SNOOP=5 PARITY_ERROR_RESPONSE=6 SERR_ENABLE=8 FAST_BACK_TO_BACK=9 INTERRUPT_DISABLE=10
    Status                   | 06/2 | 0   | 0        | f900 | 0 | INTERRUPT_STATUS=3 CAPABILITIES_LIST=4 MHZ_66=5 FAST_BACK_TO_BACK=7 MASTER_DATA_PARITY_ERROR=8 DEVSEL=10:9 SIGNALED_TARGET_ABORT=11 RECEIVED_TARGET_ABORT=12 RECEIVED_MASTER_ABORT=13 SIGNALED_SYSTEM_ERROR=14 DETECTED_PARITY_ERROR=15
    Revision ID              | 08/1 | 0   | 0        | 0    | 0 | ID=7:0
    Programming Interface    | 09/1 | 0   | 0        | 0    | 0 | CODE=7:0
    Subclass                 | 0a/1 | 0   | 0        | 0    | 0 | CODE=7:0
    Base Class               | 0b/1 | 0   | 0        | 0    | 0 | CODE=7:0
    Cache Line Size          | 0c/1 | 0   | ff       | 0    | 0 | DWORDS=7:0
    Latency Timer            | 0d/1 | 0   | ff       | 0    | 0 | CLOCKS=7:0
    Header Type              | 0e/1 | 0   | 0        | 0    | 0 | LAYOUT=6:0 MULTI_FUNCTION=7
    Base Address (I/O)       | 10/4 | 0   | fffffffc | 0    | 0 | SPACE=0 ADDRESS=31:2
    Base Address (memory)    | 10/4 | 0   | fffffff0 | 0    | 0 | SPACE=0 TYPE=2:1 PREFETCHABLE=3 ADDRESS=31:4
    Base Address (upper half) | 10/4 | 0  | ffffffff | 0    | 0 | ADDRESS=31:0
    Subsystem Vendor ID      | 2c/2 | 0   | 0        | 0    | 0 | ID=15:0
    Subsystem ID             | 2e/2 | 0   | 0        | 0    | 0 | ID=15:0
    Capabilities Pointer     | 34/1 | 0   | 0        | 0    | 0 | OFFSET=7:0
    Interrupt Line           | 3c/1 | 0   | ff       | 0    | 0 | IRQ=7:0
    Interrupt Pin            | 3d/1 | 0   | 0        | 0    | 0 | PIN=7:0
    Primary Bus Number       | 18/1 | 0   | ff       | 0    | 0 | NUMBER=7:0
    Secondary Bus Number     | 19/1 | 0   | ff       | 0    | 0 | NUMBER=7:0
    Subordinate Bus Number   | 1a/1 | 0   | ff       | 0    | 0 | NUMBER=7:0
    Memory Base              | 20/2 | 0   | fff0     | 0    | 0 | ADDRESS=15:4
    Memory Limit             | 22/2 | 0   | fff0     | 0    | 0 | ADDRESS=15:4
    Bridge Control           | 3e/2 | 0   | 0043     | 0    | 0 | PARITY_ERROR_RESPONSE=0 SERR_ENABLE=1 SECONDARY_BUS_RESET=6
    Message Control          | 02/2 | 0   | c000     | 0    | 0 | TABLE_SIZE=10:0 FUNCTION_MASK=14 ENABLE=15
    Table Offset             | 04/4 | 0   | 0        | 0    | 0 | BIR=2:0 OFFSET=31:3
    PBA Offset               | 08/4 | 0   | 0        | 0    | 0 | BIR=2:0 OFFSET=31:3
    Message Address          | 00/4 | 0   | fffffffc | 0    | 0 | ADDRESS=31:2
    Message Upper Address    | 04/4 | 0   | ffffffff | 0    | 0 | ADDRESS=31:0
    Message Data             | 08/4 | 0   | ffffffff | 0    | 0 | DATA=31:0
    Vector Control           | 0c/4 | 1   | 00000001 | 0    | 0 | MASK=0
  `,
  'serial/registers.ts': `
    RBR | 0/1 | 00 | 0  | 0 | 0  | DATA=7:0
    THR | 0/1 | 00 | ff | 0 | 0  | DATA=7:0
    DLL | 0/1 | 0c | ff | 0 | 0  | DIVISOR=7:0
    DLM | 1/1 | 00 | ff | 0 | 0  | DIVISOR=7:0
    IER | 1/1 | 00 | 0f | 0 | 0  | ERBFI=0 ETBEI=1 ELSI=2 EDSSI=3
    IIR | 2/1 | 01 | 0  | 0 | 0  | NONE=0 ID=3:1 FIFO=7:6
    FCR | 2/1 | 00 | cf | 0 | 0  | ENABLE=0 RESET_RCVR=1 RESET_XMIT=2 DMA=3 TRIGGER=7:6
    LCR | 3/1 | 00 | ff | 0 | 0  | WLS=1:0 STB=2 PEN=3 EPS=4 SPAR=5 SBC=6 DLAB=7
    MCR | 4/1 | 00 | 1f | 0 | 0  | DTR=0 RTS=1 OUT1=2 OUT2=3 LOOP=4
    LSR | 5/1 | 60 | 0  | 0 | 1e | DR=0 OE=1 PE=2 FE=3 BI=4 THRE=5 TEMT=6 FIFOE=7
    MSR | 6/1 | 00 | 0  | 0 | 0f | DCTS=0 DDSR=1 TERI=2 DDCD=3 CTS=4 DSR=5 RI=6 DCD=7
    SCR | 7/1 | 00 | ff | 0 | 0  | DATA=7:0
  `,
  'scsi/registers.ts': `
    control                 | 0/1 | 0 | 05 | 0 | 0 | LINK=0 NACA=2
    READ/WRITE flags        | 1/1 | 0 | fc | 0 | 0 | RARC=2 FUA=3 DPO=4 PROTECT=7:5
    group number            | 6/1 | 0 | 1f | 0 | 0 | GROUP=4:0
    UNMAP flags             | 1/1 | 0 | 01 | 0 | 0 | ANCHOR=0
    SYNCHRONIZE CACHE flags | 1/1 | 0 | 02 | 0 | 0 | IMMED=1
    REQUEST SENSE flags     | 1/1 | 0 | 01 | 0 | 0 | DESC=0
    INQUIRY flags           | 1/1 | 0 | 01 | 0 | 0 | EVPD=0
    MODE SENSE flags        | 1/1 | 0 | 18 | 0 | 0 | DBD=3 LLBAA=4
    mode page               | 2/1 | 0 | ff | 0 | 0 | PAGE=5:0 PC=7:6
    reporting options       | 2/1 | 0 | 87 | 0 | 0 | OPTIONS=2:0 RCTD=7
    scope and type          | 2/1 | 0 | ff | 0 | 0 | TYPE=3:0 SCOPE=7:4
    sense response code     | 0/1 | 0 | ff | 0 | 0 | CODE=6:0 VALID=7
    sense-key specific, illegal request | f/1 | 0 | cf | 0 | 0 | BIT=2:0 BPV=3 CD=6 SKSV=7
  `,
  'scsi/cdb/registers.ts': `
    service action          | 1/1 | 0 | 1f | 0 | 0 | ACTION=4:0
  `,
  'scsi/optional/registers.ts': `
    FORMAT UNIT flags       | 1/1 | 0 | ff | 0 | 0 | FORMAT=2:0 CMPLST=3 FMTDATA=4 LONGLIST=5 FMTPINFO=7:6
    VERIFY flags            | 1/1 | 0 | f6 | 0 | 0 | BYTCHK=2:1 DPO=4 PROTECT=7:5
    WRITE SAME flags        | 1/1 | 0 | f9 | 0 | 0 | NDOB=0 UNMAP=3 ANCHOR=4 PROTECT=7:5
    MODE SELECT flags       | 1/1 | 0 | 11 | 0 | 0 | SP=0 PF=4
    START STOP UNIT byte 4  | 4/1 | 0 | f7 | 0 | 0 | START=0 LOEJ=1 NO_FLUSH=2 POWER_CONDITION=7:4
    SEND DIAGNOSTIC flags   | 1/1 | 0 | f7 | 0 | 0 | UNITOFFL=0 DEVOFFL=1 SELFTEST=2 PF=4 SELF_TEST_CODE=7:5
    defect lists            | 2/1 | 0 | 1f | 0 | 0 | FORMAT=2:0 GLIST=3 PLIST=4
    SANITIZE flags          | 1/1 | 0 | a0 | 0 | 0 | AUSE=5 IMMED=7
  `,
  'scsi/optional/logs/registers.ts': `
    LOG SELECT flags | 1/1 | 0 | 03 | 0 | 0 | SP=0 PCR=1
    log page | 2/1 | 0 | ff | 0 | 0 | PAGE=5:0 PC=7:6
  `,
  'scsi/reservations/registers.ts': `
    PERSISTENT RESERVE OUT flags | 14/1 | 0 | 0d | 0 | 0 | APTPL=0 ALL_TG_PT=2 SPEC_I_PT=3
    REGISTER AND MOVE flags | 11/1 | 0 | 03 | 0 | 0 | APTPL=0 UNREG=1
    REPORT CAPABILITIES flags | 2/1 | 0 | 9d | 0 | 0 | PTPL_C=0 ATP_C=2 SIP_C=3 CRH=4 RLR_C=7
    REPORT CAPABILITIES further flags | 3/1 | 0 | f1 | 0 | 0 | PTPL_A=0 ALLOW=6:4 TMV=7
    persistent reservation types | 4/2 | 0 | ea01 | 0 | 0 | EX_AC_AR=0 WR_EX=9 EX_AC=11 WR_EX_RO=13 EX_AC_RO=14 WR_EX_AR=15
    READ FULL STATUS flags | c/1 | 0 | 03 | 0 | 0 | R_HOLDER=0 ALL_TG_PT=1
  `,
  'scsi/commands/registers.ts': `
    INQUIRY byte 3            | 3/1 | 0 | 3f | 0 | 0 | FORMAT=3:0 HISUP=4 NORMACA=5
    INQUIRY byte 7            | 7/1 | 0 | 02 | 0 | 0 | CMDQUE=1
    provisioning flags        | 5/1 | 0 | ff | 0 | 0 | DP=0 ANC_SUP=1 LBPRZ=4:2 LBPWS10=5 LBPWS=6 LBPU=7
    READ CAPACITY(16) bytes 14 and 15 | e/2 | 0 | ffff | 0 | 0 | LOWEST_ALIGNED=13:0 LBPRZ=14 LBPME=15
    device-specific parameter | 2/1 | 0 | 90 | 0 | 0 | DPOFUA=4 WP=7
    extended INQUIRY byte 5   | 5/1 | 0 | 07 | 0 | 0 | SIMPSUP=0 ORDSUP=1 HEADSUP=2
    extended INQUIRY byte 6   | 6/1 | 0 | 01 | 0 | 0 | V_SUP=0
    VPD B1 byte 7             | 7/1 | 0 | f0 | 0 | 0 | WACEREQ=5:4 WABEREQ=7:6
    control mode page, byte 2 | 2/1 | 0 | 04 | 0 | 0 | D_SENSE=2
    control mode page, byte 4 | 4/1 | 0 | 08 | 0 | 0 | SWP=3
    caching flags             | 2/1 | 0 | 05 | 0 | 0 | RCD=0 WCE=2
    command descriptor flags  | 5/1 | 0 | 03 | 0 | 0 | SERVACTV=0 CTDP=1
    one command, byte 1       | 1/1 | 0 | 87 | 0 | 0 | SUPPORT=2:0 CTDP=7
  `,
};
