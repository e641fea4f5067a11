import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TEST_RUNNER_TYPES } from '../support/documentation.js';
import { install } from './install.js';
import { run } from './run.js';

/** The pages that users copy from first. */
const PAGES = ['README.md', 'docs/getting-started.md'];
const FOLDERS = PAGES.map((page) => `examples/pages/${page.replaceAll('/', '_')}`);
const CONFIGURATION = resolve('test/compat/linters');

let folder: string;
let linters: string;

beforeAll(async () => {
  const place = await install('linters');
  linters = join(place, 'node_modules');
  // Beside typescript-eslint, which it imports.
  await copyFile(join(CONFIGURATION, 'eslint.config.mjs'), join(place, 'eslint.config.mjs'));
  folder = await mkdtemp(join(tmpdir(), 'linted-'));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await run(process.execPath, ['test/support/extract-examples.js', join(folder, 'examples')], {
    cwd: '.',
    timeout: 30_000,
  });
  await copyFile(join(CONFIGURATION, 'biome.json'), join(folder, 'biome.json'));
  const compilerOptions = { paths: {}, types: ['node'], noUnusedParameters: true };
  const tsconfig = {
    extends: resolve('tsconfig.json'),
    compilerOptions,
    include: ['test-runner.d.ts', ...FOLDERS.map((pages) => `${pages}/**/*.ts`)],
  };
  await writeFile(join(folder, 'test-runner.d.ts'), TEST_RUNNER_TYPES);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
}, 300_000);

afterAll(() => rm(folder, { recursive: true }));

describe('the code of the first pages', () => {
  const inFolder = () => ({ cwd: folder, timeout: 120_000 });

  it('passes recommended-type-checked of typescript-eslint', async () => {
    const eslint = join(linters, 'eslint/bin/eslint.js');
    const config = join(linters, '../eslint.config.mjs');
    const output = await run(process.execPath, [eslint, '--config', config, ...FOLDERS], inFolder());
    expect(output).toBe('');
  }, 120_000);

  it('passes Biome, which allows no empty method and no unused parameter', async () => {
    const biome = join(linters, '.bin/biome');
    await expect(run(biome, ['lint', '--error-on-warnings', ...FOLDERS], inFolder())).resolves.toBe('');
  }, 120_000);

  it('compiles with noUnusedParameters', async () => {
    const tsc = resolve('node_modules/typescript/bin/tsc');
    await expect(run(process.execPath, [tsc, '--project', folder], inFolder())).resolves.toBe('');
  }, 120_000);
});
