import { expect, it } from '@jest/globals';
import { suggestUrl } from './suggest-expression.js';

it.each([
  ['{request.body#/notifUri}', '{$request.body#/notifUri}'],
  ['{request.body#/notifUri}/x/{$request.body#/id}', '{$request.body#/notifUri}/x/{$request.body#/id}'],
  ['${request.body#/url}', '{$request.body#/url}'],
  ['{ $request.query.url }/x', '{$request.query.url}/x'],
  ['{response.header.location}', '{$response.header.location}'],
  ['{$request.body.a.b}', '{$request.body#/a/b}'],
  ['{url}/{id}', '{url}/{id}'],
  ['https://hooks.example', 'https://hooks.example'],
  ['{'.repeat(100_000), '{'.repeat(100_000)],
])('%s means %s', (text, meant) => {
  expect(suggestUrl(text)).toBe(meant);
});
