/** The pages of the clauses in docs/reference/clauses: a name, a title, and the clauses that are there. */
export const CLAUSE_PAGES = [
  [
    'chipset',
    'Chipset: interrupt controllers, timers, clock, keyboard, power',
    /^(acpi|apic|i8042|ioapic|pic|pirq|pit|rtc)\//,
  ],
  ['serial', 'Serial ports', /^(uart|pl011)\//],
  ['pci', 'PCI: configuration space, base addresses, MSI-X', /^(pci|msix|discovery)\//],
  ['virtio-net', 'virtio: the network device', /^virtio\/(NET|ADMIN)-/],
  ['virtio-queue', 'virtio: queues and rings', /^virtio\/(VQ|PACKED|CLEAN)/],
  ['virtio-pci', 'virtio: the transport over PCI', /^virtio\/(PCI|MSIX)-/],
  ['virtio-scsi', 'virtio: the SCSI host', /^virtio\/SCSI-/],
  ['virtio-others', 'virtio: the balloon and random numbers', /^virtio\/(BALLOON|RNG)-/],
  ['virtio', 'virtio: initialisation, features, suspension', /^virtio\//],
  ['scsi', 'SCSI commands', /^scsi\//],
  ['conduct', 'What holds for every driver: memory, waiting, interrupt lines', /^(live|ram)\//],
  ['gvnic', 'gVNIC: registers, commands, rings', /^gvnic\//],
  ['nvme', 'NVMe: registers, doorbells, queues, commands', /^nvme\//],
  ['kvm', "KVM's guest interface: leaves, MSRs, clocks", /^kvm\//],
  ['gce', 'What Compute Engine shows and asks for', /^gce\//],
  ['hard', 'Devices that lie', /^hard\//],
] as const;

/** The name of the page that has a clause: the first that takes it. */
export function clausePage(id: string): string {
  const [name] = CLAUSE_PAGES.find(([, , clauses]) => clauses.test(id)) ?? [''];
  return name;
}

/** A clause's own heading, in the documentation that this package carries: a file of this host. */
export function clauseUrl(id: string): string {
  const page = new URL(`../../docs/reference/clauses/${clausePage(id)}.md`, import.meta.url);
  return `${page.href}#${anchorOf(id)}`;
}

/** As GitHub names a heading. */
export function anchorOf(id: string): string {
  return id.toLowerCase().replaceAll(/[^\w-]/g, '');
}
