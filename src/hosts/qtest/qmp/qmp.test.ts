import { describe, expect, test } from 'vitest';
import { QtestRig } from '../rig.ts';

const negotiated = (commandLine?: string) => new QtestRig(commandLine).negotiate();
const identityAt = (rig: QtestRig, slot: number) =>
  rig.ask(`outl 0xcf8 ${0x8000_0000 + slot * 0x800}`, 'inl 0xcfc')[1];
const ABSENT = 'OK 0xffffffff';

describe('the monitor', () => {
  test('greets, and requires capabilities to be negotiated first', () => {
    const rig = new QtestRig();

    expect(rig.monitorHeard()).toMatchObject([
      { QMP: { version: { qemu: { major: 10 } }, capabilities: [] } },
    ]);
    expect(rig.execute('query-status')).toEqual({
      error: {
        class: 'CommandNotFound',
        desc: "Expecting capabilities negotiation with 'qmp_capabilities'",
      },
    });
    expect(rig.execute('qmp_capabilities')).toEqual({ return: {} });
    expect(rig.execute('query-status')).toEqual({ return: { status: 'running', running: true } });
  });

  test('takes objects in pieces and several at once, and repeats their ids', () => {
    const rig = negotiated();
    rig.tell('{"execute": "query-');

    expect(rig.tell('version", "id": {"a": "}"}}{"execute":"stop","id":2}')).toMatchObject([
      { return: { qemu: {} }, id: { a: '}' } },
      { event: 'STOP', timestamp: { seconds: 0, microseconds: 0 } },
      { return: {}, id: 2 },
    ]);
  });

  test.each([
    ['{"execute": "format-host"}', 'The command format-host has not been found'],
    ['{"run": 1}', "QMP input lacks member 'execute'"],
    ['[]', 'QMP input must be a JSON object'],
    ['{"execute": "stop", "arguments": 1}', "QMP input member 'arguments' must be an object"],
    ['{"execute": }', 'JSON parse error, invalid input'],
    ['hello\n', 'JSON parse error, invalid input'],
    ['}', 'JSON parse error, invalid input'],
    ['{"execute": "device_add"}', "Parameter 'driver' is missing"],
    [
      '{"execute": "device_add", "arguments": {"driver": "e1000"}}',
      "'e1000' is not a valid device model name",
    ],
    ['{"execute": "device_del", "arguments": {"id": "x"}}', "Device 'x' not found"],
    ['{"execute": "qmp_capabilities"}', 'Capabilities negotiation is already complete, command ignored'],
    ['{"execute": "announce-self"}', "Invalid parameter type for 'initial', expected: number"],
  ])('refuses %s in one object', (text, desc) => {
    expect(negotiated().tell(text)).toMatchObject([{ error: { desc } }]);
  });

  test.each([
    ['a byte FF in a string', '{"execu\u00ff', 'stray "\u00ff"'],
    ['a control character', '{"execute": \u0001', 'stray "\\u0001"'],
    ['an end of line in a string', '{"execute": "cont\n', 'stray "\\n"'],
    ['1025 brackets', '['.repeat(1025), 'nesting is too deep'],
    ['another word', 'hello ', 'invalid input'],
  ])('answers %s, and takes the object behind it', (_what, text, why) => {
    expect(negotiated().tell(`${text}{"execute":"cont"}`)).toEqual([
      { error: { class: 'GenericError', desc: `JSON parse error, ${why}` } },
      { return: {} },
    ]);
  });

  test('answers an object that is unfinished after a mebibyte', () => {
    expect(negotiated().tell(`{"a": "${'x'.repeat(1 << 20)}`)).toEqual([
      { error: { class: 'GenericError', desc: 'JSON parse error, it is too long' } },
    ]);
  });

  test('takes objects of one line, and one of several', () => {
    expect(negotiated().tell('{"execute":"cont"}{"execute":\n"cont"\n}\n')).toEqual([
      { return: {} },
      { return: {} },
    ]);
  });

  test('lists the machines and the devices', () => {
    const rig = negotiated();

    expect(rig.execute('query-machines')).toMatchObject({
      return: expect.arrayContaining([
        expect.objectContaining({ name: 'pc', 'cpu-max': 64, 'hotpluggable-cpus': false, acpi: true }),
      ]),
    });
    expect(rig.execute('qom-list-types')).toMatchObject({
      return: expect.arrayContaining([{ name: 'virtio-scsi-pci', parent: 'device' }]),
    });
  });

  test('stops and resumes the machine, with events', () => {
    const rig = negotiated('-S');

    expect(rig.execute('query-status')).toEqual({ return: { status: 'paused', running: false } });
    expect(rig.tell('{"execute":"cont"}')).toMatchObject([{ event: 'RESUME' }, { return: {} }]);
    expect(rig.tell('{"execute":"cont"}')).toEqual([{ return: {} }]);
  });

  test('resets the machine, and sends an event when the guest does', () => {
    const rig = negotiated();
    rig.ask('outb 0x3f9 0x05');

    expect(rig.tell('{"execute":"system_reset"}')).toMatchObject([{ event: 'RESET' }, { return: {} }]);
    expect(rig.ask('inb 0x3f9')).toEqual(['OK 0x0000']);
    rig.ask('outb 0xcf9 0x06');
    expect(rig.monitorHeard()).toContainEqual(expect.objectContaining({ event: 'RESET' }));
  });
});

