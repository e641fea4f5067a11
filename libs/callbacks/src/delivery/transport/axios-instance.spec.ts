import { Agent } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import axios from 'axios';
import { axiosIssue } from './axios-instance.js';

describe('axiosIssue', () => {
  it.each([
    ['an instance', axios.create()],
    ['axios itself', axios],
    [
      'one that has what callbacks hear',
      axios.create({ baseURL: 'https://x.example', headers: { a: 'b' }, params: { a: 1 } }),
    ],
    ['one without a proxy', axios.create({ proxy: false })],
  ])('accepts %s', (_, instance) => {
    expect(axiosIssue(instance)).toBeUndefined();
  });

  it.each([[null], [{}], ['axios'], [() => undefined]])('refuses %j', (value) => {
    expect(axiosIssue(value)).toBe('an axios instance');
  });

  it.each([
    ['proxy', { proxy: { host: '127.0.0.1', port: 3128 } }],
    ['httpAgent', { httpAgent: new Agent() }],
    ['httpsAgent', { httpsAgent: new Agent() }],
    ['socketPath', { socketPath: '/var/run/docker.sock' }],
    ['transport', { transport: {} }],
    ['lookup', { lookup: () => ['127.0.0.1', 4] as [string, 4] }],
    ['auth', { auth: { username: 'a', password: 'SECRET' } }],
  ])('refuses an instance with `%s`, which would be ignored', (name, options) => {
    expect(axiosIssue(axios.create(options as object))).toContain(`an axios instance without \`${name}\`: `);
    expect(axiosIssue(axios.create(options as object))).not.toContain('SECRET');
  });

  it('names all of them at once', () => {
    expect(axiosIssue(axios.create({ httpAgent: new Agent(), socketPath: '/a' }))).toContain(
      '`httpAgent`, `socketPath`',
    );
  });
});
