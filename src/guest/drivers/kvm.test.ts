import { describe, expect, test } from 'vitest';
import { EOI, ICR_LOW, ISR } from '../../chipset/registers/local-apic.ts';
import { MMIO } from '../../core/places.ts';
import { FEATURES, KVM_PV_EOI, PV_EOI_EN } from '../../kvm/registers.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { KvmGuest } from './kvm.ts';

const { CLOCKSOURCE2, ASYNC_PF_INT, PV_EOI } = FEATURES.mask;
/** To itself, fixed. */
const SELF = 0x4_0000;

test('a guest does not hear of pages where the host has the interrupt alone', () => {
  const machine = gceN1({ kvm: { features: CLOCKSOURCE2 | ASYNC_PF_INT, enforce: true } });

  const guest = KvmGuest.open(machine.port);

  expect(guest?.features).toBe(CLOCKSOURCE2 | ASYNC_PF_INT);
  expect(machine.findings).toEqual([]);
});

describe('an EOI that may be skipped', () => {
  const { LOCAL_APIC } = MMIO;
  const [LOW, BESIDE, HIGH] = [0x40, 0x41, 0x50];
  const MILLISECOND = 1_000_000;

  /** A guest with the word for EOIs: it can send itself a vector, end the interrupt by the word or else by an EOI. */
  function withWord() {
    const machine = gceN1({ kvm: { features: CLOCKSOURCE2 | PV_EOI } });
    const { port } = machine;
    const at = port.allocate(64, 64);
    port.processors![0]!.wrmsr(PV_EOI_EN.offset, at | 1, 0);
    const said: string[] = [];
    const end = (name: string) => {
      const skips = (port.memory.load(at, 4) & KVM_PV_EOI) !== 0;
      said.push(`${name} ${skips ? 'skips' : 'ends'}`);
      if (skips) port.memory.store(at, 0, 4);
      else port.write(LOCAL_APIC + EOI.offset, 0, 4);
    };
    const send = (vector: number) => port.write(LOCAL_APIC + ICR_LOW.offset, SELF | vector, 4);
    const takes = (count: number) => {
      port.unmask();
      port.wait(() => said.length >= count, MILLISECOND);
    };
    const inService = () => port.read(LOCAL_APIC + ISR.offset + 2 * 16, 4);
    const accused = () => machine.findings.filter(({ clause }) => clause === 'kvm/EOI-TWICE');
    return { port, said, end, send, takes, inService, accused };
  }

  test('is not so any more when another interrupt nests', () => {
    const { port, said, end, send, takes, inService, accused } = withWord();
    port.handle(HIGH, () => end('inner'));
    port.handle(LOW, () => {
      send(HIGH);
      takes(1);
      end('outer');
    });

    send(LOW);
    takes(2);

    expect([said, inService(), accused()]).toEqual([['inner ends', 'outer ends'], 0, []]);
  });

  // As Linux does before a restart, in the handler of a call to each processor.
  test('was skipped by the time that the word is switched off', () => {
    const { port, said, end, send, takes, inService } = withWord();
    port.handle(LOW, () => {
      end('last');
      port.processors![0]!.wrmsr(PV_EOI_EN.offset, 0, 0);
    });

    send(LOW);
    takes(1);

    expect([said, inService()]).toEqual([['last skips'], 0]);
  });

  test('is not so while another is requested', () => {
    const { port, said, end, send, takes, inService } = withWord();
    port.handle(HIGH, () => end('first'));
    port.handle(LOW, () => end('second'));

    port.mask();
    send(LOW);
    send(HIGH);
    takes(2);

    expect([said, inService()]).toEqual([['first ends', 'second skips'], 0]);
  });

  test('is skipped before the next of its class nests', () => {
    const { port, said, end, send, takes, inService, accused } = withWord();
    port.handle(BESIDE, () => end('inner'));
    port.handle(LOW, () => {
      end('outer');
      send(BESIDE);
      takes(2);
    });

    send(LOW);
    takes(2);

    expect([said, inService(), accused()]).toEqual([['outer skips', 'inner skips'], 0, []]);
  });
});
