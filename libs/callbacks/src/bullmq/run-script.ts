import type { ChainableCommander, Redis } from 'ioredis';
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

/** Adds a script to a transaction or a pipeline. */
export function runOn(
  commander: ChainableCommander,
  name: ScriptName,
  base: string,
  ...values: (string | number)[]
): void {
  // As above. The result is the commander itself.
  void (commander as unknown as Commands)[name](base, Date.now(), ...values);
}
