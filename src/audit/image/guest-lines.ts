import type { Tree } from './files/tree.ts';
import { type Found, fail, type ImageLine, line, noted, pass } from './line.ts';

/** A text of the system, by its path. */
interface Text {
  readonly path: string;
  readonly text: string;
}

const TEXTS_MOST = 64;

/** Files of these folders, and these files; without lines that are comments. */
function textsOf(tree: Tree, folders: readonly string[], files: readonly string[], named: RegExp): Text[] {
  const inFolders = folders.flatMap((folder) =>
    tree
      .names(folder)
      .filter((name) => named.test(name))
      .map((name) => `${folder}/${name}`),
  );
  return [...inFolders, ...files].slice(0, TEXTS_MOST).flatMap((path) => {
    const text = tree.text(path);
    return text === null ? [] : [{ path, text: withoutComments(text) }];
  });
}

/** Lines without blanks around them: no pattern below looks past a line, or takes longer than one. */
function withoutComments(text: string): string {
  return text
    .split('\n')
    .map((raw) => raw.trim())
    .filter((one) => one !== '' && !/^[#;]/.test(one))
    .join('\n');
}

/** What the system is to its user and to Compute Engine, once it runs. */
export function judgeGuest(tree: Tree): ImageLine[] {
  return [
    line('guest', 'network', () => judgeNetwork(tree)),
    line('guest', 'MTU', () => judgeMtu(tree)),
    line('guest', 'names of cards', () => judgeCards(tree)),
    line('guest', 'time server', () => judgeTime(tree)),
    line('guest', 'names of disks', () => judgeDisks(tree)),
    line('guest', 'fstab', () => judgeFstab(tree)),
    line('guest', 'guest environment', () => judgeAgent(tree)),
    line('guest', 'host keys', () => judgeKeys(tree)),
    line('guest', 'machine id', () => judgeMachineId(tree)),
  ];
}

function networksOf(tree: Tree): Text[] {
  return textsOf(
    tree,
    [
      '/etc/network/interfaces.d',
      '/etc/netplan',
      '/etc/systemd/network',
      '/usr/lib/systemd/network',
      '/etc/sysconfig/network-scripts',
      '/etc/NetworkManager/system-connections',
    ],
    ['/etc/network/interfaces'],
    /\.(network|ya?ml|nmconnection)$|^ifcfg-(?!lo$)|^[\w-]+$/,
  );
}

/** How each of the usual files says DHCP, or a fixed address. */
const DHCP =
  /^(iface\s+\S+\s+inet\s+dhcp|dhcp4:\s*(true|yes)|DHCP\s*=\s*(yes|true|ipv4|v4|both)|BOOTPROTO\s*=\s*"?dhcp|method\s*=\s*auto)/im;
const FIXED =
  /^(iface\s+(?!lo\b)\S+\s+inet\s+static|addresses:\s*\[?|Address\s*=\s*\d|IPADDR\d*\s*=|address1\s*=\s*\d)/im;
/** Where a card's IPv4 begins in a file: a stanza of ifupdown, a section of NetworkManager. */
const PART = /^(?=iface\s|\[)/m;

/** What files say of IPv4, card by card where a file has several. */
function partsOf(texts: readonly Text[]): Text[] {
  return texts.flatMap(({ path, text }) => {
    if (path.endsWith('.nmconnection'))
      return text
        .split(PART)
        .filter((part) => part.startsWith('[ipv4]'))
        .map((part) => ({ path, text: part }));
    return path.startsWith('/etc/network/')
      ? text.split(PART).map((part) => ({ path, text: part }))
      : [{ path, text }];
  });
}

const USE_DHCP = 'let it ask DHCP: the address of a machine is given when it is created';

function judgeNetwork(tree: Tree): Found {
  // An address of a namespace that starts none is no address of the machine.
  const own = partsOf(networksOf(tree).filter(({ path }) => !path.startsWith('/usr/lib/')));
  const fixed = own.find(({ text }) => FIXED.test(text) && !DHCP.test(text));
  if (fixed !== undefined) return fail(`${fixed.path} gives an address of its own`, USE_DHCP);
  const dhcp = own.find(({ text }) => DHCP.test(text));
  if (dhcp !== undefined) return pass(`DHCP, by ${dhcp.path}`);
  if (hasCloudInit(tree)) return pass('cloud-init asks DHCP');
  if (tree.has('/usr/sbin/NetworkManager')) return pass('NetworkManager asks DHCP');
  return noted('nothing was found that asks DHCP', USE_DHCP);
}

function hasCloudInit(tree: Tree): boolean {
  return tree.has('/usr/bin/cloud-init');
}

const MTU = /^(?:mtu|MTU|MTUBytes)[\s:="]+(\d+)/m;
const MTU_OF_DHCP = /^UseMTU *= *(?:yes|true|1)/im;

/** Of a network of Compute Engine, by its DHCP: larger frames are lost. */
const [USUAL, LARGEST] = [1460, 8896];

function judgeMtu(tree: Tree): Found {
  const networks = networksOf(tree);
  for (const { path, text } of networks) {
    const said = Number(MTU.exec(text)?.[1] ?? Number.NaN);
    if (said > USUAL && said <= LARGEST)
      return noted(
        `${path} sets ${said}: right only in a network that was created with it`,
        `leave it to DHCP, which says ${USUAL}`,
      );
    if (said > LARGEST)
      return fail(
        `${path} sets ${said}: no network has more than ${LARGEST}`,
        `leave it to DHCP, which says ${USUAL}`,
      );
    if (said > 0) return pass(`${said}, by ${path}`);
  }
  const networkd = networks.find(
    ({ path, text }) => path.includes('/systemd/network/') && DHCP.test(text) && !path.startsWith('/usr/'),
  );
  // systemd.network(5): UseMTU= is off by default.
  if (networkd !== undefined && !MTU_OF_DHCP.test(networkd.text))
    return noted(`${networkd.path} does not take it from DHCP`, 'UseMTU=yes in its [DHCPv4]');
  const dhclient = tree.text('/etc/dhcp/dhclient.conf');
  const asks =
    dhclient?.split(';').some((one) => one.includes('request') && one.includes('interface-mtu')) ?? true;
  if (!asks) return noted('/etc/dhcp/dhclient.conf does not ask for interface-mtu', 'add it to its request');
  return pass(`by DHCP, which says ${USUAL}`);
}

function judgeCards(tree: Tree): Found {
  const rules = textsOf(tree, ['/etc/udev/rules.d'], [], /persistent-net/);
  const bound = rules.find(({ text }) => /ATTR\{address\}/.test(text));
  if (bound === undefined) return pass('no rule ties one to an address');
  return fail(`${bound.path} ties one to an address, and each machine has another`, `rm ${bound.path}`);
}

const SERVER = /metadata\.google\.internal|169\.254\.169\.254/;

function judgeTime(tree: Tree): Found {
  const texts = textsOf(
    tree,
    [
      '/etc/chrony/conf.d',
      '/etc/chrony/sources.d',
      '/etc/chrony.d',
      '/etc/systemd/timesyncd.conf.d',
      '/usr/lib/systemd/timesyncd.conf.d',
    ],
    [
      '/etc/chrony/chrony.conf',
      '/etc/chrony.conf',
      '/etc/ntp.conf',
      '/etc/ntpsec/ntp.conf',
      '/etc/systemd/timesyncd.conf',
    ],
    /\.(conf|sources)$/,
  );
  const right = texts.find(({ text }) => SERVER.test(text));
  if (right !== undefined) return pass(`by ${right.path}`);
  const mend = 'server metadata.google.internal iburst, in chrony.conf, and no other server';
  const other = texts.find(({ text }) => /^(server|pool|NTP\s*=)/m.test(text));
  if (other !== undefined)
    return noted(`${other.path} has other servers, which smear leap seconds in other ways`, mend);
  return noted('no configuration names metadata.google.internal', mend);
}

const RULES = ['/usr/lib/udev/rules.d', '/lib/udev/rules.d', '/etc/udev/rules.d'];
const NVME_ID = ['/usr/lib/udev/google_nvme_id', '/lib/udev/google_nvme_id'];
const INSTALL_CONFIGS = 'install google-compute-engine (GoogleCloudPlatform/guest-configs)';

function judgeDisks(tree: Tree): Found {
  const rule = RULES.flatMap((folder) => tree.names(folder).map((name) => ({ folder, name }))).find(
    ({ name }) => name.endsWith('gce-disk-naming.rules'),
  );
  if (rule === undefined)
    return noted('no 65-gce-disk-naming.rules: /dev/disk/by-id/google-* is not there', INSTALL_CONFIGS);
  const path = `${rule.folder}/${rule.name}`;
  if (!NVME_ID.some((one) => tree.has(one)) && tree.text(path)?.includes('google_nvme_id'))
    return noted(`${path} runs google_nvme_id, which is not there`, INSTALL_CONFIGS);
  return pass(path);
}

function judgeFstab(tree: Tree): Found {
  const [fstab] = textsOf(tree, [], ['/etc/fstab'], /$/);
  if (fstab === undefined)
    return noted(
      'there is no /etc/fstab',
      'without one the root stays read-only unless the command line has rw',
    );
  const lines = fstab.text.split('\n').map((one) => one.trim().split(/\s+/));
  const bad = lines.find(
    ([device = '', , type]) => /^\/dev\/(sd|vd|xvd|hd|nvme)/.test(device) && type !== 'swap',
  );
  if (bad === undefined) return pass('no file system by the name of a device');
  return noted(
    `${bad[0]} ${bad[1] ?? ''}: a disk is sda on some machines, nvme0n1 on others`,
    'name it by UUID=',
  );
}

const AGENTS = [
  '/usr/bin/google_guest_agent',
  '/usr/sbin/google-guest-agent',
  '/usr/bin/google_guest_agent_manager',
];
const INSTALL_AGENT = 'install google-guest-agent and google-compute-engine';

function hasAgent(tree: Tree): boolean {
  return AGENTS.some((path) => tree.has(path));
}

function judgeAgent(tree: Tree): Found {
  if (hasAgent(tree)) return pass('google-guest-agent');
  if (hasCloudInit(tree)) return pass('cloud-init, which reads the metadata in its place');
  return noted(
    'neither google-guest-agent nor cloud-init: no keys and no users from the metadata',
    INSTALL_AGENT,
  );
}

function judgeKeys(tree: Tree): Found {
  const keys = tree.names('/etc/ssh').filter((name) => /^ssh_host_\w+_key$/.test(name));
  if (keys.length === 0) return pass('none is in the image');
  const cause = `/etc/ssh/${keys[0]}: each machine of this image would have it`;
  const mend = 'rm /etc/ssh/ssh_host_*, as the last thing before the disk is copied';
  if (hasAgent(tree)) return noted(`${cause}, until the guest agent makes new ones`, mend);
  // Its ssh_deletekeys is true by default.
  if (hasCloudInit(tree)) return noted(`${cause}, until cloud-init makes new ones`, mend);
  return fail(cause, mend);
}

function judgeMachineId(tree: Tree): Found {
  const id = tree.text('/etc/machine-id')?.trim() ?? '';
  if (!/^[\da-f]{32}$/.test(id)) return pass('made at the first boot');
  return noted(
    '/etc/machine-id has one: each machine of this image would have it',
    'truncate -s 0 /etc/machine-id',
  );
}
