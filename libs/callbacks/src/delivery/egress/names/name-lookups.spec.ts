import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { EgressResolver } from '../egress.options.js';
import { MAX_LOOKUPS, NameLookups } from './name-lookups.js';

const forever = () => new AbortController().signal;
const giveNothing = () => new Promise<never>(() => {});

/** A resolver that answers when it is told to, and notes what it is asked and what is cancelled. */
function scripted() {
  const asked: string[] = [];
  const cancelled: string[] = [];
  const answers = new Map<string, (addresses: string[]) => void>();
  const resolver: EgressResolver = (hostname, { signal }) => {
    asked.push(hostname);
    signal.addEventListener('abort', () => cancelled.push(hostname));
    return new Promise((resolve) => answers.set(hostname, resolve));
  };
  return { asked, cancelled, answers, names: new NameLookups(resolver) };
}

afterEach(() => {
  jest.useRealTimers();
});

describe('a look-up', () => {
  it.each<[string, EgressResolver]>([
    ['strings', () => ['192.0.2.1', '2001:db8::1']],
    ['objects', async () => [{ address: '192.0.2.1' }, { address: '2001:db8::1', family: 6 }]],
  ])('takes %s from the resolver', async (_, resolver) => {
    expect(await new NameLookups(resolver).resolve('a.example', forever())).toEqual([
      { address: '192.0.2.1', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ]);
  });

  it('is shared by those who need the same name, and made again later', async () => {
    const { asked, answers, names } = scripted();
    const both = [names.resolve('a.example', forever()), names.resolve('a.example', forever())];
    await Promise.resolve();
    expect(asked).toEqual(['a.example']);
    answers.get('a.example')?.(['192.0.2.1']);
    expect(await Promise.all(both)).toHaveLength(2);
    void names.resolve('a.example', forever());
    await Promise.resolve();
    expect(asked).toEqual(['a.example', 'a.example']);
  });

  it('is cancelled with the last attempt that needs it, and not before', async () => {
    const { cancelled, names } = scripted();
    const [first, second] = [new AbortController(), new AbortController()];
    const both = [names.resolve('a.example', first.signal), names.resolve('a.example', second.signal)];
    first.abort();
    await expect(both[0]).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(cancelled).toEqual([]);
    second.abort();
    await expect(both[1]).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(cancelled).toEqual(['a.example']);
  });

  it('ends with its attempt, though the resolver heeds no signal', async () => {
    const attempt = new AbortController();
    const looking = new NameLookups(giveNothing).resolve('a.example', attempt.signal);
    attempt.abort();
    await expect(looking).rejects.toThrow('The lookup of a.example was abandoned');
  });

  it('fails as the resolver does', async () => {
    const fails: EgressResolver = () => {
      throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    };
    await expect(new NameLookups(fails).resolve('a.example', forever())).rejects.toThrow('no such name');
  });
});

describe('names whose server is silent', () => {
  /** As many as there are places for, and some more that wait for one. */
  const fill = (names: NameLookups, signal: AbortSignal) =>
    Array.from({ length: MAX_LOOKUPS }, (_, index) =>
      names.resolve(`silent${index}.example`, signal).catch((error: Error) => error),
    );

  it('are limited in number', async () => {
    const { asked, names } = scripted();
    void fill(names, forever());
    void names.resolve('healthy.example', forever()).catch(() => {});
    await Promise.resolve();
    expect(asked).toHaveLength(MAX_LOOKUPS);
  });

  it.each([
    ['that come when they have had their time', 2_000, 0],
    ['that wait until they have had it', 0, 2_000],
  ])('give way, the oldest first, to others %s', async (_, before, after) => {
    jest.useFakeTimers();
    const { answers, cancelled, names } = scripted();
    void fill(names, forever());
    await jest.advanceTimersByTimeAsync(before);
    const others = ['healthy.example', 'other.example'].map((name) => names.resolve(name, forever()));
    await jest.advanceTimersByTimeAsync(after);
    for (const name of ['healthy.example', 'other.example']) answers.get(name)?.(['192.0.2.1']);
    expect(await Promise.all(others)).toHaveLength(2);
    expect(cancelled.slice(0, 2)).toEqual(['silent0.example', 'silent1.example']);
  });

  it('give their places to those that wait when their attempts end', async () => {
    const { answers, names } = scripted();
    const attempts = new AbortController();
    const silent = fill(names, attempts.signal);
    const ends = new AbortController();
    const gone = names.resolve('gone.example', ends.signal).catch((error: Error) => error);
    const healthy = names.resolve('healthy.example', forever());
    ends.abort();
    await gone;
    attempts.abort();
    await Promise.all(silent);
    await new Promise(setImmediate);
    answers.get('healthy.example')?.(['192.0.2.1']);
    expect(await healthy).toHaveLength(1);
  });
});
