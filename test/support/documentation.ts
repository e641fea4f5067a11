import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, jest } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { closing } from './closing.js';
import { eventually } from './eventually.js';

const ROOT = process.cwd();

/** Where each page's examples are, in a folder of its own. */
export const PAGES = resolve('test/examples/generated/pages');

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** What jest and vitest make global for the specs of an app, as far as the pages use it. */
export const TEST_RUNNER_TYPES = `
declare function it(name: string, run: () => Promise<void>): void;
declare function expect(value: unknown): { toBe(expected: unknown): void; toEqual(expected: unknown): void };
`;

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

/** The result of running a page. */
export interface Run {
  /** The exports of its files. */
  readonly exported: Readonly<Record<string, unknown>>;
  /** The tests that its specs declare, by their names. */
  readonly tests: ReadonlyMap<string, () => Promise<void>>;
}

/** By page: a module runs once, however often it is imported. */
const declaredTests = new Map<string, Map<string, () => Promise<void>>>();

/** Runs every file that a page shows, and waits until the apps that they start listen. */
export async function runExamples(page: string): Promise<Run> {
  const tests = declaredTests.get(page) ?? new Map<string, () => Promise<void>>();
  declaredTests.set(page, tests);
  Object.assign(globalThis, { it: (name: string, run: () => Promise<void>) => tests.set(name, run) });
  const create = jest.spyOn(NestFactory, 'create');
  const files = new Set(blocksOf(page, 'ts').map((block) => /^\/\/ (\S+)/.exec(block)![1]!));
  const exported: Record<string, unknown> = {};
  for (const file of files) {
    Object.assign(exported, await import(join(PAGES, page.replaceAll('/', '_'), file)));
  }
  for (const { value } of create.mock.results) {
    // What `NestFactory.create()` resolves to; a spy does not know it.
    const app = closing((await value) as INestApplication);
    await eventually(() => expect(app.getHttpServer().listening).toBe(true));
  }
  create.mockRestore();
  return { exported, tests };
}
