import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import fastapi from '../../../../test/cases/fastapi-tutorial.json' with { type: 'json' };
import { parseUrlTemplate } from './url-template.js';
import { resolveCallbackUrl } from './resolve-callback-url.js';

const resolve = (template: string, query: Record<string, unknown>, body: unknown = {}) =>
  resolveCallbackUrl(parseUrlTemplate(template), { request: { query, body } });

describe('resolveCallbackUrl', () => {
  it('gives the URL of the FastAPI tutorial', () => {
    const [shorthand] = Object.keys(fastapi.shorthand);
    const { request, callback } = fastapi.atRunTime;
    expect(resolveCallbackUrl(parseUrlTemplate(shorthand!), { request: { ...request, path: {} } })).toEqual({
      url: callback.url,
    });
  });

  it.each([
    ['https://x.example/events/?token=a', '{$u}/invoices/{$v}', 'https://x.example/events/invoices/1?token=a'],
    [
      'https://x.example/events?token=a',
      '{$u}/invoices/{$v}?b={$v}',
      'https://x.example/events/invoices/1?token=a&b=1',
    ],
    ['https://x.example', '{$u}/invoices', 'https://x.example/invoices'],
    ['https://x.example', '{$u}', 'https://x.example'],
    ['https://x.example/events//', '{$u}/invoices', 'https://x.example/events/invoices'],
    ['https://x.example//?token=a', '{$u}/invoices', 'https://x.example/invoices?token=a'],
    ['https://x.example/events//', '{$u}', 'https://x.example/events//'],
    ['https://x.example/events#top', '{$u}', 'https://x.example/events'],
    ['https://x.example?token=a#top', '{$u}', 'https://x.example?token=a'],
    ['https://x.example', '{$u}.json', 'https://x.example/.json'],
    ['https://x.example?a=b#top', '{$u}/c#{$v}', 'https://x.example/c?a=b#1'],
    ['http://127.0.0.1:8080/a', '{$u}-{$v}', 'http://127.0.0.1:8080/a-1'],
    ['ignored', 'https://x.example/{$v}/b?c={$v}', 'https://x.example/1/b?c=1'],
    ['ignored', 'https://{$v}.x.example/', 'https://1.x.example/'],
  ])('%s and %s are %s', (u, template, url) => {
    expect(resolve(template, { u, v: '1' })).toEqual({ url });
  });

  it.each([
    ['a/b', '%2Fb'],
    ['a?b=c&d', '%3Fb%3Dc%26d'],
    ['a#b', '%23b'],
    ['a%2Fb', '%252Fb'],
    ['a\r\nb', '%0D%0A'],
    ['a\\b', '%5C'],
    ['é', '%C3%A9'],
  ])('the value %j is encoded', (v, encoded) => {
    expect(JSON.stringify(resolve('{$u}/{$v}?x={$v}', { u: 'https://x.example', v }))).toContain(encoded);
  });

  it.each(['..', '.', '%2e%2e', '.%2E'])('the value %j cannot be a way up', (v) => {
    const resolved = resolve('{$u}/{$v}/end', { u: 'https://x.example/a/b', v });
    if ('url' in resolved) expect(new URL(resolved.url).pathname.split('/')).toHaveLength(5);
    else expect(resolved).toMatchObject({ reason: 'would make a path segment of dots' });
  });

  it('a value and the text next to it cannot form a dot segment', () => {
    expect(resolve('{$u}/.{$v}', { u: 'https://x.example', v: '.' })).toMatchObject({ unusable: { name: 'v' } });
    expect(resolve('{$u}/{$v}.', { u: 'https://x.example', v: '.' })).toMatchObject({ unusable: { name: 'v' } });
    expect(resolve('{$u}/{$v}{$v}', { u: 'https://x.example', v: '.' })).toMatchObject({ unusable: { name: 'v' } });
    expect(resolve('{$u}/{$v}x', { u: 'https://x.example', v: '.' })).toEqual({ url: 'https://x.example/.x' });
  });

  it.each([
    [{ u: ['https://x.example'] }, 'is an array'],
    [{ u: [] }, 'is an array'],
    [{ u: { a: 1 } }, 'is an object'],
    [{ u: new URL('https://x.example') }, 'is an object'],
    [{ 'u[]': 'https://x.example' }, 'its name is followed by brackets'],
    [{ u: '', 'u[0]': 'https://x.example' }, 'its name is followed by brackets'],
  ])('the query %j gives a base that cannot be used', (query, what) => {
    const reason = `must be one value, but ${what}`;
    expect(resolve('{$u}/invoices', query)).toMatchObject({ unusable: { name: 'u' }, reason });
    expect(resolve('https://x.example/{$u}', query)).toEqual(
      'u' in query && query.u === '' ? { url: 'https://x.example/' } : expect.objectContaining({ reason }),
    );
  });

  it.each([
    [{ url: ['https://x.example'] }, 'is an array'],
    [{ url: {} }, 'is an object'],
    [{ 'url[]': 'https://x.example' }, 'its name is followed by brackets'],
  ])('neither does the body %j', (body, what) => {
    expect(resolve('{$request.body#/url}', {}, body)).toMatchObject({ reason: `must be one value, but ${what}` });
    expect(resolve('{$request.body#/in/url}', {}, { in: body })).toMatchObject({
      reason: `must be one value, but ${what}`,
    });
  });

  it('a label of a host name has at most 63 characters', () => {
    expect(resolve('https://{$u}.example/', { u: 'a'.repeat(63) })).toEqual({
      url: `https://${'a'.repeat(63)}.example/`,
    });
    expect(resolve('https://{$u}.example/', { u: 'a'.repeat(64) })).toMatchObject({ unusable: { name: 'u' } });
  });

  it.each([undefined, null, ''])('the base %j asks for no callback', (u) => {
    expect(resolve('{$u}/a', { u })).toMatchObject({ missing: { name: 'u' }, begins: true });
  });

  it('another missing value is distinguished from that', () => {
    const exchange = { u: 'https://x.example' };
    expect(resolve('{$u}/{$v}', exchange)).toMatchObject({ missing: { name: 'v' }, begins: false });
  });

  it.each([
    '/events',
    '//x.example/events',
    'x.example',
    'ftp://x.example',
    'javascript:alert(1)',
    'https:x.example',
    'https:///x.example',
    'https://',
    'https://user:secret@x.example',
    'https://x.example/a b',
    'https://x.example/\r\n',
    ' https://x.example',
    'https:\\\\x.example',
    'https://[::1',
    'https://x.1',
    'https://x.example:99999',
    'https://user@x.example/a',
  ])('the base %j cannot be used', (u) => {
    expect(resolve('{$u}/a', { u })).toMatchObject({ unusable: { name: 'u' }, reason: expect.any(String) });
  });

  it('a host in another alphabet is one, however often it is resolved', () => {
    const urls = Array.from({ length: 50_000 }, () => resolve('{$u}/a', { u: 'https://é.example' }));
    expect(urls.filter((resolved) => !('url' in resolved))).toEqual([]);
  });

  it('no value bends the URL, whatever it is', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('.', '..', '/', '?', '#', '@', '%2e', '\\', ':'),
    );
    const base = fc.constantFrom(
      'https://x.example',
      'https://x.example:8443/a/',
      'http://x.example/a?t=1',
      'https://[::1]/?a#b',
    );
    const template = fc.constantFrom(
      '{$u}/{$v}',
      '{$u}/a/{$v}/b?c={$w}&d={$v}',
      '{$u}{$v}',
      '{$u}/{$v}{$w}#{$v}',
      '{$u}?c={$v}',
    );
    const plain = { v: 'x', w: 'y' };
    fc.assert(
      fc.property(base, template, value, value, (u, text, v, w) => {
        const resolved = resolve(text, { u, v, w });
        const expected = resolve(text, { u, ...plain }) as { url: string };
        if (!('url' in resolved)) return;
        const [actual, reference] = [new URL(resolved.url), new URL(expected.url)];
        expect(actual.origin).toBe(reference.origin);
        expect(actual.username + actual.password).toBe('');
        expect(actual.pathname.split('/')).toHaveLength(reference.pathname.split('/').length);
        expect([...actual.searchParams.keys()]).toEqual([...reference.searchParams.keys()]);
      }),
      { numRuns: 1_000 },
    );
  });
});
