import { beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { callbackQueueContract } from 'nestjs-callbacks/testing';
import type { QueueContractOptions } from 'nestjs-callbacks/testing';

/** Runs the suite that every queue has to pass. */
export function checkQueue(title: string, options: QueueContractOptions): void {
  describe(`${title}`, () => {
    beforeAll(() => Logger.overrideLogger(false));
    const suite = new Map(callbackQueueContract(options).map(({ name, run }) => [name, run]));
    // Some wait for a lease to expire.
    it.each([...suite.keys()])('%s', (name) => expect(suite.get(name)!()).resolves.toBeUndefined(), 60_000);
  });
}
