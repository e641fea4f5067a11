import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Tarball {
  readonly path: string;
  /** The files in it. */
  readonly files: readonly string[];
}

/** Packs the library, as it was last built, into a folder. */
export async function packLibrary(destination: string): Promise<Tarball> {
  const args = ['pack', '-w', 'nestjs-callbacks', '--pack-destination', destination, '--json'];
  const { stdout } = await promisify(execFile)('npm', args, { timeout: 30_000 });
  // Some versions of npm print the `prepack` script before the JSON.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string; files: { path: string }[] }];
  return { path: join(destination, packed.filename), files: packed.files.map(({ path }) => path) };
}

/** Puts a tarball where Node looks for the package from a folder. */
export async function unpackLibrary({ path }: Tarball, folder: string): Promise<void> {
  const target = join(folder, 'node_modules', 'nestjs-callbacks');
  await promisify(execFile)('mkdir', ['-p', target]);
  await promisify(execFile)('tar', ['-xzf', path, '-C', target, '--strip-components=1'], { timeout: 30_000 });
}