describe('a device', () => {
  test('that is added is present at once, and is removed when the guest ejects it', () => {
    const rig = negotiated();
    rig.execute('device_add', { driver: 'virtio-net-pci', id: 'n1', addr: '0x06' });

    expect(identityAt(rig, 6)).toBe('OK 0x10001af4');
    expect(rig.ask('inl 0xae00', 'inl 0xae00', 'inl 0xae0c')).toEqual([
      'OK 0x0040',
      'OK 0x0000',
      'OK 0x0040',
    ]);
    expect(rig.tell('{"execute":"device_del","arguments":{"id":"n1"}}')).toEqual([{ return: {} }]);
    expect([identityAt(rig, 6), rig.ask('inl 0xae04')]).toEqual(['OK 0x10001af4', ['OK 0x0040']]);
    rig.ask('outl 0xae08 0x40');
    expect(rig.monitorHeard().at(-1)).toMatchObject({
      event: 'DEVICE_DELETED',
      data: { device: 'n1', path: '/machine/peripheral/n1' },
    });
    expect(identityAt(rig, 6)).toBe(ABSENT);
  });

  test('that is to be ejected is removed at a reset, too', () => {
    const rig = negotiated('-device virtio-rng-pci,id=r,addr=5');
    rig.execute('device_del', { id: 'r' });

    expect(rig.tell('{"execute":"system_reset"}')).toMatchObject([
      { event: 'DEVICE_DELETED', data: { device: 'r' } },
      { event: 'RESET' },
      { return: {} },
    ]);
    expect(identityAt(rig, 5)).toBe(ABSENT);
  });

  test('that is a disk is added and removed by itself', () => {
    const rig = negotiated('-device virtio-scsi-pci,id=s -drive id=d,if=none,file=null-co://');
    rig.execute('device_add', { driver: 'scsi-hd', id: 'hd', drive: 'd' });

    expect(rig.server.machine.disks).toMatchObject([{ target: 0, lun: 0, medium: { blocks: 2 ** 21 } }]);
    expect(rig.tell('{"execute":"device_del","arguments":{"id":"hd"}}')).toMatchObject([
      { event: 'DEVICE_DELETED', data: { device: 'hd' } },
      { return: {} },
    ]);
    expect(rig.server.machine.disks).toEqual([]);
  });

  test.each([
    ['virtio-net-pci', { netdev: 'n' }, 'netdev must be the id of a -netdev; got "n"'],
    ['virtio-net-pci', { addr: '20' }, 'addr must be a slot from 1 to 1f, with function 0; got "20"'],
    ['virtio-net-pci', { addr: '1' }, 'pci.slot must be free; got "00:01.0"'],
    ['virtio-rng-pci', { id: 'a' }, 'device.id must be an id that no other device has; got "a"'],
    ['scsi-hd', { drive: 'd' }, 'drive must be the id of a -drive or -blockdev; got "d"'],
    ['virtio-scsi-pci', {}, 'device: the machine has its only virtio-scsi-pci from the start'],
  ])('that has no place is refused: %s %j', (driver, given, desc) => {
    const rig = negotiated('-device virtio-balloon-pci,id=a');

    expect(rig.execute('device_add', { driver, ...given })).toMatchObject({ error: { desc } });
  });

  test('has the requested slot, or the next that is free', () => {
    const rig = new QtestRig(
      '-device virtio-net-pci,addr=1f.0 -device virtio-scsi-pci,addr=0x4 -device virtio-rng-pci -device virtio-balloon-pci',
    );

    expect(rig.server.machine.functions.map(({ subject }) => subject).slice(3)).toEqual([
      'scsi0 (00:04.0)',
      'rng0 (00:05.0)',
      'balloon0 (00:06.0)',
      'net0 (00:1f.0)',
    ]);
  });

  test('changes its own link only', () => {
    const rig = negotiated('-device virtio-net-pci,id=a');

    expect(rig.execute('set_link', { name: 'a', up: false })).toEqual({ return: {} });
    expect(rig.execute('set_link', { name: 'b', up: false })).toMatchObject({
      error: { class: 'DeviceNotFound' },
    });
  });
});
