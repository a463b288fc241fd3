#!/usr/bin/env python3
"""Reads what a guest can read of its virtual hardware, and writes one file: guestrig compare FILE says where our machine differs.

It opens everything read-only, writes to no port and no device, loads no module, uses no network, and reads no block of a disk.
What it may touch is in the tables below: --plan prints them. Names, serials, UUIDs, MAC and IP addresses are masked.
Needs Python 3.6. Run it as root on a virtual machine: python3 capture.py
"""
import argparse, base64, ctypes, errno, fcntl, glob, hashlib, json, mmap, os, platform, re, select, signal, socket, struct
import subprocess, sys, time

VERSION = 1
LIMIT = 5  # seconds for an item
# ---- What may be touched ----
# Registers of a legacy virtio function: offset, bytes. Never 13h: its read clears the interrupt.
LEGACY = ((0x00, 4), (0x04, 4), (0x08, 4), (0x0c, 2), (0x0e, 2), (0x12, 1))
# gVNIC and NVMe: the last offset of 32 bits that is read.
GVNIC_LAST, NVME_LAST = 0x0c, 0x3c
ACPI = ('APIC', 'BGRT', 'DSDT', 'FACP', 'FACS', 'GTDT', 'HPET', 'IORT', 'MCFG', 'PPTT', 'SLIT', 'SPCR', 'SRAT', 'SSDT', 'WAET')
VPD = (0x00, 0x80, 0x83, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8d, 0x8f, 0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6)
# SCSI: name, CDB, bytes of the answer. Nothing that writes, starts, stops or formats.
SCSI = [('test-unit-ready', '000000000000', 0)]
SCSI += [('inquiry-%d' % n, '12000000%02x00' % n, n) for n in (36, 96, 255)]
SCSI += [('vpd-%02x' % page, '1201%02x00ff00' % page, 255) for page in VPD]
SCSI += [('mode6-%02x-%d' % (page, pc), '1a00%02x00ff00' % (page | pc << 6), 255) for page in (0x3f, 0x08, 0x0a, 0x1c) for pc in range(4)]
SCSI += [('mode6-3f-ff', '1a003fffff00', 255), ('mode10-3f', '5a003f00000000100000', 4096),
         ('read-capacity-10', '25000000000000000000', 8), ('read-capacity-16', '9e100000000000000000000000200000', 32),
         ('get-lba-status', '9e120000000000000000000000180000', 24)]
SCSI += [('report-luns-%d' % n, 'a000%02x000000000010000000' % n, 4096) for n in (0, 1, 2)]
SCSI += [('supported-opcodes', 'a30c00000000000040000000', 16384), ('supported-functions', 'a30d00000000000000100000', 16),
         ('log-sense-00', '4d004000000000100000', 4096), ('wrong-page', '120080002400', 36), ('wrong-opcode', 'c00000000000', 0)]
# NVMe admin commands: name, opcode (Identify, Get Log Page, Get Features), namespace, CDW10, bytes.
NVME = [('identify-%02x-%x' % (cns, ns), 6, ns, cns, 4096) for cns, ns in
        ((0, 1), (1, 0), (2, 0), (3, 1), (5, 1), (6, 0), (8, 1), (0x10, 0), (0, 0xfffe))]
