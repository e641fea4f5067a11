import { AsyncLocalStorage } from 'node:async_hooks';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { EgressResolver, ResolvedAddress } from '../egress-options.js';

/** The most lookups at once: each one uses a socket for as long as its name server is silent. */
export const MAX_LOOKUPS = 256;

/** How long a lookup cannot be displaced by another one, in ms. Working name servers answer sooner. */
const UNDISTURBED_MS = 1_000;

/** One lookup, shared by all attempts that need the name. */
interface SharedLookup {
  readonly addresses: Promise<readonly LookupAddress[]>;
  readonly giveUp: AbortController;
  /** How many attempts wait for it. */
  followers: number;
}

/**
 * A limited number of lookups in flight. A slow lookup is displaced by waiting ones, so that names with a silent server
 * do not delay others. A lookup that no attempt needs any more is cancelled.
 */
export class NameLookups {
  readonly #shared = new Map<string, SharedLookup>();
  /** The lookups in flight, oldest first, and whether each may be displaced. */
  readonly #running = new Map<AbortController, boolean>();
  readonly #waiting = new Set<() => void>();

  /** The resolver of the app works for all attempts, so it must not run in the async context of one request. */
  readonly #inOwnContext = AsyncLocalStorage.snapshot();

  constructor(private readonly resolver: EgressResolver) {}

  /** Returns a lookup for `net.connect()` that ends when the signal is aborted. */
  lookup(signal: AbortSignal): LookupFunction {
    return async (hostname, { all }, callback) => {
      let addresses: readonly LookupAddress[];
      try {
        addresses = await this.resolve(hostname, signal);
      } catch (error) {
        // net.connect() only passes the error on, whatever it is.
        return callback(error as NodeJS.ErrnoException, '');
      }
      const [first] = addresses;
      if (all === true || first === undefined) return callback(null, [...addresses]);
      return callback(null, first.address, first.family);
    };
  }

  /** @throws the error of the resolver, or one with the code `EAI_AGAIN` if the lookup is given up. */
  async resolve(hostname: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
    let shared = this.#shared.get(hostname);
    if (!shared) {
      const giveUp = new AbortController();
      shared = { addresses: this.#run(hostname, giveUp), giveUp, followers: 0 };
      this.#shared.set(hostname, shared);
    }
    shared.followers += 1;
    try {
      return await unlessAborted(shared.addresses, signal, hostname);
    } finally {
      shared.followers -= 1;
      if (shared.followers === 0) {
        if (this.#shared.get(hostname) === shared) this.#shared.delete(hostname);
        shared.giveUp.abort();
      }
    }
  }

  async #run(hostname: string, giveUp: AbortController): Promise<readonly LookupAddress[]> {
    await this.#takePlace(hostname, giveUp);
    const patience = setTimeout(() => {
      this.#running.set(giveUp, true);
      if (this.#waiting.size > 0) giveUp.abort();
    }, UNDISTURBED_MS);
    try {
      const resolving = this.#inOwnContext(async () => this.resolver(hostname, { signal: giveUp.signal }));
      return (await unlessAborted(resolving, giveUp.signal, hostname)).map(lookupAddress);
    } finally {
      clearTimeout(patience);
      this.#running.delete(giveUp);
      this.#letNextBegin();
    }
  }

  async #takePlace(hostname: string, giveUp: AbortController): Promise<void> {
    while (this.#running.size >= MAX_LOOKUPS) {
      const [oldest] = [...this.#running].find(([{ signal }, hadItsTime]) => hadItsTime && !signal.aborted) ?? [];
      let begin = () => {};
      const freed = new Promise<void>((resolve) => (begin = resolve));
      this.#waiting.add(begin);
      oldest?.abort();
      try {
        await unlessAborted(freed, giveUp.signal, hostname);
      } catch (error) {
        // It may already be its turn.
        this.#waiting.delete(begin);
        this.#letNextBegin();
        throw error;
      }
    }
    this.#running.set(giveUp, false);
  }

  #letNextBegin(): void {
    const [begin] = this.#waiting;
    if (!begin || this.#running.size >= MAX_LOOKUPS) return;
    this.#waiting.delete(begin);
    begin();
  }
}

function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal, hostname: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      const error = new Error(`The lookup of ${hostname} was given up`);
      reject(Object.assign(error, { code: 'EAI_AGAIN' }));
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function lookupAddress(resolved: ResolvedAddress): LookupAddress {
  const address = typeof resolved === 'string' ? resolved : resolved.address;
  return { address, family: isIP(address) };
}
