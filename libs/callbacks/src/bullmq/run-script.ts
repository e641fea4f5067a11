import type { ChainableCommander, Redis } from 'ioredis';
import { LIBRARY, SCRIPTS } from './redis-scripts.js';

export type ScriptName = keyof typeof SCRIPTS;

/** Makes the scripts commands of a connection. */
export function defineScripts(redis: Redis): void {
  for (const [name, script] of Object.entries(SCRIPTS)) {
    redis.defineCommand(name, { numberOfKeys: 1, lua: LIBRARY + script });
  }
}

type Commands = Readonly<Record<ScriptName, (base: string, ...values: (string | number)[]) => Promise<unknown>>>;

/**
 * Runs a script.
 *
 * @param base - what the queue's keys begin with.
 */
export function runScript(redis: Redis, name: ScriptName, base: string, ...values: (string | number)[]) {
  // ioredis gives it the commands that were defined, and its types cannot know them.
  return (redis as unknown as Commands)[name](base, Date.now(), ...values);
}

/** Makes a script part of a transaction, or of a pipeline. */
export function runOn(
  commander: ChainableCommander,
  name: ScriptName,
  base: string,
  ...values: (string | number)[]
): void {
  // As above. What it returns is the commander.
  void (commander as unknown as Commands)[name](base, Date.now(), ...values);
}
