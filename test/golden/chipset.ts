/**
 * The bridges, interrupt controllers and messages, typed in from the data sheets: 82441FX (290549), 82371AB (290562)
 * with its specification update, 8259A (231468), 82C54 (231244), MC146818A, 82093AA (290566), SDM
 * volume 3 chapter on the local APIC, PCI 3.0. Columns as in `table.ts`. Bit 2 of GLBSTS can be cleared too, but has no name and is never set.
 */
export const CHIPSET: Readonly<Record<string, string>> = {
  'chipset/registers/i440fx.ts': `
    MLT     | 0d/1 | 00   | f8   | 0  | 0 | CLOCKS=7:3
    PMCCFG  | 50/2 | 0100 | ffff | 0  | 0 | CONFIG=15:0
    DBC     | 53/1 | 80   | ff   | 0  | 0 | BUFFERS=7:0
    DRAMC   | 57/1 | 01   | ff   | 0  | 0 | CONTROL=7:0
    DRAMT   | 58/1 | 10   | ff   | 0  | 0 | TIMING=7:0
    PAM0    | 59/1 | 00   | 30   | 0  | 0 | RE1=4 WE1=5
    PAM1    | 5a/1 | 00   | 33   | 0  | 0 | RE0=0 WE0=1 RE1=4 WE1=5
    PAM2    | 5b/1 | 00   | 33   | 0  | 0 | RE0=0 WE0=1 RE1=4 WE1=5
    PAM3    | 5c/1 | 00   | 33   | 0  | 0 | RE0=0 WE0=1 RE1=4 WE1=5
    PAM4    | 5d/1 | 00   | 33   | 0  | 0 | RE0=0 WE0=1 RE1=4 WE1=5
    PAM5    | 5e/1 | 00   | 33   | 0  | 0 | RE0=0 WE0=1 RE1=4 WE1=5
    PAM6    | 5f/1 | 00   | 33   | 0  | 0 | RE0=0 WE0=1 RE1=4 WE1=5
    DRB0    | 60/1 | 01   | ff   | 0  | 0 | BOUNDARY=7:0
    DRB1    | 61/1 | 01   | ff   | 0  | 0 | BOUNDARY=7:0
    DRB2    | 62/1 | 01   | ff   | 0  | 0 | BOUNDARY=7:0
    DRB3    | 63/1 | 01   | ff   | 0  | 0 | BOUNDARY=7:0
    DRB4    | 64/1 | 01   | ff   | 0  | 0 | BOUNDARY=7:0
    DRB5    | 65/1 | 01   | ff   | 0  | 0 | BOUNDARY=7:0
    DRB6    | 66/1 | 01   | ff   | 0  | 0 | BOUNDARY=7:0
    DRB7    | 67/1 | 01   | ff   | 0  | 0 | BOUNDARY=7:0
    SMRAM   | 72/1 | 02   | 78   | 0  | 0 | DBASESEG=2:0 SMRAME=3 DLCK=4 DCLS=5 DOPEN=6
    ERRCMD  | 90/1 | 00   | 1b   | 0  | 0 | ENABLE=1:0 ENABLE_PCI=4:3
    ERRSTS  | 91/1 | 00   | 0    | 11 | 0 | SINGLE_BIT=0 MULTIPLE_BIT=4
  `,
  'chipset/registers/pit.ts': `
    TCW          | 3/1 | 0 | ff | 0 | 0 | BCD=0 MODE=3:1 RW=5:4 SC=7:6
    RBC          | 3/1 | 0 | fe | 0 | 0 | COUNTERS=3:1 NO_STATUS=4 NO_COUNT=5 SC=7:6
    TIMER_STATUS | 0/1 | 0 | 0  | 0 | 0 | BCD=0 MODE=3:1 RW=5:4 NULL_COUNT=6 OUT=7
    COUNT        | 0/1 | 0 | ff | 0 | 0 | COUNT=7:0
    NMISC        | 0/1 | 0 | 0f | 0 | 0 | TIM_CNT2_EN=0 SPKR_DAT_EN=1 PCI_SERR_EN=2 IOCHK_EN=3 REF_TOGGLE=4 TMR2_OUT_STS=5 IOCHK_NMI_STS=6 SERR_NMI_STS=7
  `,
  'chipset/registers/rtc.ts': `
    RTCI          | 0/1  | 0  | ff | 0 | 0  | INDEX=6:0 NMI_DISABLE=7
    RTCD          | 1/1  | 0  | ff | 0 | 0  | DATA=7:0
    SECONDS       | 00/1 | 0  | ff | 0 | 0  | SECONDS=7:0
    SECONDS_ALARM | 01/1 | 0  | ff | 0 | 0  | SECONDS=7:0
    MINUTES       | 02/1 | 0  | ff | 0 | 0  | MINUTES=7:0
    MINUTES_ALARM | 03/1 | 0  | ff | 0 | 0  | MINUTES=7:0
    HOURS         | 04/1 | 0  | ff | 0 | 0  | HOURS=6:0 PM=7
    HOURS_ALARM   | 05/1 | 0  | ff | 0 | 0  | HOURS=6:0 PM=7
    DAY_OF_WEEK   | 06/1 | 0  | ff | 0 | 0  | DAY=7:0
    DAY_OF_MONTH  | 07/1 | 0  | ff | 0 | 0  | DAY=7:0
    MONTH         | 08/1 | 0  | ff | 0 | 0  | MONTH=7:0
    YEAR          | 09/1 | 0  | ff | 0 | 0  | YEAR=7:0
    REGISTER_A    | 0a/1 | 26 | 7f | 0 | 0  | RS=3:0 DV=6:4 UIP=7
    REGISTER_B    | 0b/1 | 02 | ff | 0 | 0  | DSE=0 HOURS_24=1 DM=2 SQWE=3 UIE=4 AIE=5 PIE=6 SET=7
    REGISTER_C    | 0c/1 | 0  | 0  | 0 | 70 | UF=4 AF=5 PF=6 IRQF=7
    REGISTER_D    | 0d/1 | 80 | 0  | 0 | 0  | VRT=7
  `,
  'chipset/registers/i8042.ts': `
    DATA         | 0/1 | 0 | ff | 0 | 0 | DATA=7:0
    COMMAND      | 0/1 | 0 | ff | 0 | 0 | COMMAND=7:0
    STATUS       | 0/1 | 0 | 0  | 0 | 0 | OBF=0 IBF=1 SYS=2 A2=3 UNLOCKED=4 AUXB=5 TIMEOUT=6 PARITY=7
    COMMAND_BYTE | 0/1 | 0 | 77 | 0 | 0 | INT=0 INT2=1 SYS=2 EN=4 EN2=5 XLATE=6
    OUTPUT_PORT  | 0/1 | cf | cf | 0 | 0 | RESET=0 A20=1 AUX_LINES=3:2 IRQ1=4 IRQ12=5 LINES=7:6
  `,
  'chipset/registers/fw-cfg.ts': `
    SELECTOR  | 0/2 | 0 | ffff | 0 | 0 | KEY=15:0
    ITEM_DATA | 1/1 | 0 | 0    | 0 | 0 | DATA=7:0
  `,
  'chipset/registers/piix4-isa.ts': `
    IORT    | 4c/1 | 4d   | ff   | 0    | 0 | RECOVERY_16=1:0 RECOVERY_16_ENABLE=2 RECOVERY_8=5:3 RECOVERY_8_ENABLE=6 DMAAC=7
    XBCS    | 4e/2 | 0003 | 07ff | 0    | 0 | RTC_ENABLE=0 KBC_ENABLE=1 BIOS_WRITE=2 PORT_61_ALIAS=3 IRQ12_MOUSE=4 COPROCESSOR_ERROR=5 LOWER_BIOS=6 EXTENDED_BIOS=7 APIC_CHIP_SELECT=8 EXTENDED_BIOS_1M=9 MICROCONTROLLER=10
    PIRQRCA | 60/1 | 80   | 8f   | 0    | 0 | IRQ=3:0 DISABLE=7
    PIRQRCB | 61/1 | 80   | 8f   | 0    | 0 | IRQ=3:0 DISABLE=7
    PIRQRCC | 62/1 | 80   | 8f   | 0    | 0 | IRQ=3:0 DISABLE=7
    PIRQRCD | 63/1 | 80   | 8f   | 0    | 0 | IRQ=3:0 DISABLE=7
    SERIRQC | 64/1 | 10   | ff   | 0    | 0 | PULSE_WIDTH=1:0 FRAME_SIZE=5:2 CONTINUOUS=6 ENABLE=7
    TOM     | 69/1 | 02   | fe   | 0    | 0 | FORWARD_512K=1 FORWARD_AB=2 FORWARD_LOWER_BIOS=3 TOP=7:4
    MSTAT   | 6a/2 | 0000 | 0080 | 8000 | 0 | RETRY_ENABLE=7 SERR_DELAYED=15
    MBDMA0  | 76/1 | 04   | 87   | 0    | 0 | CHANNEL=2:0 FAST=7
    MBDMA1  | 77/1 | 04   | 87   | 0    | 0 | CHANNEL=2:0 FAST=7
    APICBASE | 80/1 | 00  | 7f   | 0    | 0 | Y=1:0 X=5:2 A12_MASK=6
    DLC     | 82/1 | 00   | 0f   | 0    | 0 | DELAYED_TRANSACTION=0 PASSIVE_RELEASE=1 USB_PASSIVE_RELEASE=2 SERR_ON_TIMEOUT=3
    PDMACFG | 90/2 | 0000 | fcff | 0    | 0 | LOW=7:0 HIGH=15:10
    DDMABP0 | 92/2 | 0000 | ffc0 | 0    | 0 | BASE=15:6
    DDMABP1 | 94/2 | 0000 | ffc0 | 0    | 0 | BASE=15:6
    GENCFG  | b0/4 | 0    | fbffdf73 | 0 | 0 | ISA=0 POSITIVE_DECODE=1 IDE_TRISTATE=4 ALTERNATE_ACCESS=5 PINS_6=6 PINS_12_8=12:8 PINS_25_14=25:14 PINS_31_27=31:27
    RTCCFG  | cb/1 | 21   | 3d   | 0    | 0 | RTC_ENABLE=0 UPPER_RAM=2 LOCK_LOWER=3 LOCK_UPPER=4 POSITIVE_DECODE=5
    RC      | 0/1  | 00   | 06   | 0    | 0 | SRST=1 RCPU=2
    PORT92  | 0/1  | 00   | 03   | 0    | 0 | INIT=0 A20=1
    DMA_PAGE | 0/1 | 00   | ff   | 0    | 0 | PAGE=7:0
    APMC    | 0/1  | 00   | ff   | 0    | 0 | COMMAND=7:0
    APMS    | 1/1  | 00   | ff   | 0    | 0 | STATUS=7:0
  `,
  'chipset/registers/piix4-acpi.ts': `
    PMBA     | 40/4 | 1 | 0000ffc0 | 0 | 0 | SPACE=0 BASE=15:6
    CNTA     | 44/4 | 0 | ffffffff | 0 | 0 | RELOAD=31:0
    CNTB     | 48/4 | 0 | 0173ffff | 0 | 0 | LOW=17:0 MIDDLE=22:20 HIGH=24
    GPICTL   | 4c/4 | 0 | 0fffffff | 0 | 0 | GPI=27:0
    DEVRESD  | 50/4 | 0 | 007f583f | 0 | 0 | LOW=5:0 B12_11=12:11 B14=14 HIGH=22:16
    DEVACTA  | 54/4 | 0 | ffffffff | 0 | 0 | ACTIVITY=31:0
    DEVACTB  | 58/4 | 0 | 03ffff77 | 0 | 0 | LOW=2:0 B6_4=6:4 MIDDLE=23:8 BRLD_EN_APMC=24 APMC_EN=25
    DEVRESA  | 5c/4 | 0 | ffffffff | 0 | 0 | MONITORS=28:0 DEVICE_12=29 DEVICE_13=30 B31=31
    DEVRESB  | 60/4 | 0 | f7ffffff | 0 | 0 | BASE=15:0 MASK=19:16 B26_20=26:20 B31_28=31:28
    DEVRESC  | 64/4 | 0 | ffffffff | 0 | 0 | BASE=15:0 MASK=19:16 B23_20=23:20 COM_A=26:24 COM_A_ENABLE=27 COM_B=30:28 COM_B_ENABLE=31
    DEVRESE  | 68/4 | 0 | 001fffff | 0 | 0 | BASE=15:0 MASK=19:16 ENABLE=20
    DEVRESF  | 6c/4 | 0 | ffff00bf | 0 | 0 | MASK=5:0 ENABLE=7 BASE=31:16
    DEVRESG  | 70/4 | 0 | 001fffff | 0 | 0 | BASE=15:0 MASK=19:16 ENABLE=20
    DEVRESH  | 74/4 | 0 | ffff00bf | 0 | 0 | MASK=5:0 ENABLE=7 BASE=31:16
    DEVRESI  | 78/4 | 0 | 001fffff | 0 | 0 | BASE=15:0 MASK=19:16 ENABLE=20
    DEVRESJ  | 7c/4 | 0 | 001fffff | 0 | 0 | BASE=15:0 MASK=19:16 ENABLE=20
    PMREGMISC | 80/1 | 00 | 0f     | 0 | 0 | PMIOSE=0 B3_1=3:1
    SMBBA    | 90/4 | 1 | 0000fff0 | 0 | 0 | SPACE=0 BASE=15:4
    SMBHSTCFG | d2/1 | 00 | 0f     | 0 | 0 | HST_EN=0 INTRSEL=3:1
    SMBSLVC  | d3/1 | 00 | ff      | 0 | 0 | COMMAND=7:0
    SMBSHDW1 | d4/1 | 00 | ff      | 0 | 0 | ADDRESS=7:0
    SMBSHDW2 | d5/1 | 00 | ff      | 0 | 0 | ADDRESS=7:0
    SMBREV   | d6/1 | 00 | 0       | 0 | 0 | REVISION=7:0
  `,
  'chipset/registers/pm-io.ts': `
    PMSTS   | 00/2 | 0 | 0    | 8f31 | 0 | TMROF=0 BM=4 GBL=5 PWRBTN=8 SLPBTN=9 RTC=10 PWRBTNOR=11 RSM=15
    PMEN    | 02/2 | 0 | 0721 | 0    | 0 | TMROF=0 GBL=5 PWRBTN=8 SLPBTN=9 RTC=10
    PMCNTRL | 04/2 | 0 | 3c07 | 0    | 0 | SCI_EN=0 BRLD_EN_BM=1 GBL_RLS=2 SUS_TYP=12:10 SUS_EN=13
    PMTMR   | 08/4 | 0 | 0    | 0    | 0 | COUNT=23:0
    GPSTS   | 0c/2 | 0 | 0    | 0f01 | 0 | THRM=0 USB=8 GPI=9 RI=10 LID=11
    GPEN    | 0e/2 | 0 | 0f01 | 0    | 0 | THRM=0 USB=8 GPI=9 RI=10 LID=11
    PCNTRL  | 10/4 | 0 | 00023e1e | 0 | 0 | THROTTLE=4:1 CLOCKS=13:9 B17=17
    GLBSTS  | 18/2 | 0 | 0    | 0d23 | 0 | BIOS=0 LEGACY_USB=1 DEV=4 APM=5 PM1=6 GP=7 GSTBY=8 EXTSMI=10 IRQ_RSM=11
    DEVSTS  | 1c/4 | 0 | 0    | 3fff0fff | 0 | TRAPS=11:0 IDLE=29:16
    GLBEN   | 20/2 | 0 | 8d1f | 0    | 0 | LEGACY_USB=0 BIOS=1 B4_2=4:2 GSTBY=8 EXTSMI=10 IRQ_RSM=11 B15=15
    GLBCTL  | 28/4 | 0 | 0701ff07 | 0 | 0 | SMI_EN=0 BIOS_RLS=1 B2=2 B15_8=15:8 EOS=16 B26_24=26:24
    DEVCTL  | 2c/4 | 0 | 0fffffff | 0 | 0 | TRAPS=27:0
    GPIREG  | 30/4 | 0 | 0    | 0    | 0 | GPI=23:0
    GPOREG  | 34/4 | 7fffbfff | ffffffff | 0 | 0 | GPO=31:0
    SMBHSTSTS | 00/1 | 0 | 0  | 1e   | 0 | HOST_BUSY=0 INTER=1 DEV_ERR=2 BUS_ERR=3 FAILED=4
    SMBSLVSTS | 01/1 | 0 | 0  | 0    | 0 | STATUS=7:0
    SMBHSTCNT | 02/1 | 0 | 5f | 0    | 0 | INTEREN=0 KILL=1 PROTOCOL=4:2 START=6
    SMBHSTCMD | 03/1 | 0 | ff | 0    | 0 | COMMAND=7:0
    SMBHSTADD | 04/1 | 0 | ff | 0    | 0 | READ=0 ADDRESS=7:1
    SMBHSTDAT0 | 05/1 | 0 | ff | 0   | 0 | DATA=7:0
    SMBHSTDAT1 | 06/1 | 0 | ff | 0   | 0 | DATA=7:0
  `,
  'chipset/registers/pic.ts': `
    ICW1  | 0/1 | 0 | 1f | 0 | 0 | IC4=0 SNGL=1 ADI=2 LTIM=3 ICW1=4
    ICW2  | 1/1 | 0 | f8 | 0 | 0 | T=7:3
    ICW3  | 1/1 | 0 | ff | 0 | 0 | ID=2:0 S=7:3
    ICW4  | 1/1 | 0 | 1f | 0 | 0 | uPM=0 AEOI=1 MS=2 BUF=3 SFNM=4
    OCW1  | 1/1 | 0 | ff | 0 | 0 | M=7:0
    OCW2  | 0/1 | 0 | e7 | 0 | 0 | L=2:0 EOI=5 SL=6 R=7
    OCW3  | 0/1 | 0 | 6f | 0 | 0 | RIS=0 RR=1 P=2 OCW3=3 SMM=5 ESMM=6
    IRR   | 0/1 | 0 | 0  | 0 | 0 | IR=7:0
    ISR   | 0/1 | 0 | 0  | 0 | 0 | IS=7:0
    POLL  | 0/1 | 0 | 0  | 0 | 0 | W=2:0 I=7
    ELCR1 | 0/1 | 0 | f8 | 0 | 0 | IRQ3=3 IRQ4=4 IRQ5=5 IRQ6=6 IRQ7=7
    ELCR2 | 1/1 | 0 | de | 0 | 0 | IRQ9=1 IRQ10=2 IRQ11=3 IRQ12=4 IRQ14=6 IRQ15=7
    PIC_STATE | 0/1 | 0 | 0 | 0 | 0 | EXPECTS=2:0 READS_ISR=3 POLLED=4
  `,
  'chipset/registers/ioapic.ts': `
    IOREGSEL  | 00/4 | 0 | 000000ff | 0 | 0 | INDEX=7:0
    IOWIN     | 10/4 | 0 | ffffffff | 0 | 0 | DATA=31:0
    IOEOI     | 40/4 | 0 | 000000ff | 0 | 0 | VECTOR=7:0
    IOAPICID  | 00/4 | 0 | 0f000000 | 0 | 0 | ID=27:24
    IOAPICVER | 01/4 | 0 | 0        | 0 | 0 | VERSION=7:0 MRE=23:16
    IOAPICARB | 02/4 | 0 | 0        | 0 | 0 | ID=27:24
    IOREDTBL_LOW  | 10/4 | 00010000 | 0001afff | 0 | 0 | VECTOR=7:0 DELMOD=10:8 DESTMOD=11 DELIVS=12 INTPOL=13 RIRR=14 TRIGGER=15 MASK=16
    IOREDTBL_HIGH | 11/4 | 0 | ff000000 | 0 | 0 | DEST=31:24
  `,
  'chipset/registers/local-apic.ts': `
    ID      | 020/4 | 0        | ff000000 | 0 | 0 | ID=31:24
    VERSION | 030/4 | 00050014 | 0        | 0 | 0 | VERSION=7:0 MAX_LVT=23:16
    TPR     | 080/4 | 0        | 000000ff | 0 | 0 | PRIORITY=7:0
    PPR     | 0a0/4 | 0        | 0        | 0 | 0 | PRIORITY=7:0
    EOI     | 0b0/4 | 0        | ffffffff | 0 | 0 | EOI=31:0
    LDR     | 0d0/4 | 0        | ff000000 | 0 | 0 | LOGICAL_ID=31:24
    DFR     | 0e0/4 | ffffffff | f0000000 | 0 | 0 | ONES=27:0 MODEL=31:28
    SVR     | 0f0/4 | 000000ff | 000001ff | 0 | 0 | VECTOR=7:0 ENABLE=8
    ISR     | 100/4 | 0        | 0        | 0 | 0 | VECTORS=31:0
    TMR     | 180/4 | 0        | 0        | 0 | 0 | VECTORS=31:0
    IRR     | 200/4 | 0        | 0        | 0 | 0 | VECTORS=31:0
    ESR     | 280/4 | 0        | 0        | 0 | 0 | SEND_ILLEGAL_VECTOR=5 RECEIVE_ILLEGAL_VECTOR=6
    ICR_LOW | 300/4 | 0        | 000ccfff | 0 | 0 | VECTOR=7:0 DELMOD=10:8 DESTMOD=11 DELIVS=12 LEVEL=14 TRIGGER=15 SHORTHAND=19:18
    ICR_HIGH | 310/4 | 0       | ff000000 | 0 | 0 | DEST=31:24
    INITIAL_COUNT | 380/4 | 0  | ffffffff | 0 | 0 | COUNT=31:0
    CURRENT_COUNT | 390/4 | 0  | 0        | 0 | 0 | COUNT=31:0
    DIVIDE  | 3e0/4 | 0        | 0000000b | 0 | 0 | B1_0=1:0 B3=3
    LVT     | 320/4 | 00010000 | 0007a7ff | 0 | 0 | VECTOR=7:0 DELMOD=10:8 POLARITY=13 TRIGGER=15 MASK=16 TIMER_MODE=18:17
    MSI_ADDRESS | 0/4 | 0 | fffff00c | 0 | 0 | DM=2 RH=3 DEST=19:12 BASE=31:20
    MSI_DATA    | 0/4 | 0 | 0000c7ff | 0 | 0 | VECTOR=7:0 DELMOD=10:8 ASSERT=14 TRIGGER=15
  `,
  // QEMU's docs/specs/acpi_pci_hotplug.
  'hosts/qtest/machine/registers.ts': `
    PCIU   | 00/4 | 0 | 0        | 0 | ffffffff | SLOTS=31:0
    PCID   | 04/4 | 0 | 0        | 0 | 0 | SLOTS=31:0
    PCIEJ  | 08/4 | 0 | ffffffff | 0 | 0 | SLOTS=31:0
    PCIRMV | 0c/4 | 0 | 0        | 0 | 0 | SLOTS=31:0
  `,
};
