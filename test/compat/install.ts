import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.js';

const CACHE = join(tmpdir(), 'nestjs-callbacks-compat');

/**
 * Installs a set of dependencies of `dependencies/`, with the packed library among them, and returns the folder. It is
 * kept for the next run, for as long as the same versions are asked for, by the set and by the library's own manifest.
 */
export async function install(name: string, tarball?: { path: string; needs: object }): Promise<string> {
  const versions = await readFile(join(import.meta.dirname, 'dependencies', `${name}.json`), 'utf8');
  const manifest = JSON.parse(versions) as { dependencies: Record<string, string> };
  if (tarball) manifest.dependencies['nestjs-callbacks'] = 'file:nestjs-callbacks.tgz';
  const key = createHash('sha256')
    .update(JSON.stringify([manifest, tarball?.needs]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(CACHE, `${name}-${key}`);
  if (existsSync(folder)) return folder;
  // Two runs at once may both get here: what is in place is always complete.
  const unfinished = join(CACHE, randomUUID());
  await mkdir(unfinished, { recursive: true });
  await writeFile(join(unfinished, 'package.json'), JSON.stringify({ private: true, ...manifest }));
  if (tarball) await copyFile(tarball.path, join(unfinished, 'nestjs-callbacks.tgz'));
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock'];
  try {
    await run('npm', args, { cwd: unfinished, timeout: 180_000 });
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
