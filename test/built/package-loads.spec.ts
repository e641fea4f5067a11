import { beforeAll, describe, expect, it } from '@jest/globals';
import { createConsumer } from '../support/create-consumer.js';
import type { Consumer } from '../support/create-consumer.js';
import { loadedFiles } from '../support/loaded-files.js';

/** What an app may do without, or pays for with time when it starts. */
const HEAVY = ['axios', 'undici', 'libsql', 'bullmq', 'ioredis', 'pg', 'class-validator', 'class-transformer'];
const SERVERS = ['express', 'fastify', '@nestjs/platform-express', '@nestjs/platform-fastify'];

/** What each entry point loads of that. */
const LOADS: Record<string, readonly string[]> = {
  'nestjs-callbacks': [],
  'nestjs-callbacks/sqlite': [],
  'nestjs-callbacks/bullmq': [],
  'nestjs-callbacks/postgres': [],
  'nestjs-callbacks/bull-board': [],
  'nestjs-callbacks/testing': [],
};
const IMPORTS = { 'import()': (name: string) => `await import('${name}');`, 'require()': requireOf };

function requireOf(name: string): string {
  return `import { createRequire } from 'node:module'; createRequire(import.meta.url)('${name}');`;
}

let consumer: Consumer;

beforeAll(async () => {
  consumer = await createConsumer();
});

describe.each(Object.entries(LOADS))('%s', (name, expected) => {
  it.each(Object.entries(IMPORTS))('loads nothing heavy but its own by %s', async (_, load) => {
    const files = await loadedFiles((env) => consumer.execute('load.mjs', load(name), env));
    const packages = files.flatMap((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []);
    const loaded = new Set(packages);
    // That the files are seen at all.
    expect(loaded).toContain('nestjs-callbacks');
    expect([...HEAVY, ...SERVERS].filter((heavy) => loaded.has(heavy))).toEqual(expected);
    // One build, and of the other entry points nothing.
    const own = files.flatMap((file) => /\/nestjs-callbacks\/(.*)/.exec(file)?.[1] ?? []);
    expect(own.filter((file) => !file.startsWith('dist/'))).toEqual([]);
    const entry = name.split('/')[1];
    const others = ['sqlite', 'bullmq', 'postgres', 'bull-board', 'testing'].filter((other) => other !== entry);
    expect(own.filter((file) => others.some((other) => file.startsWith(`dist/${other}/`)))).toEqual([]);
  });
});
