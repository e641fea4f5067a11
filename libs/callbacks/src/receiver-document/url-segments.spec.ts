import { expect, it } from '@jest/globals';
import { parseUrlTemplate } from '../expression/url-template.js';
import { expressionsIn, isExpression, splitAt, splitUrl, joinSegments, withNames } from './url-segments.js';

it.each([
  ['$request.body#/url', ['{0}', '/', '']],
  ['{$request.query.url}', ['{0}', '/', '']],
  ['{$request.query.url}/', ['{0}', '/', '']],
  ['{$request.query.url}/invoices/{$request.body#/id}', ['{0}', '/invoices/{1}', '']],
  ['{$request.query.url}?id={$request.body#/id}&v=1', ['{0}', '/', 'id={1}&v=1']],
  ['{$request.query.url}/a-{$method}-{$url}/b#end', ['{0}', '/a-{1}-{2}/b', '']],
  ['https://hooks.example', ['https://hooks.example', '/', '']],
  ['https://hooks.example/x/{$request.body#/id}?y', ['https://hooks.example', '/x/{0}', 'y']],
  ['https:/{$request.query.host}/x', ['', '/https:/{0}/x', '']],
  ['{$url}://#x?y', ['{0}://', '/', '']],
  ['http://hooks.example?id={$request.body#/id}', ['http://hooks.example', '/', 'id={0}']],
  ['https://{$request.query.host}:8443/x', ['https://{0}:8443', '/x', '']],
  ['{$request.query.scheme}://{$request.query.host}/x', ['{0}://{1}', '/x', '']],
  ['{$request.query.shop}.example/x', ['{0}.example', '/x', '']],
  ['/events/{$request.body#/id}', ['', '/events/{0}', '']],
  ['events/{$request.body#/id}', ['', '/events/{0}', '']],
  ['', ['', '/', '']],
])('%s is split', (text, expected) => {
  const { base, path, query } = splitUrl(parseUrlTemplate(text));
  let count = 0;
  expect([base, path, query].map((part) => joinSegments(part, () => `{${count++}}`))).toEqual(expected);
});

it('the expressions of a part are found, and named', () => {
  const { base, path } = splitUrl(parseUrlTemplate('{$url}/a/{$request.body#/id}/{$method}'));
  expect(expressionsIn(path).map(({ source }) => source)).toEqual(['body', 'method']);
  expect(withNames(path, ['id', 'method'])).toBe('/a/{id}/{method}');
  expect([base, path].map(isExpression)).toEqual([true, false]);
});

it('a part is split at the separators in its literals', () => {
  const { query } = splitUrl(parseUrlTemplate('{$url}?a={$method}b&{$url}{$url}&&c&'));
  const texts = splitAt(query, '&').map((pair) => joinSegments(pair, ({ source }) => `<${source}>`));
  expect(texts).toEqual(['a=<method>b', '<url><url>', '', 'c', '']);
});
