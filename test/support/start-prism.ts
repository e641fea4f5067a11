import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from './find-tool.js';

/** Starts Prism, which serves what a document describes, on a port of loopback, and waits until it listens. */
export async function startPrism(
  document: string,
  port: number,
  options: readonly string[] = [],
): Promise<ChildProcess> {
  const file = join(await mkdtemp(join(tmpdir(), 'prism-')), 'openapi.json');
  await writeFile(file, document);
  const command = [findTool('prism'), 'mock', file, '--host', '127.0.0.1', '--port', String(port), ...options];
  const prism = spawn(process.execPath, command, {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    prism.stdout.on('data', (chunk) => String(chunk).includes('Prism is listening') && resolve());
    prism.once('exit', (code) => reject(new Error(`Prism ended with ${code}.`)));
  });
  return prism;
}
