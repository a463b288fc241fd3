import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import { NicDriver } from '../../guest/drivers/net/nic.ts';
import { ScsiHost } from '../../guest/drivers/scsi/host.ts';
import { UartDriver } from '../../guest/drivers/uart16550.ts';
import { BalloonDriver, virtioBalloon } from '../../guest/drivers/virtio-balloon.ts';
import type { InterruptMode } from '../../guest/virtio/device-interrupts.ts';
import { BLOCK } from '../../media/medium.ts';
import type { DriverModel } from '../model/model.ts';
import { administer } from '../net-admin.ts';
import { sendCommands } from '../net-commands.ts';
import { sendChecked, sendLarge, sendMarked, sendTunnelled, sendUnfinished } from '../net-traffic.ts';
import { FRAME, referenceDrivers, useDevices } from '../reference.ts';

/** More than one command moves. */
const DATA = new Uint8Array(256 * BLOCK).fill(0x5a);
const LOCAL = Uint8Array.of(2, 0, 0, 0, 0, 1);
const SOON = 1_000_000;

/** The reference drivers, with all that their devices allow. */
export function thoroughModel(interrupts: InterruptMode): DriverModel {
  const stats = () => ({ MEMFREE: 1n, MEMTOT: 2n });
  const talking = virtioBalloon({ stats, ...(interrupts !== 'msix' && { interrupts }) });
  return {
    name: 'reference, thorough',
    drivers: [talking, ...referenceDrivers(interrupts)],
    run: (port, handles) => {
      talk(port);
      useDevices(port, handles);
      for (const handle of handles) {
        if (handle instanceof NicDriver) useNic(handle);
        if (handle instanceof ScsiHost) useDisks(handle);
        if (handle instanceof BalloonDriver) handle.answer(SOON);
      }
    },
  };
}

function talk(port: GuestPort): void {
  const uart = new UartDriver(port, COM_PORTS[0]);
  uart.open();
  uart.write(Buffer.from('hello\r\n'));
  // More than one: a byte that arrives during a read may be lost.
  for (let i = 0; i < 3; i++) uart.read(SOON);
  uart.close();
}

function useNic(nic: NicDriver): void {
  const took = (name: (typeof nic.features)[number]) => nic.features.includes(name);
  if (!took('VERSION_1')) nic.setMac(LOCAL);
  // So that one is under way when the next is taken.
  nic.post(FRAME);
  nic.send(FRAME);
  sendChecked(nic);
  if (took('CSUM')) sendUnfinished(nic);
  if (took('HOST_TSO4')) sendLarge(nic);
  if (took('HOST_ECN')) sendMarked(nic);
  if (took('HOST_UDP_TUNNEL_GSO')) sendTunnelled(nic);
  if (took('MQ') && nic.setPairs(nic.pairsMax))
    for (let pair = 0; pair < nic.pairsMax; pair++) nic.send(FRAME, pair);
  sendCommands(nic);
  if (took('ADMIN_VQ')) administer(nic);
  while (nic.receive() !== null);
}

function useDisks(host: ScsiHost): void {
  const [disk] = host.scan();
  if (disk === undefined) return;
  host.write(disk.target, 0, DATA, disk.lun);
  host.flush(disk.target, disk.lun);
  host.read(disk.target, 0, DATA.length / BLOCK, disk.lun);
  host.unmap(disk.target, [{ lba: 0, blocks: 8 }], disk.lun);
  host.resetUnit(disk.target, disk.lun);
}
