import { expect, it } from '@jest/globals';
import { joinUrl } from './join-url.js';

it.each([
  ['{$url}', 'a', '{$url}/a'],
  ['{$url}', '/a', '{$url}/a'],
  ['{$url}/', 'a', '{$url}/a'],
  ['{$url}//', '//a/', '{$url}/a/'],
  ['{$url}', '/', '{$url}'],
  ['{$url}', '', '{$url}'],
  ['https://x.example/', '/', 'https://x.example/'],
  ['', 'https://x.example/a', 'https://x.example/a'],
  ['', '/', ''],
  ['', '', ''],
  ['$request.body#/url', '', '$request.body#/url'],
  ['', '$request.body#/url', '$request.body#/url'],
  ['$request.body#/url', 'a', '{$request.body#/url}/a'],
  ['{$url}', '$request.body#/id', '{$url}/{$request.body#/id}'],
])('%j and %j are %j', (url, path, joined) => {
  expect(joinUrl(url, path)).toBe(joined);
});
