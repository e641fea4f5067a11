import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import SwaggerParser from '@apidevtools/swagger-parser';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';

const run = promisify(execFile);
const ENVIRONMENT = { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

/** What four independent validators find wrong with these documents, as one text; empty where they find nothing. */
export async function findFaults(documents: readonly OpenAPIObject[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'documents-'));
  const files = await Promise.all(
    documents.map(async (document, index) => {
      const file = join(folder, `${index}.json`);
      await writeFile(file, JSON.stringify(document, null, 1));
      return file;
    }),
  );
  const faults = await Promise.all([
    // swagger-parser knows no OpenAPI 3.2; the other three do.
    ...files.filter((_, index) => !documents[index]!.openapi.startsWith('3.2')).map(findFaultsByParser),
    ...files.map(findFaultsBySchema),
    findFaultsByCommand('redocly', ['lint', '--config', 'test/support/redocly.yaml', '--format', 'stylish', ...files]),
    findFaultsByCommand('spectral', [
      'lint',
      '--ruleset',
      'test/support/spectral.yaml',
      '--fail-severity',
      'error',
      ...files,
    ]),
  ]);
  return faults.filter((fault) => fault !== '').join('\n');
}

async function findFaultsByParser(file: string): Promise<string> {
  return SwaggerParser.validate(file).then(
    () => '',
    (error: Error) => `swagger-parser: ${error.message}`,
  );
}

async function findFaultsBySchema(file: string): Promise<string> {
  const { valid, errors } = await new Validator().validate(file);
  return valid ? '' : `openapi-schema-validator: ${JSON.stringify(errors)}`;
}

async function findFaultsByCommand(command: string, options: readonly string[]): Promise<string> {
  const running = run(`node_modules/.bin/${command}`, options, { env: ENVIRONMENT, maxBuffer: 64 * 1024 * 1024 });
  return running.then(
    () => '',
    (error: { stdout: string; stderr: string }) =>
      `${command}: ${error.stdout
        .split('\n')
        .filter((line) => !line.includes('warning'))
        .join('\n')}`,
  );
}
