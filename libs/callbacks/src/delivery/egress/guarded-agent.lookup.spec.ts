import type { LookupAddress, LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { CallbackUrlError } from '../../errors/callback.errors.js';
import { createEgressPolicy } from './egress.options.js';
import { guardLookup } from './guarded-agent.js';

type Answer = Parameters<Parameters<LookupFunction>[2]>;

const PUBLIC: LookupAddress = { address: '8.8.8.8', family: 4 };
const PUBLIC_6: LookupAddress = { address: '2606:4700:4700::1111', family: 6 };
const PRIVATE: LookupAddress = { address: '10.0.0.5', family: 4 };

/** What the guard makes of an answer, and the options that it asked with. */
function ask(answer: Answer, options: LookupOptions = {}) {
  const asked: unknown[] = [];
  const lookup: LookupFunction = (_name, given, callback) => {
    asked.push(given);
    callback(...answer);
  };
  return new Promise<{ asked: unknown[]; given: unknown[] }>((resolve) => {
    const guarded = guardLookup(lookup, createEgressPolicy({ allow: ['127.0.0.1'] }));
    guarded('receiver.example', options, (...given) => resolve({ asked, given }));
  });
}

describe('a lookup', () => {
  it('asks for every address, whatever the options are', async () => {
    const { asked } = await ask([null, [PUBLIC]], { family: 4, all: false });
    expect(asked).toEqual([{ family: 4, all: true }]);
  });

  it('returns all addresses or the first, depending on the options', async () => {
    expect((await ask([null, [PUBLIC, PUBLIC_6]], { all: true })).given).toEqual([null, [PUBLIC, PUBLIC_6]]);
    expect((await ask([null, [PUBLIC_6, PUBLIC]])).given).toEqual([null, PUBLIC_6.address, 6]);
  });

  it.each<[Answer, unknown[]]>([
    [
      [null, '8.8.8.8', 4],
      ['8.8.8.8', 4],
    ],
    [
      [null, '2606:4700:4700::1111'],
      ['2606:4700:4700::1111', 6],
    ],
  ])('understands one that answers %j', async (answer, given) => {
    expect((await ask(answer)).given).toEqual([null, ...given]);
  });

  it.each<[string, Answer]>([
    ['the last', [null, [PUBLIC, PUBLIC_6, PRIVATE]]],
    ['the first', [null, [PRIVATE, PUBLIC]]],
    ['the one', [null, PRIVATE.address, 4]],
  ])('fails if %s of its addresses is forbidden', async (_, answer) => {
    const [error, address] = (await ask(answer, { all: true })).given;
    expect(error).toBeInstanceOf(CallbackUrlError);
    expect(error).toMatchObject({
      host: 'receiver.example',
      reason: 'it resolves to an address that is not allowed, 10.0.0.5 is a private address',
      message: expect.stringContaining(' is meant, set CallbacksModule.forRoot({ egress: { allow: ['),
    });
    expect(address).toBe('');
  });

  it('fails if the name server fails or knows no address', async () => {
    const failure = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    expect((await ask([failure, ''])).given).toEqual([failure, '']);
    const [error, address] = (await ask([null, []])).given;
    expect(error).toMatchObject({ message: 'receiver.example has no address', code: 'ENOTFOUND' });
    expect(address).toBe('');
  });
});
