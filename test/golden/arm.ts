/**
 * The UART of an Arm machine, typed in from the PrimeCell UART (PL011) Technical Reference Manual (DDI 0183), chapter 3, revision
 * r1p5. Columns as in `table.ts`. The identification registers are bytes of a list.
 */
export const ARM: Readonly<Record<string, string>> = {
  'serial/pl011/registers.ts': `
    UARTDR    | 00/4 | 0   | 00ff | 0 | 0 | DATA=7:0 FE=8 PE=9 BE=10 OE=11
    UARTRSR   | 04/4 | 0   | 0    | 0 | 0 | FE=0 PE=1 BE=2 OE=3
    UARTFR    | 18/4 | 90  | 0    | 0 | 0 | CTS=0 DSR=1 DCD=2 BUSY=3 RXFE=4 TXFF=5 RXFF=6 TXFE=7 RI=8
    UARTILPR  | 20/4 | 0   | 00ff | 0 | 0 | ILPDVSR=7:0
    UARTIBRD  | 24/4 | 0   | ffff | 0 | 0 | DIVINT=15:0
    UARTFBRD  | 28/4 | 0   | 003f | 0 | 0 | DIVFRAC=5:0
    UARTLCR_H | 2c/4 | 0   | 00ff | 0 | 0 | BRK=0 PEN=1 EPS=2 STP2=3 FEN=4 WLEN=6:5 SPS=7
    UARTCR    | 30/4 | 300 | ff87 | 0 | 0 | UARTEN=0 SIREN=1 SIRLP=2 LBE=7 TXE=8 RXE=9 DTR=10 RTS=11 OUT1=12 OUT2=13 RTSEN=14 CTSEN=15
    UARTIFLS  | 34/4 | 12  | 003f | 0 | 0 | TXIFLSEL=2:0 RXIFLSEL=5:3
    UARTIMSC  | 38/4 | 0   | 07ff | 0 | 0 | RI=0 CTS=1 DCD=2 DSR=3 RX=4 TX=5 RT=6 FE=7 PE=8 BE=9 OE=10
    UARTRIS   | 3c/4 | 0   | 0    | 0 | 0 | RI=0 CTS=1 DCD=2 DSR=3 RX=4 TX=5 RT=6 FE=7 PE=8 BE=9 OE=10
    UARTMIS   | 40/4 | 0   | 0    | 0 | 0 | RI=0 CTS=1 DCD=2 DSR=3 RX=4 TX=5 RT=6 FE=7 PE=8 BE=9 OE=10
    UARTICR   | 44/4 | 0   | 07ff | 0 | 0 | RI=0 CTS=1 DCD=2 DSR=3 RX=4 TX=5 RT=6 FE=7 PE=8 BE=9 OE=10
    UARTDMACR | 48/4 | 0   | 0007 | 0 | 0 | RXDMAE=0 TXDMAE=1 DMAONERR=2
  `,
};
