import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import { expect } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';

/** A folder for each test file, with the documents that it validated: test/tools gives them to more validators. */
export const VALIDATED = 'coverage/documents';

/** What two independent validators find wrong with these documents; empty if they find nothing. */
export async function findFaults(documents: readonly OpenAPIObject[]): Promise<string> {
  const folder = join(VALIDATED, basename(expect.getState().testPath!, '.spec.ts'));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const faults = await Promise.all(
    documents.map(async (document, index) => {
      const file = join(folder, `${index}.json`);
      await writeFile(file, JSON.stringify(document, null, 1));
      // swagger-parser does not know OpenAPI 3.2.
      const parsed = document.openapi.startsWith('3.2') ? [] : [await findFaultsByParser(file)];
      return [...parsed, await findFaultsBySchema(file)];
    }),
  );
  return faults
    .flat()
    .filter((fault) => fault !== '')
    .join('\n');
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
