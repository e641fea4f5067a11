import type { AxiosRequestConfig } from 'axios';

/** What callbacks need of an instance of axios, whichever version of axios the app has. */
export interface AxiosLike {
  request(config: object): Promise<unknown>;
}

/** What axios' own adapters read. Callbacks are sent by another one, behind the egress guard, which would ignore it. */
const OF_OTHER_ADAPTERS = [
  'proxy',
  'httpAgent',
  'httpsAgent',
  'socketPath',
  'transport',
  'lookup',
  'auth',
] as const satisfies readonly (keyof AxiosRequestConfig)[];

/** Says what `axios` must be, as the end of "must be …", or `undefined` if it is that. */
export function axiosIssue(value: unknown): string | undefined {
  const instance = (value ?? {}) as Partial<AxiosLike> & { defaults?: AxiosRequestConfig };
  if (typeof instance.request !== 'function') return 'an instance of axios';
  // `proxy: false` is what holds anyway.
  const ignored = OF_OTHER_ADAPTERS.filter((name) => (instance.defaults?.[name] ?? false) !== false).map(
    (name) => `\`${name}\``,
  );
  if (ignored.length === 0) return undefined;
  return `an instance of axios without ${ignored.join(', ')}: callbacks are sent by the connections of this module, behind its egress guard, which would ignore that. Give an instance of its own to callbacks; credentials go into its \`headers\``;
}
