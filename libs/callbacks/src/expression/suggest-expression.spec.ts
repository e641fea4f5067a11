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
  // Their cost must be proportional to their length.
  ['{'.repeat(100_000), '{'.repeat(100_000)],
  [`{a${' '.repeat(200_000)}b}`, `{a${' '.repeat(200_000)}b}`],
  [`{request.body${'['.repeat(200_000)}}`, `{$request.body#/${'['.repeat(200_000)}}`],
])('%s means %s', (text, meant) => {
  expect(suggestUrl(text)).toBe(meant);
});
