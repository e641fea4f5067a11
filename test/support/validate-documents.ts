import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';

/** A folder for each test file, with the documents that it validated: test/tools gives them to more validators. */
export const VALIDATED = 'coverage/documents';

// It compiles the schemas of OpenAPI once and keeps the document that it read last: one document after the other.
const validator = new Validator();

/** What the schemas of OpenAPI find wrong with these documents; empty if nothing is. */
export async function findFaults(documents: readonly OpenAPIObject[]): Promise<string> {
  const folder = join(VALIDATED, basename(expect.getState().testPath!, '.spec.ts'));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const faults: string[] = [];
  for (const [index, document] of documents.entries()) {
    const file = join(folder, `${index}.json`);
    await writeFile(file, JSON.stringify(document, null, 1));
    const { valid, errors } = await validator.validate(file);
    if (!valid) faults.push(`${file}: ${JSON.stringify(errors)}`);
  }
  return faults.join('\n');
}
