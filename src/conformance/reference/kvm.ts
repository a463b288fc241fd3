import type { GuestPort } from '../../core/guest-port.ts';
import { KvmGuest } from '../../guest/index.ts';
import type { DriverModel } from '../model/model.ts';

const MILLISECOND = 1_000_000;

/** The guest on a port; it is opened once. */
const opened = new WeakMap<GuestPort, KvmGuest>();

function guestOn(port: GuestPort): KvmGuest {
  const guest = opened.get(port) ?? KvmGuest.open(port)!;
  opened.set(port, guest);
  return guest;
}

/** The reference guest of KVM: clocks, stolen time, pages that are ready, hypercalls, as far as they are offered. */
export const referenceKvm: DriverModel = {
  name: 'reference guest of KVM',
  drivers: [],
  run: (port, _handles, machine) => {
    // A machine that was reset has forgotten it.
    opened.get(port)?.close();
    opened.delete(port);
    const guest = guestOn(port);
    guest.date();
    guest.stolen();
    guest.kick(0);
    machine.kvm.pageReady(0, 7);
    port.wait(() => guest.ready.length > 0, MILLISECOND);
    // As a processor that goes and comes back.
    guest.suspend();
    guest.resume();
  },
  use: {
    time: (vcpu, _handles, port) => guestOn(port).time(vcpu),
    date: (_handles, port) => guestOn(port).date(),
    stop: (_handles, port) => {
      guestOn(port).close();
      opened.delete(port);
    },
    suspend: (_handles, port) => guestOn(port).suspend(),
    resume: (_handles, port) => guestOn(port).resume(),
  },
};
