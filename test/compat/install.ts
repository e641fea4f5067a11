import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.js';

const CACHE = join(tmpdir(), 'nestjs-callbacks-compat');
const INSTALL_TIMEOUT_MS = 240_000;

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
}

/** The library, packed, and the versions that its own manifest asks for. */
export interface PackedLibrary {
  readonly path: string;
  readonly needs: object;
}

/**
 * Installs a set of dependencies of `dependencies/`, with the packed library among them, and returns the folder. It is
 * kept for the next run, for as long as the same versions are asked for, by the set and by the library's own manifest.
 */
export async function install(name: string, library?: PackedLibrary): Promise<string> {
  const manifest = await manifestOf(name);
  if (library) manifest.dependencies['nestjs-callbacks'] = 'file:nestjs-callbacks.tgz';
  const key = createHash('sha256')
    .update(JSON.stringify([manifest, library?.needs]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(CACHE, `${name}-${key}`);
  if (existsSync(folder)) return folder;
  // Two parallel runs may both get here, so the folder is always complete.
  const unfinished = join(CACHE, randomUUID());
  await mkdir(unfinished, { recursive: true });
  await writeFile(join(unfinished, 'package.json'), JSON.stringify({ private: true, ...manifest }));
  if (library) await copyFile(library.path, join(unfinished, 'nestjs-callbacks.tgz'));
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline'];
  try {
    await run('npm', args, { cwd: unfinished, timeout: INSTALL_TIMEOUT_MS });
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/**
 * Has pnpm install a set of dependencies into a project's own folder: what it lays out is made of links, and works in
 * the place where it was installed alone. The packages themselves are kept for the next run.
 *
 * @param program - pnpm, as npm installed it.
 */
export async function installByPnpm(
  name: string,
  library: PackedLibrary,
  project: string,
  program: string,
): Promise<void> {
  const { overrides, ...manifest } = await manifestOf(name);
  manifest.dependencies['nestjs-callbacks'] = `file:${library.path}`;
  const own = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as object;
  await writeFile(join(project, 'package.json'), JSON.stringify({ ...own, ...manifest, pnpm: { overrides } }));
  const args = ['install', '--prefer-offline', '--ignore-scripts', '--store-dir', join(CACHE, 'pnpm')];
  await run(program, args, { cwd: project, timeout: INSTALL_TIMEOUT_MS });
}

async function manifestOf(name: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(import.meta.dirname, 'dependencies', `${name}.json`), 'utf8')) as Manifest;
}
