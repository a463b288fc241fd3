import { QemuPort } from '../../../src/hosts/qemu/index.ts';
import { placeFunctions } from '../../../src/hosts/qemu/machine/qemu-machine.ts';
import { adapterOf } from '../../by-hand/driver.ts';
import { LegacyDriver } from '../../by-hand/legacy.ts';
import { LEGACY_SCRIPTS, NO_SCRIPTS } from '../../by-hand/legacy-scripts.ts';
import { RING_SCRIPTS } from '../../by-hand/ring-scripts.ts';

/** The guest's script, for a device at this socket. */
export interface Errand {
  readonly qemu: string;
  readonly socket: string;
  readonly script: string;
}

const SCRIPTS: Readonly<Record<string, (driver: LegacyDriver) => void>> = {
  ...LEGACY_SCRIPTS,
  ...RING_SCRIPTS,
  ...NO_SCRIPTS,
};
const MEMORY = 128;
const STATUS = 0x12;

/** QEMU does not wait until a kick was processed. A read after it does. */
class DistantDriver extends LegacyDriver {
  override kick(queue = this.main): this {
    super.kick(queue).in(STATUS, 1);
    return this;
  }
}

function play({ qemu, socket, script }: Errand): void {
  const device = { driver: 'vfio-user-pci', addr: '03', socket: { type: 'unix', path: socket } };
  using port = QemuPort.start({
    binary: qemu,
    memory: MEMORY,
    interrupts: false,
    arguments: [
      ...['-machine', 'pc,memory-backend=ram,x-south-bridge=piix4-isa'],
      ...['-object', `memory-backend-memfd,id=ram,size=${MEMORY}M,share=on`],
      ...['-device', JSON.stringify(device)],
    ],
  });
  placeFunctions(port);
  SCRIPTS[script]!(new DistantDriver(adapterOf({ port, findings: [] })));
  port.in(0x80, 1);
}

process.on('message', (errand: Errand) => {
  play(errand);
  process.send!('done');
});
process.send!('ready');
