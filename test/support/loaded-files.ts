import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives a function the environment in which a Node process tells which files it has loaded, as ES modules or as
 * CommonJS, and then reads them: V8 counts coverage for each.
 */
export async function loadedFiles(start: (env: { NODE_V8_COVERAGE: string }) => Promise<unknown>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'loaded-'));
  try {
    await start({ NODE_V8_COVERAGE: folder });
    const reports = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
    const urls = reports.flatMap((report) => (JSON.parse(report) as { result: { url: string }[] }).result);
    return urls.map(({ url }) => url);
  } finally {
    await rm(folder, { recursive: true });
  }
}
