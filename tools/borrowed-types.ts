import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/** The function that makes a schema, by which its type names itself. */
const MAKER = /typeof \w+/g;

/**
 * Adds to `folder` the declarations of valibot's types that its declarations name, and of those that these name in turn,
 * in a file beside them. All of valibot's declarations are 600 KB and use a browser's `File`, which a user of ours need
 * not have.
 */
export function borrowTypes(folder: string): void {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.d.ts'))
    .map((path) => join(folder, path));
  const borrowers = paths.filter((path) => /from 'valibot'/.test(readFileSync(path, 'utf8')));
  const named = borrowers.flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/\bv\.(\w+)/g)]);
  const lent = join(folder, 'valibot.d.ts');
  writeFileSync(lent, declarationsOf(new Set(named.map(([, name]) => name!))));
  for (const path of borrowers) {
    const text = readFileSync(path, 'utf8');
    const from = relative(dirname(path), lent).replaceAll('\\', '/').replace('.d.ts', '.ts');
    writeFileSync(
      path,
      text.replace("from 'valibot'", `from '${from.startsWith('.') ? from : `./${from}`}'`),
    );
  }
}

/** Valibot's declarations of these names, and of those that they contain. */
function declarationsOf(names: Set<string>): string {
  const path = createRequire(import.meta.url)
    .resolve('valibot')
    .replace(/\.\w+$/, '.d.mts');
  const { statements } = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const all = statements.filter(isDeclaration);
  // The set grows during the loop.
  for (const name of names)
    for (const one of all.filter((each) => nameOf(each) === name))
      for (const found of namesIn(one)) names.add(found);
  return all
    .filter((each) => names.has(nameOf(each)))
    .map((each) => `export ${each.getText().replace(MAKER, 'any')}\n`)
    .join('');
}

type Declaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.VariableStatement;

function isDeclaration(node: ts.Statement): node is Declaration {
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isVariableStatement(node);
}

function nameOf(node: Declaration): string {
  return ts.isVariableStatement(node) ? node.declarationList.declarations[0]!.name.getText() : node.name.text;
}

function namesIn(node: ts.Node): string[] {
  if (ts.isIdentifier(node)) return [node.text];
  const found: string[] = [];
  node.forEachChild((child) => void found.push(...namesIn(child)));
  return found;
}
