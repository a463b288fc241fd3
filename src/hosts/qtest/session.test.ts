import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QtestRig } from './rig.ts';

const RAM = '0x200000';

describe('the wire answers', () => {
  test.each([
    ['endianness', 'OK little'],
    ['outl 0xcf8 0x80000000', 'OK'],
    ['outb 0x70 0x1ff', 'OK'],
    ['inb 0x2f8', 'OK 0x0000'],
    ['inw 0x9000', 'OK 0xffff'],
    ['inl 0x9000', 'OK 0xffffffff'],
    [`writeb ${RAM} 0x1ff`, 'OK'],
    [`readq ${RAM}`, 'OK 0x0000000000000000'],
    [`memset ${RAM} 16 0x55`, 'OK'],
    ['clock_step 1000', 'OK 1000'],
    ['clock_set 5000', 'OK 5000'],
    ['clock_set 0', 'OK 0'],
    ['clock_step 0', 'FAIL could not advance time'],
    ['clock_step -1', 'FAIL could not advance time'],
    ['irq_intercept_in ioapic', 'OK'],
    ['irq_intercept_in /machine/unattached/ioapic', 'OK'],
    ['irq_intercept_in nobody', 'FAIL Unknown device'],
    ['irq_intercept_in ioapic name', 'FAIL Interception of named in-GPIOs not yet supported'],
    ['irq_intercept_out host0', 'FAIL No intercepts installed'],
    ['irq_intercept_out rtc', 'OK'],
    ['set_irq_in ioapic unnamed-gpio-in 4 1', 'OK'],
    ['write 0x200000 1 0x', 'ERR invalid argument size'],
    ['b64write 0x200000 1 AA', 'ERR invalid argument size'],
    ['foo', "FAIL Unknown command 'foo'"],
    ['', "FAIL Unknown command ''"],
  ])('%s', (line, answer) => {
    expect(new QtestRig().ask(line)).toEqual([answer]);
  });

  test('numbers of C: hexadecimal, octal, decimal', () => {
    expect(new QtestRig().ask('outb 113 010', 'outb 0x70 0x10', 'inb 0161')).toHaveLength(3);
  });

  test('bytes in their order, and integers low byte first', () => {
    const rig = new QtestRig();
    rig.ask(`writeq ${RAM} 0x0123456789abcdef`);

    expect(rig.ask(`read ${RAM} 8`, `readl ${RAM}`, `readw ${RAM}`, `readb ${RAM}`, `readq ${RAM}`)).toEqual([
      'OK 0xefcdab8967452301',
      'OK 0x0000000089abcdef',
      'OK 0x000000000000cdef',
      'OK 0x00000000000000ef',
      'OK 0x0123456789abcdef',
    ]);
  });

  test('short data is padded with zeros, and surplus data is ignored', () => {
    const rig = new QtestRig();
    rig.ask(`memset ${RAM} 8 0xff`, `write ${RAM} 4 0x0102`, `b64write ${RAM} 1 AwQF`);

    expect(rig.ask(`read ${RAM} 6`, `b64read ${RAM} 4`)).toEqual(['OK 0x03020000ffff', 'OK AwIAAA==']);
  });

  test('an access of its own width, whatever the value', () => {
    const rig = new QtestRig();
    rig.ask(`writel ${RAM} 0xffffffff`, `writew ${RAM} 0x12345678`);

    expect(rig.ask(`readl ${RAM}`)).toEqual(['OK 0x00000000ffff5678']);
  });
});

test('register numbers in CONFADD may be odd: their low bits are added, as in QEMU', () => {
  const rig = new QtestRig();

  expect(
    rig.ask('outl 0xcf8 0x80000002', 'inw 0xcfc', 'outl 0xcf8 0x80000001', 'inb 0xcfc', 'inl 0xcf8'),
  ).toEqual(['OK', 'OK 0x1237', 'OK', 'OK 0x0080', 'OK 0x80000001']);
});

test('a range may cover RAM and empty memory', () => {
  const rig = new QtestRig('-m 2');
  rig.ask('memset 0x1ffffe 2 0x11');

  expect(rig.ask('read 0x1ffffe 4')).toEqual(['OK 0x1111ffff']);
});

