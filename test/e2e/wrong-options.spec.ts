import { Agent } from 'node:https';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import { CallbacksModule, memoryQueue } from 'nestjs-callbacks';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeApps, createApp } from '../support/create-app.js';

afterEach(closeApps);

const WRONG = {
  timeout: 0,
  calbacks: [],
  egress: { allow: ['10.0.0.0/33', 'localhost'], port: [80], http: 'yes' },
  signing: { secret: undefined, secrets: ['hunter2'] },
  axios: axios.create({ httpsAgent: new Agent() }),
  retry: { schedule: '5s', jitter: 20 },
  concurrency: { total: -1, perHost: 0 },
  undeclaredProperties: 'drop',
  exceptionFactory: true,
  telemetry: { propagate: 'yes' },
};

const NAMED = [
  '10 options of CallbacksModule are wrong:\n\n1. ',
  '\n10. ',
  'The option `timeout` of CallbacksModule must be a number of milliseconds from 1 to 2147483647.',
  'CallbacksModule has no option `calbacks`. Its options: callbacks, webhooks, ',
  'The option `egress` of CallbacksModule must be an object whose `allow` contains only IP addresses and CIDR ranges ("10.0.0.0/8"), not "10.0.0.0/33", "localhost", and an object of allow, deny, hosts, ports, http, proxy, tls, resolver: it has no `port`, and an object whose `http` is true or false.',
  'The option `signing` of CallbacksModule must be an object whose `secret` is "whsec_"',
  ', and an object of secret: it has no `secrets`.',
  'The option `axios` of CallbacksModule must be an axios instance without `httpsAgent`: ',
  'The option `retry` of CallbacksModule must be an object whose `schedule` is an array of milliseconds from 0 to 604800000, and an object whose `jitter` is a number from 0 to 1.',
  'The option `concurrency` of CallbacksModule must be an object whose `total` is a whole number, at least 0, and an object whose `perHost` is a whole number, at least 1.',
  "The option `undeclaredProperties` of CallbacksModule must be 'remove', 'error' or 'send'.",
  'The option `exceptionFactory` of CallbacksModule must be a function that returns an exception.',
  'The option `telemetry` of CallbacksModule must be an object whose `propagate` is true or false.',
];

/** The message of the TypeError that it throws. */
function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('all options that are wrong', () => {
  it('of forRoot() are named at once, and no secret is', () => {
    const message = messageOf(() => CallbacksModule.forRoot(WRONG as never));
    for (const text of NAMED) expect(message).toContain(text);
    expect(message).not.toContain('hunter2');
  });

  it('of forRootAsync() are named at once when the app starts', async () => {
    const imports = [CallbacksModule.forRootAsync({ useFactory: async () => WRONG as never })];
    await expect(createApp({ imports })).rejects.toThrow(NAMED[0]);
    await expect(createApp({ imports })).rejects.toThrow(TypeError);
  });

  const remember = { remember: -1, rememberFailed: '7d', keepBodies: 'yes', colour: 'red' };
  it.each([
    ['memoryQueue()', () => memoryQueue({ ...remember, capacity: 0 } as never), ['capacity']],
    ['sqliteQueue()', () => sqliteQueue({ ...remember } as never), ['file', 'database']],
    [
      'bullmqQueue()',
      () => bullmqQueue({ ...remember, connection: 7, name: 'a:b', prefix: '' } as never),
      ['connection', 'name', 'prefix'],
    ],
    [
      'postgresQueue()',
      () => postgresQueue({ ...remember, connection: 7, schema: 'a b', migrate: 'no' } as never),
      ['connection', 'schema', 'migrate'],
    ],
  ])('of %s are named at once', (owner, make, others) => {
    const message = messageOf(make);
    expect(message).toContain(`options of ${owner} are wrong:\n\n1. ${owner} has no option \`colour\`.`);
    for (const name of [...Object.keys(remember), ...others]) expect(message).toContain(`\`${name}\``);
  });
});

it('one option that is wrong is one sentence', () => {
  expect(messageOf(() => CallbacksModule.forRoot({ timeout: 0 }))).toBe(
    'The option `timeout` of CallbacksModule must be a number of milliseconds from 1 to 2147483647.',
  );
});
