import type { Option } from 'commander';
import { forward, input, network, path, repeatable, single, someText, tracePath } from './option-values.ts';
import { TRACE_ABOUT } from './records.ts';

/** Options of the first NIC's backend, for every command with a guest of its own. */
export function networkOptions(): Option[] {
  return [
    single(
      '--net <network>',
      "what is behind the first NIC: gce, Compute Engine's network, or hub:NAME, a wire to all boots that name it (default: nothing)",
      network,
    ),
    single('--metadata <file>', 'what the metadata server has beside the usual, as JSON', input),
    repeatable(
      '--forward <host:guest>',
      'a port of this host that leads to one of the guest; may be repeated',
      forward,
    ),
    single('--serve <folder>', 'files that the guest gets by HTTP, from any address, and by TFTP', path),
    single('--boot-file <name>', 'what a guest that boots from the network loads: a file or a URL', someText),
  ];
}

/** Options that record what a guest does, for every command that runs one on the machine. */
export function recordOptions(subject = 'guest'): Option[] {
  return [
    single('--pcap <file>', 'write down every frame, as pcapng', path),
    single('--log <file>', `write down every access of the ${subject}`, path),
    single('--trace <file>', TRACE_ABOUT, tracePath),
  ];
}