test('below 1 MiB the host bridge decides what is RAM', () => {
  const rig = new QtestRig();
  // PAM1 of 00:00.0: C0000 to C3FFF, to read and to write.
  const open = ['outl 0xcf8 0x80000058', 'outb 0xcfe 0x03'];
  const shut = ['outb 0xcfe 0x00'];

  expect(
    rig.ask(
      'write 0xc0000 2 0x4242',
      ...open,
      'read 0xc0000 2',
      'write 0xc0000 2 0x4242',
      ...shut,
      'read 0xc0000 2',
    ),
  ).toEqual(['OK', 'OK', 'OK', 'OK 0x0000', 'OK', 'OK', 'OK 0xffff']);
});

describe('a line', () => {
  test('may come in pieces, and several in one', () => {
    const rig = new QtestRig();

    expect(rig.feed(Buffer.from('endian'))).toEqual([]);
    expect(rig.feed(Buffer.from('ness\nendianness\nclock'))).toEqual(['OK little', 'OK little']);
    expect(rig.feed(Buffer.from('_step 7\n'))).toEqual(['OK 7']);
  });

  test.each([
    ['inb', 'FAIL inb: argument 1 is missing'],
    ['inb  0x70', 'FAIL inb: argument 1, "", is no number'],
    ['inb 0x70\r', 'FAIL inb: argument 1, "0x70\\r", is no number'],
    ['inb 0x10000', 'FAIL inb: ports are 0 to 0xffff'],
    ['outb 0x70', 'FAIL outb: argument 2 is missing'],
    ['read 0 0', 'FAIL read: a length is 1 to 134217728 bytes'],
    ['memset 0 0x7fffffffffff 1', 'FAIL memset: a length is 0 to 134217728 bytes'],
    ['write 0x200000 1 0xzz', 'FAIL write: the data are not hexadecimal'],
    ['clock_step', 'FAIL cannot advance clock to the next deadline because there is no pending deadline'],
    ['clock_set soon', 'FAIL "soon" is no time in nanoseconds'],
    ['clock_set 9007199254740991', 'OK 9007199254740991'],
    ['clock_step 9007199254740992', 'FAIL "9007199254740992" is no time in nanoseconds'],
    ['set_irq_in ioapic other 4 1', 'FAIL ioapic has no input other'],
    ['set_irq_in ioapic unnamed-gpio-in 24 1', 'FAIL ioapic has the inputs 0 to 23'],
    ['\u0000\u00ff', "FAIL Unknown command '??'"],
  ])('that aborts QEMU is refused in one: %j', (line, answer) => {
    expect(new QtestRig().ask(line)).toEqual([answer]);
  });

  test('of any words is answered by one', () => {
    const rig = new QtestRig('-device virtio-net-pci,id=n');
    const word = fc.oneof(
      fc.constantFrom(
        'inb',
        'outl',
        'read',
        'write',
        'b64write',
        'memset',
        'readq',
        'clock_set',
        'set_irq_in',
      ),
      fc.constantFrom('irq_intercept_out', 'n', 'ioapic', 'unnamed-gpio-in', '0xcf8', '0xffffffffffff', '-1'),
      fc.string({ maxLength: 6 }).map((text) => text.replaceAll('\n', '')),
      fc.nat(0xffff).map(String),
    );
    const line = fc.array(word, { maxLength: 5 }).map((words) => words.join(' '));

    fc.assert(
      fc.property(
        line,
        (text) => rig.ask(text).filter((answer) => /^(OK|FAIL|ERR)/.test(answer)).length === 1,
      ),
    );
  });
});

describe('memory without a device', () => {
  test.each([
    ['readl 0xffffffffffffffff', 'OK 0x00000000ffffffff'],
    ['readq 0xd0000000', 'OK 0xffffffffffffffff'],
    ['writel 0xfffffffffffffff0 1', 'OK'],
    ['read 0x20000000000000 4', 'OK 0xffffffff'],
  ])('answers as an empty bus: %s', (line, answer) => {
    expect(new QtestRig().ask(line)).toEqual([answer]);
  });
});
