import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

interface RunOptions {
  readonly cwd: string;
  /** How long it may take, in ms. */
  readonly timeout: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program and returns its output. If it fails, the error contains the output. */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '', ...options.env };
  try {
    const { stdout } = await promisify(execFile)(program, args, { ...options, env, killSignal: 'SIGKILL' });
    return stdout;
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string };
    throw new Error([message, stdout, stderr].join('\n'), { cause: error });
  }
}
