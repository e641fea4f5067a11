import { expect, it } from '@jest/globals';
import { parseUrlTemplate } from '../expression/url-template.js';
import { indexesIn, splitUrl, withNames } from './split-url.js';

it.each([
  ['$request.body#/url', ['{0}', '/', '']],
  ['{$request.query.url}', ['{0}', '/', '']],
  ['{$request.query.url}/', ['{0}', '/', '']],
  ['{$request.query.url}/invoices/{$request.body#/id}', ['{0}', '/invoices/{1}', '']],
  ['{$request.query.url}?id={$request.body#/id}&v=1', ['{0}', '/', 'id={1}&v=1']],
  ['{$request.query.url}/a-{$method}-{$url}/b#end', ['{0}', '/a-{1}-{2}/b', '']],
  ['https://hooks.example', ['https://hooks.example', '/', '']],
  ['https://hooks.example/x/{$request.body#/id}?y', ['https://hooks.example', '/x/{0}', 'y']],
  ['http://hooks.example?id={$request.body#/id}', ['http://hooks.example', '/', 'id={0}']],
  ['https://{$request.query.host}:8443/x', ['https://{0}:8443', '/x', '']],
  ['{$request.query.scheme}://{$request.query.host}/x', ['{0}://{1}', '/x', '']],
  ['{$request.query.shop}.example/x', ['{0}.example', '/x', '']],
  ['/events/{$request.body#/id}', ['', '/events/{0}', '']],
  ['events/{$request.body#/id}', ['', '/events/{0}', '']],
  ['', ['', '/', '']],
])('%s is split', (text, expected) => {
  const { base, path, query } = splitUrl(parseUrlTemplate(text));
  expect([base, path, query]).toEqual(expected);
});

it('the expressions of a part are found by their indexes, and named', () => {
  const { path, expressions } = splitUrl(parseUrlTemplate('{$url}/a/{$request.body#/id}/{$method}'));
  expect(indexesIn(path).map((index) => expressions[index]!.source)).toEqual(['body', 'method']);
  expect(withNames(path, ['id', 'method'])).toBe('/a/{id}/{method}');
});
