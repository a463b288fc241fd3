/** NVM Express 1.4, typed in from its sections 3.1, 4.2, 4.6, 5.3, 5.4, 6.7, 6.9 and 6.11 to 6.13. Columns as in `table.ts`. */
export const NVME: Readonly<Record<string, string>> = {
  'nvme/registers/bar0.ts': `
    CAP              | 00/4 | 0 | 0        | 0  | 0 | MQES=15:0 CQR=16 AMS=18:17 TO=31:24
    CAP (upper half) | 04/4 | 0 | 0        | 0  | 0 | DSTRD=3:0 NSSRS=4 CSS=12:5 BPS=13 MPSMIN=19:16 MPSMAX=23:20 PMRS=24 CMBS=25
    VS               | 08/4 | 0 | 0        | 0  | 0 | TER=7:0 MNR=15:8 MJR=31:16
    INTMS            | 0c/4 | 0 | ffffffff | 0  | 0 | IVMS=31:0
    INTMC            | 10/4 | 0 | ffffffff | 0  | 0 | IVMC=31:0
    CC               | 14/4 | 0 | fffff1   | 0  | 0 | EN=0 CSS=6:4 MPS=10:7 AMS=13:11 SHN=15:14 IOSQES=19:16 IOCQES=23:20
    CSTS             | 1c/4 | 0 | 0        | 10 | 0 | RDY=0 CFS=1 SHST=3:2 NSSRO=4 PP=5
    NSSR             | 20/4 | 0 | ffffffff | 0  | 0 | NSSRC=31:0
    AQA              | 24/4 | 0 | fff0fff  | 0  | 0 | ASQS=11:0 ACQS=27:16
    ASQ              | 28/4 | 0 | fffff000 | 0  | 0 | ASQB=31:12
    ASQ (upper half) | 2c/4 | 0 | ffffffff | 0  | 0 | ASQB=31:0
    ACQ              | 30/4 | 0 | fffff000 | 0  | 0 | ACQB=31:12
    ACQ (upper half) | 34/4 | 0 | ffffffff | 0  | 0 | ACQB=31:0
  `,
  'nvme/registers/commands.ts': `
    flags           | 01/1 | 0 | c3       | 0 | 0 | FUSE=1:0 PSDT=7:6
    status          | 0e/2 | 0 | ffff     | 0 | 0 | P=0 SC=8:1 SCT=11:9 CRD=13:12 M=14 DNR=15
    cdw12           | 30/4 | 0 | fe00ffff | 0 | 0 | NLB=15:0 DEAC=25 PRINFO=29:26 FUA=30 LR=31
    cdw11           | 2c/4 | 0 | 7        | 0 | 0 | IDR=0 IDW=1 AD=2
    create_cq_cdw11 | 2c/4 | 0 | ffff0003 | 0 | 0 | PC=0 IEN=1 IV=31:16
    create_sq_cdw11 | 2c/4 | 0 | ffff0007 | 0 | 0 | PC=0 QPRIO=2:1 CQID=31:16
  `,
  'nvme/registers/reservations.ts': `
    reservation_cdw10 | 28/4 | 0 | c000ff0f | 0 | 0 | ACTION=2:0 IEKEY=3 RTYPE=15:8 CPTPL=31:30
  `,
};
