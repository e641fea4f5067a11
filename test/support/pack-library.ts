import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Tarball {
  readonly path: string;
  /** The files in it. */
  readonly files: readonly string[];
}

let packed: Promise<Tarball> | undefined;

/** Packs the library, as it was last built: once for all tests of a file. */
export function packLibrary(): Promise<Tarball> {
  return (packed ??= pack());
}

async function pack(): Promise<Tarball> {
  const destination = await mkdtemp(join(tmpdir(), 'tarball-'));
  const args = ['pack', '-w', 'nestjs-callbacks', '--pack-destination', destination, '--json'];
  const { stdout } = await promisify(execFile)('npm', args, { timeout: 30_000 });
  // Some versions of npm print the `prepack` script before the JSON.
  const [tarball] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string; files: { path: string }[] }];
  return { path: join(destination, tarball.filename), files: tarball.files.map(({ path }) => path) };
}

/** Puts a tarball where Node looks for the package from a folder. */
export async function unpackLibrary({ path }: Tarball, folder: string): Promise<void> {
  const target = join(folder, 'node_modules', 'nestjs-callbacks');
  await promisify(execFile)('mkdir', ['-p', target]);
  await promisify(execFile)('tar', ['-xzf', path, '-C', target, '--strip-components=1'], { timeout: 30_000 });
}
