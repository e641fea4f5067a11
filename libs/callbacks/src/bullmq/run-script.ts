import type { Redis } from 'ioredis';
import { LIBRARY, SCRIPTS } from './redis-scripts.js';

export type ScriptName = keyof typeof SCRIPTS;

/** Defines the scripts as commands of a connection. */
export function defineScripts(redis: Redis): void {
  for (const [name, script] of Object.entries(SCRIPTS)) {
    redis.defineCommand(name, { numberOfKeys: 1, lua: LIBRARY + script });
  }
}

type Commands = Readonly<Record<ScriptName, (base: string, ...values: (string | number)[]) => Promise<unknown>>>;

/**
 * Runs a script.
 *
 * @param base - the prefix of the queue's keys.
 */
export function runScript(redis: Redis, name: ScriptName, base: string, ...values: (string | number)[]) {
  // ioredis adds the defined commands, which its types cannot know.
  return (redis as unknown as Commands)[name](base, Date.now(), ...values);
}

/** Redis already runs these while the next commands are prepared. */
const MOST_BYTES = 8_192;

/** Writes the commands of this turn of the event loop at once, since each write costs more than most commands. */
export function writeTogether({ status, stream }: Redis): void {
  if (status !== 'ready') return;
  if (stream.writableCorked === 0) {
    stream.cork();
    setImmediate(() => stream.uncork());
  } else if (stream.writableLength > MOST_BYTES) {
    stream.uncork();
    stream.cork();
  }
}
