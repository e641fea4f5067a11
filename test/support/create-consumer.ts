import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import manifest from '../../libs/callbacks/package.json' with { type: 'json' };
import { packLibrary, unpackLibrary } from './pack-library.js';

/** A project that has installed the tarball. */
export interface Consumer {
  /** The files in the tarball. */
  readonly files: readonly string[];
  /** The folder of the installed package. */
  readonly installed: string;
  /** Runs a file of the project, and returns its output. */
  execute(file: string, source: string, env?: Readonly<Record<string, string>>): Promise<string>;
}

/** Packs the last build of the library, and installs it. Its dependencies are links. */
export async function createConsumer(): Promise<Consumer> {
  const project = await mkdtemp(join(tmpdir(), 'consumer-'));
  const tarball = await packLibrary();
  await unpackLibrary(tarball, project);
  const needed = ['@nestjs', ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })];
  for (const name of needed.filter((dependency) => !dependency.startsWith('@nestjs/'))) {
    const own = resolve('libs/callbacks/node_modules', name);
    const place = join(project, 'node_modules', name);
    await mkdir(dirname(place), { recursive: true });
    await symlink(existsSync(own) ? own : resolve('node_modules', name), place);
  }
  return {
    files: tarball.files,
    installed: join(project, 'node_modules', 'nestjs-callbacks'),
    async execute(file, source, env = {}) {
      await writeFile(join(project, file), source);
      const options = { cwd: project, env: { ...process.env, NODE_OPTIONS: '', ...env }, timeout: 30_000 };
      return (await promisify(execFile)(process.execPath, ['--no-warnings', file], options)).stdout.trim();
    },
  };
}
