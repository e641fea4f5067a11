import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import manifest from '../../libs/callbacks/package.json' with { type: 'json' };
import { createConsumer } from '../support/create-consumer.js';
import type { Consumer } from '../support/create-consumer.js';

const BUILT = /^(dist|cjs\/dist)\/.*\.(js|cjs|d\.ts|d\.cts)(\.map)?$/;

describe('the packed tarball', () => {
  let consumer: Consumer;
  const read = (file: string) => readFile(join(consumer.installed, file), 'utf8');

  beforeAll(async () => {
    consumer = await createConsumer();
  });

  it('contains what npm shows, two builds, and nothing else', () => {
    const others = consumer.files.filter((file) => !BUILT.test(file) || file.includes('.spec.'));
    expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'cjs/package.json', 'package.json']);
    const modulesOf = (build: string) =>
      consumer.files.filter((file) => file.startsWith(build)).map((file) => file.slice(build.length));
    expect(modulesOf('cjs/dist/')).toEqual(modulesOf('dist/'));
  });

  it('is what `npm publish` would send, without a correction of package.json', async () => {
    const args = ['publish', '-w', 'nestjs-callbacks', '--dry-run', '--json'];
    const { stdout, stderr } = await promisify(execFile)('npm', args, { timeout: 60_000 });
    const { [manifest.name]: published } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Record<
      string,
      { version: string; files: { path: string }[] }
    >;
    expect(published?.version).toBe(manifest.version);
    expect(published?.files.map(({ path }) => path)).toEqual(consumer.files);
    expect(stderr).not.toContain('auto-corrected');
  }, 90_000);

  it('has every file that its package.json names', () => {
    const targets =
      JSON.stringify([manifest.exports, manifest.types, manifest.typesVersions]).match(/\.\/[^"]+\.\w+/g) ?? [];
    expect(targets.length).toBeGreaterThan(20);
    expect(targets.map((target) => target.slice(2)).filter((file) => !consumer.files.includes(file))).toEqual([]);
  });

  it('has a source map to every module, with the source in it', async () => {
    const modules = consumer.files.filter((file) => /\.c?js$/.test(file));
    expect(modules.length).toBeGreaterThan(200);
    const broken: string[] = [];
    for (const file of modules) {
      const url = /\/\/# sourceMappingURL=(.*)\s*$/.exec(await read(file))?.[1] ?? '';
      const map = JSON.parse(await read(posix.join(dirname(file), url))) as Record<
        'sources' | 'sourcesContent',
        string[]
      >;
      const [source = ''] = map.sources;
      // The source in the map exists in the repository, and the inlined content is that file.
      const repository = posix.join('libs/callbacks', dirname(file), source);
      const isRight = map.sourcesContent?.[0] === (await readFile(repository, 'utf8').catch(() => undefined));
      if (!isRight || map.sources.length !== 1) broken.push(file);
    }
    expect(broken).toEqual([]);
  });

  it('maps a stack trace to the line of the source', async () => {
    const source = `
      import { receiverReplies } from 'nestjs-callbacks';
      try { receiverReplies('an event'); } catch (error) { console.log(error.stack.split('\\n').find((line) => line.includes('at '))); }`;
    const line = await consumer.execute('trace.mjs', source, { NODE_OPTIONS: '--enable-source-maps' });
    const [, file, number] = /src\/(decorators\/callback-class\.decorators\.ts):(\d+)/.exec(line) ?? [];
    const lines = (await readFile(join('libs/callbacks/src', file ?? ''), 'utf8')).split('\n');
    expect(lines[Number(number) - 1]).toContain('throw new');
  });

  it('explains in its types what editors show on hover', async () => {
    const places = {
      'callbacks.service.d.ts': 'Sends callbacks and webhooks',
      'callbacks.options.d.ts': '@default',
    };
    for (const [file, words] of Object.entries(places)) {
      expect(await read(`dist/${file}`)).toContain(words);
      expect(await read(`cjs/dist/${file}`)).toContain(words);
    }
  });
});
