import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** A larger file stays separate: an entry that needs a little of the shared files should load little. */
const SMALL = 12 << 10;
/** As esbuild writes them: `import { a, b as c } from "./d.js";`, over as many lines as there are names. */
const IMPORT = /^import (?:\{([^}]*)\} from )?"(\.[^"]+)";$/gm;

/**
 * Makes one file of the small ones that entries share, since each file that a program loads takes half a millisecond to be found. It
 * imports none of the others, so that each module still runs after those that it needs.
 *
 * @param root the folder to which the paths of `outputs` are relative.
 * @param joined the file's path in that folder.
 */
export async function joinSmallFiles(
  root: string,
  outputs: Metafile['outputs'],
  joined: string,
): Promise<void> {
  const small = smallOf(outputs);
  const source = small.flatMap((path, i) =>
    outputs[path]!.exports.map((name) => `export { ${name} as ${renamed(name, i)} } from './${path}';`),
  );
  const stdin = { contents: source.join('\n'), resolveDir: root };
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    write: false,
  });
  for (const path of Object.keys(outputs).filter((each) => !small.includes(each)))
    writeFileSync(posix.join(root, path), relinked(readFileSync(posix.join(root, path), 'utf8'), path));
  for (const path of small) rmSync(posix.join(root, path));
  writeFileSync(posix.join(root, joined), outputFiles[0]!.contents);

  /** With its imports from the small files redirected to the joined one. */
  function relinked(code: string, path: string): string {
    const folder = posix.dirname(path);
    const place = posix.relative(folder, joined);
    return code.replace(IMPORT, (line, names: string | undefined, from: string) => {
      const i = small.indexOf(posix.join(folder, from));
      if (i < 0) return line;
      const clause = names === undefined ? '' : `{ ${names.split(',').map((name) => taken(name, i))} } from `;
      return `import ${clause}"${place.startsWith('.') ? place : `./${place}`}";`;
    });
  }
}

/** Those that import only such files. */
function smallOf(outputs: Metafile['outputs']): string[] {
  const small = new Set<string>();
  // Until none is added: each may need those added before it.
  for (let before = -1; before !== small.size; ) {
    before = small.size;
    for (const [path, { bytes, imports, entryPoint }] of Object.entries(outputs))
      if (
        entryPoint === undefined &&
        bytes < SMALL &&
        imports.every((one) => one.external || small.has(one.path))
      )
        small.add(path);
  }
  return [...small];
}

/** Two files may have exports of the same name. */
function renamed(name: string, i: number): string {
  return `${name}_${i}`;
}

/** `a as b` of the file of this number. */
function taken(name: string, i: number): string {
  const [from, as = from] = name.trim().split(' as ');
  return `${renamed(from!, i)} as ${as}`;
}
