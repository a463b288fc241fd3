import { hex } from '../core/bits.ts';
import type {
  DescriptorPicture,
  EntryPicture,
  EventSuppressPicture,
  PackedDescriptorPicture,
  PackedRingPicture,
  RingAreaPicture,
  RingPicture,
  SplitRingPicture,
} from '../core/ring-picture.ts';
import { html, type Markup } from './html-markup.ts';

/** Draws a virtqueue as it was in RAM when a finding was made. */
export function ringFigure(ring: RingPicture): Markup {
  return html`<figure class="ring">
<figcaption>The ${ring.format} virtqueue at that moment, Queue Size ${ring.size}</figcaption>
${ring.format === 'split' ? splitParts(ring) : packedParts(ring)}
</figure>`;
}

function splitParts({ about, taken, desc, avail, used, size }: SplitRingPicture): Markup[] {
  return [
    part('Descriptor Table', desc, (table) => [
      ...table.entries.map((one) => descriptor(one, about)),
      ...(table.entries.length === 0 ? [html`<p class="odd">The chain has no descriptor in it.</p>`] : []),
      ...(table.more ? [html`<p class="more">… the chain goes on</p>`] : []),
    ]),
    part('Available Ring', avail, (ring) => [
      area('avail', ring, about, size, taken % size),
      html`<p class="legend">◂ where the device stands: it has taken ${taken} chains</p>`,
    ]),
    part('Used Ring', used, (ring) => [area('used', ring, about, size, null)]),
  ];
}

function packedParts({ about, desc, driver, device }: PackedRingPicture): Markup[] {
  return [
    part('Descriptor Ring', desc, ({ entries }) =>
      entries.map((one) => descriptor(one, about, wrapCells(one))),
    ),
    part('Driver Event Suppression', driver, (event) => [suppression('driver', event, about)]),
    part('Device Event Suppression', device, (event) => [suppression('device', event, about)]),
  ];
}

/** An area of the ring, or a note that there is none. */
function part<Area extends { readonly at: string }>(
  name: string,
  area: Area | null,
  draw: (area: Area) => Markup[],
): Markup {
  const where = area === null ? html`<span class="odd">outside RAM</span>` : html`<code>${area.at}</code>`;
  return html`<div class="area"><h3>${name} ${where}</h3>
${area === null ? [] : draw(area)}
</div>`;
}

/** A row of cells: its name and one for each field. */
function descriptor(
  { index, addr, len, flags, flagNames, next, id, odd, table, tableLength }: DescriptorPicture,
  about: string | null,
  more: readonly Markup[] = [],
): Markup {
  const name = `desc[${index}]`;
  const field = (of: string, value: string | number) => cell(of, value, `${name}.${of}` === about);
  const cells = [
    field('addr', addr),
    field('len', len),
    ...(id === undefined ? [] : [field('id', id)]),
    field('flags', `${hex(flags, 4)} ${flagNames}`.trimEnd()),
    ...more,
    ...(next === undefined ? [] : [field('next', next)]),
  ];
  return html`<div class="desc"><b>${name}</b>
${cells}${odd === null ? [] : [html`<span class="odd">${odd}</span>`]}
${table === undefined ? [] : [tableOf(table, tableLength!)]}</div>`;
}

function tableOf(table: readonly DescriptorPicture[], length: number): Markup {
  const rest = length - table.length;
  return html`<div class="table"><span class="legend">indirect table of ${length}</span>
${table.map((one) => descriptor(one, null))}
${rest > 0 ? [html`<p class="more">… ${rest} more</p>`] : []}</div>`;
}

function wrapCells({ avail, used }: PackedDescriptorPicture): Markup[] {
  const state = avail === used ? '' : ' available';
  return [
    html`<span class="cell${state}"><i>AVAIL</i><code>${avail}</code></span>`,
    html`<span class="cell${state}"><i>USED</i><code>${used}</code></span>`,
  ];
}

/** Head, entries and event field of the available ring or the used ring; the device's position is entry `stand`. */
function area(
  name: 'avail' | 'used',
  { flags, idx, ring, event }: RingAreaPicture,
  about: string | null,
  size: number,
  stand: number | null,
): Markup {
  const eventName = name === 'avail' ? 'used_event' : 'avail_event';
  return html`<div class="row">
${[
  cell('flags', hex(flags, 4), about === `${name}.flags`),
  cell('idx', idx, about === `${name}.idx`),
  ...ring.map((one) => entry(name, one, about, size, one.index === stand)),
  cell(eventName, event, about === `${name}.${eventName}`),
]}
</div>`;
}

function entry(
  name: string,
  { index, id, len, state }: EntryPicture,
  about: string | null,
  size: number,
  stands: boolean,
): Markup {
  const isAbout = about?.startsWith(`${name}.ring[${index}]`) === true;
  const value = len === undefined ? `${id}` : `${id}, ${len} B`;
  const wrong = state !== 'stale' && id >= size ? ' wrong' : '';
  return html`<span class="cell ${state}${isAbout ? ' about' : ''}${wrong}"><i>ring[${index}]</i><code>${value}</code><i class="state">${state}${stands ? ' ◂' : ''}</i></span>`;
}

function suppression(name: string, { off, wrap, flags }: EventSuppressPicture, about: string | null): Markup {
  return html`<div class="row">
${[cell('off', off, about === `${name}.desc`), cell('wrap', wrap, about === `${name}.desc`), cell('flags', hex(flags, 4), about === `${name}.flags`)]}
</div>`;
}

function cell(name: string, value: string | number, isAbout: boolean): Markup {
  return html`<span class="cell${isAbout ? ' about' : ''}"><i>${name}</i><code>${value}</code></span>`;
}
