import { seen } from '../core/visible.ts';

/** Text that is HTML already. */
export interface Markup {
  readonly markup: string;
}

type Piece = string | number | boolean | Markup | readonly Markup[];

/** HTML with pieces in it: markup as it is, all else escaped, also between the quotes of an attribute. */
export function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return { markup: texts.map((text, i) => (i === 0 ? text : markupOf(pieces[i - 1]!) + text)).join('') };
}

/** A whole document; `style` and `script` are ours. */
export function page(title: string, style: string, body: Markup, script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${html`<title>${title}</title>`.markup}
<style>${style}</style>
</head>
<body>
${body.markup}
<script>${script}</script>
</body>
</html>
`;
}

function markupOf(piece: Piece): string {
  if (typeof piece !== 'object') return escaped(String(piece));
  return 'markup' in piece ? piece.markup : piece.map(({ markup }) => markup).join('\n');
}

function escaped(text: string): string {
  return seen(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
