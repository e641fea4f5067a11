import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { callbackQueueTests } from 'nestjs-callbacks/testing';
import type { CallbackQueueTestsOptions } from 'nestjs-callbacks/testing';

/** Runs the suite that every queue must pass. */
export function checkQueue(title: string, options: CallbackQueueTestsOptions): void {
  describe(`${title}`, () => {
    beforeAll(() => Logger.overrideLogger(false));
    const suite = new Map(callbackQueueTests(options).map(({ name, run }) => [name, run]));
    // Some tests wait for a lease to expire.
    it.each([...suite.keys()])('%s', (name) => expect(suite.get(name)!()).resolves.toBeUndefined(), 60_000);
  });
}