NVME += [('log-%02x' % page, 2, 0xffffffff, page | 0x8000 | (size // 4 - 1) << 16, size) for page, size in ((1, 64), (2, 512), (3, 512), (5, 4096))]
# Features whose value is in the completion. Never 03h, 0Ch, 0Dh, 0Eh, 16h: they return data, and no buffer is sent.
FEATURES = (1, 2, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0xf, 0x10, 0x11, 0x80)
NVME += [('feature-%02x-%d' % (fid, sel), 10, 0, fid | sel << 8, 0) for fid in FEATURES for sel in range(4)]
# Where Identify has serial numbers and names, by CNS.
NVME_NAMES = {0: [(104, 128), (384, 4096)], 1: [(4, 24), (112, 128), (768, 1024), (3072, 4096)], 3: [(0, 4096)], 8: [(0, 4096)]}
MSRS = (0x10, 0x11, 0x12, 0x1b, 0x3a) + tuple(range(0x4b564d00, 0x4b564d09))
ELCR = (0x4d0, 0x4d1)  # beside these, the power blocks that the FACP table names
TEXTS = ('/proc/ioports', '/proc/iomem', '/proc/interrupts', '/proc/cmdline', '/proc/driver/rtc', '/proc/tty/driver/serial')
SYSFS = ('/sys/class/dmi/id/*', '/sys/devices/system/clocksource/clocksource0/*', '/sys/firmware/memmap/*/*', '/sys/class/net/*/mtu',
         '/sys/bus/virtio/devices/*/features', '/sys/bus/virtio/devices/*/status', '/sys/class/nvme/nvme*/model', '/sys/class/nvme/nvme*/firmware_rev')
DMI_MASKED = ('board_asset_tag', 'board_serial', 'chassis_asset_tag', 'chassis_serial', 'product_serial', 'product_uuid')
KINDS = ('machine', 'cpu', 'image', 'firmware', 'display', 'region', 'provider')


def plan():
    tables = dict(legacy_virtio_bar0=LEGACY, gvnic_bar0_to=GVNIC_LAST, nvme_bar0_to=NVME_LAST, acpi=ACPI, scsi=SCSI, nvme_admin=NVME, msrs=MSRS,
                  ports=list(ELCR) + ['PM1 status, enable, control, timer and GPE block of the FACP'], files=TEXTS + SYSFS,
                  also=['config space of each PCI function', 'SMBIOS', 'CPUID', 'the kernel log', 'drivers and rings of network cards'])
    for name, rows in sorted(tables.items()):
        print('%s:' % name)
        for row in rows if isinstance(rows, (list, tuple)) else [rows]:
            print('  ' + ' '.join('%#x' % x if isinstance(x, int) else str(x) for x in (row if isinstance(row, tuple) else (row,))))


class Capture:
    def __init__(self, root):
        self.root, self.items, self.pci = root.rstrip('/'), {}, []

    def at(self, path):
        return self.root + path

    def names(self, pattern):
        return sorted(p[len(self.root):] for p in glob.glob(self.at(pattern)))

    def read(self, path, size=1 << 20, offset=0):
        fd = os.open(self.at(path), os.O_RDONLY | os.O_NONBLOCK)
        try:
            parts, left = [], size
            while left > 0:
                part = os.pread(fd, min(left, 4096), offset + size - left) if offset or size <= 4096 else os.read(fd, left)
                if not part:
                    break
                parts.append(part)
                left -= len(part)
            return b''.join(parts)
        finally:
            os.close(fd)

    def text(self, path):
        return self.read(path).decode('utf8', 'replace')

    def item(self, name, source, encoding, get, **more):
        """Gets an item twice, each time in a child process that has LIMIT seconds: a hang loses one item."""
        first, second = in_child(get), in_child(get)
        entry = dict(source=source, encoding=encoding, **more)
        entry.update(first)
        if 'data' in first and first.get('data') != second.get('data'):
            entry['volatile'] = True
        self.items[name] = entry
        return first

    # ---- PCI ----
    def functions(self):
        for folder in self.names('/sys/bus/pci/devices/*'):
            bdf = os.path.basename(folder)
            name = 'pci/%s' % bdf
            driver = os.path.basename(os.path.realpath(self.at(folder + '/driver'))) if os.path.exists(self.at(folder + '/driver')) else None
            if driver == 'vfio-pci':
                continue
            config = self.item(name + '/config', folder + '/config', 'hex', lambda: self.config(folder))
            self.item(name + '/resource', folder + '/resource', 'text', lambda: self.text(folder + '/resource'))
            self.pci.append(dict(address=bdf, config=name + '/config', driver=driver))
            data = bytes.fromhex(config.get('data', ''))
            if len(data) >= 64:
                self.registers(name, folder, data)

    def config(self, folder):
        path = folder + '/config'
        size = len(self.read(path, 256))
        window, at = -1, (self.read(path, 1, 0x34)[0] if size > 64 else 0)
        for _ in range(48):
            if at < 64 or at > 252:
                break
            head = self.read(path, 4, at)
            if head[0] == 9 and head[3] == 5:
                window = at + 16  # of modern virtio: its read reads a BAR
            at = head[1]
        parts = [bytes(4) if at == window else self.read(path, 4, at) for at in range(0, size, 4)]
        return b''.join(parts)

    def registers(self, name, folder, config):
        vendor, device = struct.unpack_from('<HH', config)
        bar0 = struct.unpack_from('<I', config, 0x10)[0]
        path = folder + '/resource0'
        if vendor == 0x1af4 and 0x1000 <= device < 0x1040 and bar0 & 1:
            size = self.size_of(folder)
            first = 0x18 if self.has_msix_on(config) else 0x14
            for at, width in LEGACY:
                self.item('%s/bar0/%02x' % (name, at), path, 'hex', lambda: self.exactly(path, at, width), width=width)
            # Byte by byte, as its fields have several widths; in one item, so that a MAC address is seen and masked.
            self.item('%s/bar0/%02x' % (name, first), path, 'hex', lambda: b''.join(self.exactly(path, at, 1) for at in range(first, size)))
        last = GVNIC_LAST if (vendor, device) == (0x1ae0, 0x42) else NVME_LAST if config[9:12] == b'\x02\x08\x01' else None
        if last is not None and not bar0 & 1:
            for at in range(0, last + 1, 4):
                self.item('%s/bar0/%02x' % (name, at), path, 'hex', lambda: self.word(path, at), width=4)

    def has_msix_on(self, config):
        at = config[0x34] if config[6] & 0x10 else 0
        for _ in range(48):
            if at < 64 or at + 4 > len(config):
                return False
            if config[at] == 0x11:
                return bool(config[at + 3] & 0x80)
            at = config[at + 1]
        return False

    def size_of(self, folder):
        begin, end = self.text(folder + '/resource').split('\n')[0].split()[:2]
        return min(int(end, 16) - int(begin, 16) + 1, 128)

    def exactly(self, path, at, width):
        fd = os.open(self.at(path), os.O_RDONLY)
        try:
            return os.pread(fd, width, at)
        finally:
            os.close(fd)

    def word(self, path, at):
        fd = os.open(self.at(path), os.O_RDONLY)
        try:
            with mmap.mmap(fd, 4096, mmap.MAP_SHARED, mmap.PROT_READ) as memory:
                return struct.pack('=I', memoryview(memory).cast('I')[at // 4])
        finally:
            os.close(fd)

    # ---- disks ----
    def scsi(self):
        for folder in self.names('/sys/bus/scsi/devices/*:*:*:*'):
            disks = self.names(folder + '/block/*')
            if not disks:
                continue
            node = '/dev/' + os.path.basename(disks[0])
            for name, cdb, size in SCSI:
                key = 'scsi/%s/%s' % (os.path.basename(folder), name)
                self.item(key, node, 'hex', lambda: sg_io(self.at(node), bytes.fromhex(cdb), size), cdb=cdb, length=size)

    def nvme(self):
        for folder in self.names('/sys/class/nvme/nvme*'):
            node = '/dev/' + os.path.basename(folder)
            for name, opcode, ns, cdw10, size in NVME:
                key = 'nvme/%s/%s' % (os.path.basename(folder), name)
                self.item(key, node, 'hex', lambda: nvme_admin(self.at(node), opcode, ns, cdw10, size), opcode=opcode, nsid=ns, cdw10=cdw10, length=size)

    # ---- firmware, processor, ports ----
    def firmware(self):
        for path in self.names('/sys/firmware/acpi/tables/*') + self.names('/sys/firmware/acpi/tables/dynamic/*'):
            if os.path.basename(path).rstrip('0123456789') in ACPI:
                self.item('acpi/' + os.path.basename(path), path, 'base64', lambda: self.read(path))
        for path in ('smbios_entry_point', 'DMI'):
            self.item('smbios/' + path, '/sys/firmware/dmi/tables/' + path, 'base64', lambda: self.read('/sys/firmware/dmi/tables/' + path))

    def processor(self):
        if not is_x86() or self.root:
            return
        for base in (0, 0x40000000, 0x80000000):
            last = struct.unpack('<I', bytes.fromhex(in_child(lambda: cpuid(base, 0)).get('data', '00' * 16))[:4])[0]
            for leaf in range(base, min(last, base + 0x40) + 1):
                for sub in range(8 if leaf in (4, 7, 0xb, 0xd) else 1):
                    self.item('cpuid/%08x/%x' % (leaf, sub), 'CPUID', 'hex', lambda: cpuid(leaf, sub))
        for msr in MSRS:
            self.item('msr/%08x' % msr, '/dev/cpu/0/msr', 'hex', lambda: self.exactly('/dev/cpu/0/msr', msr, 8))

    def ports(self):
        if not is_x86() and not self.root:
            return
        table = bytes.fromhex(self.items.get('acpi/FACP', {}).get('data', ''))
        ports = list(ELCR)
        if len(table) >= 93:
            event, control, timer, gpe = (struct.unpack_from('<I', table, at)[0] for at in (56, 64, 76, 80))
            for base, size in ((event, table[88]), (control, table[89]), (timer, table[91]), (gpe, table[92])):
                ports += range(base, base + min(size, 8)) if 0x400 <= base < 0xfff8 else ()
        for port in ports:
            self.item('port/%04x' % port, '/dev/port', 'hex', lambda: self.exactly('/dev/port', port, 1))

    # ---- texts ----
    def texts(self):
        for path in list(TEXTS) + [p for pattern in SYSFS for p in self.names(pattern) if os.path.isfile(self.at(p))]:
            self.item('text' + path, path, 'text', lambda: self.text(path))
        if self.root:
            self.item('text/kernel-log', '/kernel-log', 'text', lambda: self.text('/kernel-log'))
        else:
            self.item('text/kernel-log', 'dmesg', 'text', lambda: subprocess.check_output(['dmesg'], stderr=subprocess.DEVNULL).decode('utf8', 'replace'))

    def cards(self):
        for folder in self.names('/sys/class/net/*'):
            card = os.path.basename(folder)
            if card != 'lo' and not self.root:
                for name, command, size in (('driver', 3, 196), ('rings', 0x10, 36), ('channels', 0x3c, 36)):
                    self.item('net/%s/%s' % (card, name), 'SIOCETHTOOL', 'hex', lambda: ethtool(card, command, size))


def is_x86():
    return platform.machine() in ('x86_64', 'AMD64')


def in_child(get):
    """The outcome of get, by a child; its status says what went wrong."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            got = get()
            out = got if isinstance(got, dict) else dict(status='ok', data=got if isinstance(got, str) else got.hex())
        except OSError as error:
            kinds = {errno.EACCES: 'denied', errno.EPERM: 'denied', errno.ENOENT: 'absent'}
            out = dict(status=kinds.get(error.errno, 'error'), errno=error.errno)
        except BaseException as error:  # what leaves here would be taken for the parent
            out = dict(status='error', said=type(error).__name__)
        with os.fdopen(writer, 'w') as end:
            json.dump(out, end)
        os._exit(0)
    os.close(writer)
    parts, until = [], time.monotonic() + LIMIT
    while select.select([reader], [], [], max(0, until - time.monotonic()))[0]:
        part = os.read(reader, 1 << 16)
        if not part:
            break
        parts.append(part)
    else:
        os.kill(child, signal.SIGKILL)
    os.close(reader)
    if time.monotonic() < until:
        os.waitpid(child, 0)
    try:
        return json.loads(b''.join(parts).decode())
    except ValueError:
        return dict(status='timeout')


def sg_io(node, cdb, size):
    data, sense, command = ctypes.create_string_buffer(b'\xee' * size, max(size, 1)), ctypes.create_string_buffer(64), ctypes.create_string_buffer(cdb, len(cdb))
    header = bytearray(struct.pack('@iiBBHIPPPIIiPBBBBHHiII', ord('S'), -3 if size else -1, len(cdb), 64, 0, size, ctypes.addressof(data),
                                   ctypes.addressof(command), ctypes.addressof(sense), LIMIT * 1000 - 1000, *[0] * 12))
    fd = os.open(node, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.ioctl(fd, 0x2285, header)
    finally:
        os.close(fd)
    status, _, _, written, host, driver, residue = struct.unpack_from('@BBBBHHi', header, 64)
    if host or driver & 7:  # 8 is sense data
        return dict(status='error', host=host, driver=driver)
    return dict(status='ok', data=data.raw[:size - residue].hex() if size else '', scsi=status, sense=sense.raw[:written].hex(), residue=residue)


def nvme_admin(node, opcode, ns, cdw10, size):
    data = ctypes.create_string_buffer(max(size, 1))
    command = bytearray(struct.pack('=BBHIIIQQIIIIIIIIII', opcode, 0, 0, ns, 0, 0, 0, ctypes.addressof(data) if size else 0, 0, size, cdw10, 0, 0, 0, 0, 0, LIMIT * 1000 - 1000, 0))
    fd = os.open(node, os.O_RDONLY)
    try:
        status = fcntl.ioctl(fd, 0xc0484e41, command)
    finally:
        os.close(fd)
    return dict(status='ok', data=data.raw[:size].hex() if size else '', nvme=status, result=struct.unpack_from('=I', command, 68)[0])


def ethtool(card, command, size):
    data = ctypes.create_string_buffer(struct.pack('=I', command), size)
    request = struct.pack('16sP16x', card.encode(), ctypes.addressof(data))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket.fileno(), 0x8946, request)
    return data.raw


def cpuid(leaf, sub):
    # push rbx; mov eax, edi; mov ecx, esi; mov r8, rdx; cpuid; four stores to [r8]; pop rbx; ret
    code = bytes.fromhex('5389f889f14989d00fa241890041895804418948084189500c5bc3')
    with mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as memory:
        memory.write(code)
        out = (ctypes.c_uint32 * 4)()
        place = ctypes.c_char.from_buffer(memory)
        ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p)(ctypes.addressof(place))(leaf, sub, ctypes.addressof(out))
        del place
        return bytes(out)


# ---- masking: by value, wherever it stands, at the same length ----
UUID = re.compile(r'\b[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\b')
MAC = re.compile('(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}')
SHORT = 3  # names of so many characters are masked as words of texts alone: in data they would stand by chance
SHAPES = (UUID, re.compile(r'\b(?:[0-9A-Fa-f]{2}[:-]){5,7}[0-9A-Fa-f]{2}\b'), re.compile(r'(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])'),
          re.compile(r'(?<![\w:])(?:(?:H:){7}H|H(?::H)*::(?:H(?::H)*)?|::H(?::H)*)(?![\w:])'.replace('H', '[0-9A-Fa-f]{1,4}')), re.compile(r'\b[0-9A-Fa-f]{32}\b'))


def disk_names(page):
    """The serial number of VPD page 80h, or the designators of page 83h: texts as they are, others as hex."""
    names, at = [page[4:]] if page[1] == 0x80 else [], 4
    while page[1] == 0x83 and at + 4 <= len(page):
        name = page[at + 4:at + 4 + page[at + 3]]
        names.append(name[8:] if page[at + 1] & 0xf == 1 else name)  # of T10: its vendor is before it
        at += 4 + page[at + 3]
    return [name.decode().strip(' \0') if re.fullmatch(b'[ -~\0]*', name) else name.hex() for name in names]


def identifiers(capture):
    """The names of this machine: they are masked, and searched for in the end."""
    hosts = set() if capture.root else {socket.gethostname(), socket.gethostname().split('.')[0]}
    try:
        hosts.add(capture.text('/etc/hostname').strip())
    except OSError:
        pass
    found = set(hosts)
    for path in ['/etc/machine-id'] + ['/sys/class/dmi/id/' + name for name in DMI_MASKED] + capture.names('/sys/class/net/*/address') + capture.names('/sys/class/nvme/nvme*/serial'):
        try:
            found.add(capture.text(path).strip())
        except OSError:
            pass
    for item in capture.items.values():
        if item.get('cdb', '')[:6] in ('120180', '120183') and len(item.get('data', '')) > 8:
            found.update(disk_names(bytes.fromhex(item['data'])))
    for path in capture.names('/dev/disk/by-id/google-*') + capture.names('/dev/disk/by-uuid/*') + capture.names('/dev/disk/by-partuuid/*'):
        found.add(re.sub(r'^google-|-part\d+$', '', os.path.basename(path)))
    for word in list(found):
        found.update(UUID.findall(word))
        if re.match('42:01:', word):
            found.add('.'.join(str(int(byte, 16)) for byte in word.split(':')[2:]))
    plain = ('localhost', 'Google', 'Google Compute Engine', '00:00:00:00:00:00')
    # A name that masking leaves as it is tells nothing.
    told = (w for w in found if (len(w) > SHORT or w in hosts) and blank(w) != w and w not in plain)
    return sorted((w for w in told if not re.match(r'((persistent-disk|local-ssd|local-nvme-ssd)-\d+|nvme_card\S*)$', w)), key=len, reverse=True)


def forms(word):
    """The bytes as which a name may stand in data."""
    if len(word) <= SHORT:
        return []
    result = [word.encode(), word.lower().encode(), word.upper().encode(), word.encode('utf-16-le')]
    if re.fullmatch('(?:[0-9A-Fa-f]{2}){8,}', word):
        result.append(bytes.fromhex(word))
    if UUID.fullmatch(word):
        raw = bytes.fromhex(word.replace('-', ''))
        result += [raw, raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:], word.replace('-', '').upper().encode(), word.replace('-', '').lower().encode()]
    if MAC.fullmatch(word):
        result.append(bytes.fromhex(word.replace(':', '')))
    return result


def standing(word):
    """Where a name stands in a text: a MAC address has dashes, too, or nothing between its bytes."""
    found = '[:-]?'.join(re.escape(part) for part in (word.split(':') if MAC.fullmatch(word) else [word]))
    return re.compile(found if len(word) > SHORT else r'(?<![^\W_])%s(?![^\W_])' % found, re.IGNORECASE)


def blank(text):
    return re.sub('[0-9A-Za-z]', '0' if re.fullmatch('[0-9A-Fa-f:.-]+', text) else 'x', text)


def blank_bytes(form):
    return bytes(0x30 if 0x20 <= byte < 0x7f else 0 for byte in form)


def masked(item, words):
    data, spots = item.get('data'), []
    if data is None:
        return
    if item['encoding'] == 'text':
        for shape in SHAPES:
            data = shape.sub(lambda match: spots.append((match.start(), len(match.group()))) or blank(match.group()), data)
        for word in words:
            data = standing(word).sub(lambda match: spots.append((match.start(), len(match.group()))) or blank(match.group()), data)
        if os.path.basename(item['source']) in DMI_MASKED:
            data = blank(data)
            spots.append((0, len(data)))
    else:
        raw = bytearray.fromhex(data)
        for form in (form for word in words for form in forms(word)):
            at = raw.find(form)
            while at >= 0:
                raw[at:at + len(form)] = blank_bytes(form)
                spots.append((at, len(form)))
                at = raw.find(form, at + len(form))
        for begin, end in NVME_NAMES.get(item.get('cdw10'), ()) if item.get('opcode') == 6 else ():
            end = min(end, len(raw))
            if any(raw[begin:end]):
                raw[begin:end] = bytes(end - begin)
                spots.append((begin, end - begin))
        data = base64.b64encode(raw).decode() if item['encoding'] == 'base64' else raw.hex()
    item['data'] = data
    if spots:
        item['masked'] = sorted(set(spots))


def leaks(items, words):
    for name, item in items.items():
        data = item.get('data') or ''
        text = data if item['encoding'] == 'text' else ''
        raw = b'' if text else base64.b64decode(data) if item['encoding'] == 'base64' else bytes.fromhex(data)
        # Of an item's name only that of a network card is not ours.
        text += ''.join('\n' + card for card in re.findall('net/([^/]+)/', name))
        for word in words:
            if standing(word).search(text) or any(form in raw for form in forms(word) if form != blank_bytes(form)):
                yield name


def is_virtual(capture):
    if capture.root:
        return True
    try:
        if subprocess.call(['systemd-detect-virt', '--quiet', '--vm'], stderr=subprocess.DEVNULL) != 0:
            return False
    except OSError:
        pass
    return platform.machine() == 'aarch64' or 'hypervisor' in capture.text('/proc/cpuinfo')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--plan', action='store_true', help='print what would be read, and end')
    parser.add_argument('--out', default='capture.json', help='the file to write; it must not exist (default: capture.json)')
    parser.add_argument('--about', action='append', default=[], metavar='KIND=VALUE', help='what you want to say of the machine: ' + ', '.join(KINDS))
    parser.add_argument('--force', action='store_true', help='run where no hypervisor is seen')
    parser.add_argument('--root', default='/', help='a copy of /sys and /proc in place of this machine')
    args = parser.parse_args()
    if args.plan:
        return plan()
    about = dict(word.split('=', 1) for word in args.about if '=' in word and word.split('=')[0] in KINDS)
    if len(about) != len(args.about):
        parser.error('--about takes KIND=VALUE, of ' + ', '.join(KINDS))
    capture = Capture(args.root)
    if not is_virtual(capture) and not args.force:
        sys.exit('this is no virtual machine, as far as it can tell: --force runs it nevertheless')
    fd = os.open(args.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        write(capture, about, args.out, fd)
    except BaseException:
        os.unlink(args.out)
        raise


def write(capture, about, path, fd):
    for part in (capture.functions, capture.scsi, capture.nvme, capture.firmware, capture.ports, capture.processor, capture.texts, capture.cards):
        part()
    words = identifiers(capture)
    for item in capture.items.values():
        masked(item, words)
    leaking = sorted(set(leaks(capture.items, words)))
    if leaking:
        sys.exit('not written: a name of this machine is left in ' + ', '.join(leaking[:5]))
    with open(os.path.abspath(__file__), 'rb') as own:
        tool = dict(version=VERSION, sha256=hashlib.sha256(own.read()).hexdigest(), python=platform.python_version())
    count = sum(len(item.get('masked', ())) for item in capture.items.values())
    out = dict(format='vm-capture', version=VERSION, tool=tool, when=time.strftime('%Y-%m'), cloud=about, pci=capture.pci, items=capture.items,
               os=dict(kernel=platform.release(), architecture=platform.machine()) if not capture.root else {}, privacy=dict(rules=1, masked=count))
    with os.fdopen(fd, 'w') as file:
        json.dump(out, file, sort_keys=True, indent=1)
        file.write('\n')
    print('%s: %d items, %d places masked. Read it before you give it away.' % (path, len(capture.items), count))


if __name__ == '__main__':
    main()
