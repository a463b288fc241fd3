import { describe, expect, test } from 'vitest';
import { inScript } from './capture-tree.ts';

/** What it writes of these items, on a machine with these names. */
const maskedOf = (items: Readonly<Record<string, object>>, words: readonly string[] | null = null) =>
  inScript<{ data: Record<string, string>; leaks: string[] }>(`
items = json.loads(${JSON.stringify(JSON.stringify(items))})
capture = module.Capture('/no/such/folder')
capture.items = items
words = json.loads('${JSON.stringify(words)}') or module.identifiers(capture)
for item in items.values():
    module.masked(item, words)
said = dict(data={name: item['data'] for name, item in items.items()}, leaks=list(module.leaks(items, words)))`);
const text = (data: string) => ({ source: 'x', encoding: 'text', data });

describe('the script of captures', () => {
  test.each([
    ['BOOTIF=01-42-01-0a-80-00-02', 'BOOTIF=00-00-00-00-00-00-00'],
    ['ens4 fe80::4001:aff:fe80:2 up', 'ens4 0000::0000:000:0000:0 up'],
    ['to 2600:1900:4000:1:0:2:3:4, ::1', 'to 0000:0000:0000:0:0:0:0:0, ::0'],
    ['pci 0000:00:03.0 at 12:34:56', 'pci 0000:00:03.0 at 12:34:56'],
  ])('writes %j as %j', (said, written) => {
    expect(maskedOf({ log: text(said) }).data['log']).toBe(written);
  });

  test("masks a disk's serial number and designators, which udev has no link for", () => {
    const page = (code: number, ...body: Buffer[]) => ({
      source: '/dev/sda',
      encoding: 'hex',
      cdb: `1201${code.toString(16)}00ff00`,
      data: Buffer.concat([Buffer.of(0, code, 0, Buffer.concat(body).length), ...body]).toString('hex'),
    });
    const naa = Buffer.from('600508b1001c4d2f', 'hex');
    const vendor = Buffer.from('Google  secret-disk');

    const { data, leaks } = maskedOf({
      serial: page(0x80, Buffer.from('my-serial-1 ')),
      names: page(0x83, Buffer.of(2, 1, 0, vendor.length), vendor, Buffer.of(1, 3, 0, naa.length), naa),
      log: text('sda is secret-disk, my-serial-1'),
    });
    const written = Object.values(data).map((one) => `${one} ${Buffer.from(one, 'hex').toString('latin1')}`);

    expect(written.join()).not.toMatch(/secret|my-serial|600508b1001c4d2f/);
    expect(Buffer.from(data['names']!, 'hex').toString('latin1')).toContain('Google  00000000000');
    expect(leaks).toEqual([]);
  });

  test('masks a short name of the machine as a word of texts', () => {
    const { data, leaks } = maskedOf(
      { log: text('vm: on vm.local, kvm'), 'port/04d0': { source: 'x', encoding: 'hex', data: '766d' } },
      ['vm'],
    );

    expect(data).toEqual({ log: 'xx: on xx.local, kvm', 'port/04d0': '766d' });
    expect(leaks).toEqual([]);
  });

  test.each([
    [0, 0, 'ok'],
    [0, 8, 'ok'],
    [1, 0, 'error'],
    [0, 6, 'error'],
  ])('has for a command with host status %i and driver status %i the status %s', (host, driver, status) => {
    const answer = inScript<{ status: string }>(`
def ioctl(fd, request, header):
    module.struct.pack_into('@HH', header, 68, ${host}, ${driver})
module.fcntl.ioctl = ioctl
said = module.sg_io('/dev/null', bytes(6), 0)`);

    expect(answer.status).toBe(status);
  });

  test('loses an item to a processor that does not answer', () => {
    const read = inScript(`
import os
module.is_x86 = lambda: True
module.cpuid = lambda leaf, sub: os.abort()
capture, said = module.Capture('/'), []
capture.item = lambda name, *rest: said.append(name)
capture.processor()`);

    expect(read).toContain('msr/00000010');
  });
});
