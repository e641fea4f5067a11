import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { callbackQueueTests } from 'nestjs-callbacks/testing';
import type { CallbackQueueTestsOptions } from 'nestjs-callbacks/testing';

/** Waits for a lease to expire, which takes ten seconds. */
const WAITS_FOR_A_LEASE = 'repeats the attempts in flight of another queue that is gone, under the same numbers';

/** Runs the suite that every queue must pass; if it is to be quick, without the test that waits for a lease. */
export function checkQueue(title: string, options: CallbackQueueTestsOptions, { isQuick = false } = {}): void {
  describe(`${title}`, () => {
    beforeAll(() => Logger.overrideLogger(false));
    const suite = new Map(callbackQueueTests(options).map(({ name, run }) => [name, run]));
    if (isQuick && !suite.delete(WAITS_FOR_A_LEASE)) throw new Error(`There is no test "${WAITS_FOR_A_LEASE}".`);
    it.each([...suite.keys()])('%s', (name) => expect(suite.get(name)!()).resolves.toBeUndefined());
  });
}
