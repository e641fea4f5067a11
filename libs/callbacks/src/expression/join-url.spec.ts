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
  ['https://x.example/a/?t=1', '/b', 'https://x.example/a/b?t=1'],
  ['{$url}?t={$request.query.a?b#c}', 'b?c=2', '{$url}/b?t={$request.query.a?b#c}&c=2'],
  ['{$request.body#/url}#top', 'a', '{$request.body#/url}/a#top'],
  ['{$url}#top', 'a#end', '{$url}/a#end'],
  ['{$url}', '?event={$request.body#/a?b}', '{$url}?event={$request.body#/a?b}'],
  ['$url', '?a=1', '{$url}?a=1'],
  ['{$url}/b/', '?a=1#end', '{$url}/b/?a=1#end'],
  ['{$url}?t=1#top', '?a=1', '{$url}?t=1&a=1#top'],
  ['{$url}', '/?a=1', '{$url}/?a=1'],
  ['{$url}', '#end', '{$url}#end'],
  ['{$url', 'a', '{$url/a'],
  ['{$url}', 'a{$b?', '{$url}/a{$b?'],
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
