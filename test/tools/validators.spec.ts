import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import SwaggerParser from '@apidevtools/swagger-parser';
import { expect, it } from '@jest/globals';
import { findTool } from '../support/find-tool.js';
import { startExample } from '../support/start-example.js';
import { VALIDATED } from '../support/validate-documents.js';

const ENVIRONMENT = { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

const specs = readdirSync('test/e2e')
  .filter((file) => file.endsWith('.spec.ts'))
  .filter((file) => readFileSync(join('test/e2e', file), 'utf8').includes('/validate-documents.js'));

/** The documents that an end-to-end test has validated. */
function documentsOf(spec: string): string[] {
  const folder = join(VALIDATED, basename(spec, '.spec.ts'));
  if (!existsSync(folder)) throw new Error(`${folder} does not exist. Fix: npm run jest -- test/e2e/${spec}`);
  return readdirSync(folder).map((file) => join(folder, file));
}

/** Returns the output of a command about errors in files; empty without errors. */
async function findFaults(command: string, options: readonly string[]): Promise<string> {
  const arguments_ = [findTool(command), 'lint', ...options];
  return promisify(execFile)(process.execPath, arguments_, { env: ENVIRONMENT, maxBuffer: 64 * 1024 * 1024 }).then(
    () => '',
    (error: { stdout: string; stderr: string }) => `${error.stdout}\n${error.stderr}`,
  );
}

const documents = specs.flatMap(documentsOf);

it('swagger-parser finds nothing wrong with the documents of the end-to-end tests', async () => {
  const faults: string[] = [];
  for (const file of documents) {
    // It does not know OpenAPI 3.2.
    if ((JSON.parse(readFileSync(file, 'utf8')) as { openapi: string }).openapi.startsWith('3.2')) continue;
    await SwaggerParser.validate(file).catch((error: Error) => faults.push(`${file}: ${error.message}`));
  }
  expect(faults).toEqual([]);
}, 120_000);

it('Redocly finds nothing wrong with the documents of the end-to-end tests', async () => {
  const options = ['--config', 'test/tools/redocly.yaml', '--format', 'stylish', ...documents];
  expect(await findFaults('redocly', options)).toBe('');
}, 120_000);

it('Spectral finds nothing wrong with the documents of the end-to-end tests', async () => {
  const options = ['--ruleset', 'test/tools/spectral.yaml', '--fail-severity', 'error', ...documents];
  expect(await findFaults('spectral', options)).toBe('');
}, 120_000);

it("Redocly finds nothing wrong with the example's document by its own rules", async () => {
  const example = await startExample();
  try {
    const response = await fetch(`${example.url}/docs-json`);
    const file = join(await mkdtemp(join(tmpdir(), 'documents-')), 'example.json');
    await writeFile(file, await response.text());
    expect(await findFaults('redocly', [file])).toBe('');
  } finally {
    await example.stop();
  }
});

it.each([
  ['redocly', []],
  ['spectral', ['--ruleset', 'test/tools/spectral.yaml']],
])(
  '%s says what is wrong with a document',
  async (command, options) => {
    const file = join(await mkdtemp(join(tmpdir(), 'documents-')), 'wrong.json');
    await writeFile(
      file,
      JSON.stringify({ openapi: '3.1.0', info: { title: 'Wrong', version: '1' }, paths: { '/a': { get: 1 } } }),
    );
    expect(await findFaults(command, [...options, file])).toContain('paths');
  },
  60_000,
);
