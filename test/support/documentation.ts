import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as common from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import * as swagger from '@nestjs/swagger';
import libsql from 'libsql';
import * as library from 'nestjs-callbacks';
import * as bullmq from 'nestjs-callbacks/bullmq';
import * as sqlite from 'nestjs-callbacks/sqlite';
import * as testing from 'nestjs-callbacks/testing';
import { closing } from './closing.js';
import { create } from './enqueueing.js';
import * as invoices from './invoices.js';

const GENERATED = resolve('test/examples/generated');
const ROOT = process.cwd();

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** The blocks of a page in a language; `''` is for blocks without one. */
export function blocksOf(page: string, language: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const fence = /^```(\w*)\n([\s\S]*?)^```/gm;
  return [...text.matchAll(fence)].flatMap(([, tag, block = '']) => (tag === language ? [block.trimEnd()] : []));
}

/** Writes the examples of all pages, and gives a folder that they may write files to. */
export async function prepareExamples(): Promise<string> {
  await promisify(execFile)(process.execPath, ['test/support/extract-examples.js']);
  return mkdtemp(join(tmpdir(), 'documentation-'));
}

/** An app to be documented, as the pages take it for granted. */
const appOf = async (): Promise<INestApplication> =>
  closing(await create(undefined, {}, { controllers: [invoices.InvoicesController] }));

/** Runs the examples of a page, with what they take for granted: what it declares. */
export async function runExamples(page: string): Promise<Readonly<Record<string, never>>> {
  const app = await appOf();
  const config = new swagger.DocumentBuilder().build();
  Object.assign(globalThis, common, swagger, library, bullmq, sqlite, testing, invoices, {
    Database: libsql,
    InvoiceStore: class {},
    app,
    config,
    document: swagger.SwaggerModule.createDocument(app, config),
    callbacks: app.get(library.Callbacks),
    urls: {},
    event: { description: 'Payment celebration', paid: true },
    secretOfHost: () => SECRET,
    console: { ...console, log: () => undefined },
    // The tests of a queue of your own are not ours to run.
    test: () => undefined,
  });
  return (await import(`${GENERATED}/${page.replaceAll('/', '_')}.ts`)) as Readonly<Record<string, never>>;
}
