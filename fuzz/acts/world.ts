import { anyFrame } from './frames.ts';
import { anyBytes, type Player } from './player.ts';

/** Events at the machine's other end, independent of its guest. */
export function turnWorld({ machine, world, random }: Pick<Player, 'machine' | 'world' | 'random'>): void {
  const nic = random.below(machine.nics.length + 1);
  switch (random.below(18)) {
    case 0:
    case 1:
    case 2:
      world.receive(nic, anyFrame(random));
      break;
    case 3:
      world.does('link', nic, random.below(2));
      break;
    case 4:
      world.type(random.below(4), anyBytes(random, random.below(100)));
      break;
    case 5:
      world.does('inject', random.below(4), random.below(256), random.below(16));
      break;
    case 6:
      world.does('modem', random.below(4), random.below(8));
      break;
    case 7:
      if (machine.scsiQueues > 0 && machine.disks.length < 6) world.does('addDisk', 512 << random.below(12));
      break;
    case 8:
      world.does('removeDisk', random.below(machine.disks.length + 1));
      break;
    case 9:
      if (machine.nics.length < 4) world.does('addNic');
      break;
    case 10:
      if (machine.nics.length > 1) world.does('removeNic', nic);
      break;
    case 11:
      world.setTarget(random.below(2048));
      world.askStats();
      break;
    case 12:
      world.does(random.below(2) === 0 ? 'power' : 'sleep');
      break;
    case 13:
      world.does('resizeDisk', random.below(machine.disks.length + 1), 512 << random.below(12));
      break;
    case 14:
      world.does('refuseCommands', random.below(machine.disks.length + 1), 1 + random.below(4));
      break;
    case 15:
      if (random.below(8) === 0) world.does('breakDown', random.below(machine.virtio.length));
      else world.does('offer', random.below(machine.virtio.length), random.below(64));
      break;
    case 16:
      if (random.below(2) === 0) world.does('glitch', random.below(16));
      else world.does('announce', nic);
      break;
    default:
      if (random.below(16) === 0) world.does('reset', ['power', 'hard', 'soft'][random.below(3)]!);
  }
}
