import type { AxiosRequestConfig } from 'axios';

/** The used part of an axios instance, of any version of axios. */
export interface AxiosLike {
  request(config: object): Promise<unknown>;
}

/** Options of axios' own adapters. The adapter of this package, which uses the egress guard, ignores them. */
const OF_OTHER_ADAPTERS = [
  'proxy',
  'httpAgent',
  'httpsAgent',
  'socketPath',
  'transport',
  'lookup',
  'auth',
] as const satisfies readonly (keyof AxiosRequestConfig)[];

/** Returns what `axios` must be, as the end of "must be …", or `undefined` if it is valid. */
export function axiosIssue(value: unknown): string | undefined {
  const instance = (value ?? {}) as Partial<AxiosLike> & { defaults?: AxiosRequestConfig };
  if (typeof instance.request !== 'function') return 'an axios instance';
  // `proxy: false` is the default here.
  const ignored = OF_OTHER_ADAPTERS.filter((name) => (instance.defaults?.[name] ?? false) !== false).map(
    (name) => `\`${name}\``,
  );
  if (ignored.length === 0) return undefined;
  return `an axios instance without ${ignored.join(', ')}: this module sends callbacks through its own connections and egress guard, which would ignore these options. Create a separate instance for callbacks, with credentials in its \`headers\``;
}
