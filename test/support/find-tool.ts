import { existsSync } from 'node:fs';

/** Where a program of the package `test/tools` is, from the root of the repository. */
export function findTool(name: string): string {
  const file = `test/tools/node_modules/.bin/${name}`;
  if (!existsSync(file)) throw new Error(`${file} does not exist. Fix: npm run tools`);
  return file;
}
