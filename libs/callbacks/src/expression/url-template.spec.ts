import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ExpressionSyntaxError } from './runtime-expression.js';
import { parseUrlTemplate, printUrlTemplate, joinUrl } from './url-template.js';

function syntaxError(text: string): ExpressionSyntaxError {
  try {
    parseUrlTemplate(text);
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return error;
    throw error;
  }
  throw new Error(`${text} was read without an error`);
}

describe('parseUrlTemplate', () => {
  it('reads literals and expressions in their order', () => {
    expect(parseUrlTemplate('https://x.example/{$request.path.id}?at={$url}&by={$request.body#/a}')).toEqual({
      bare: false,
      parts: [
        'https://x.example/',
        { source: 'path', message: 'request', name: 'id' },
        '?at=',
        { source: 'url' },
        '&by=',
        { source: 'body', message: 'request', pointer: ['a'] },
      ],
    });
  });

  it.each([
    '',
    'https://x.example/hook',
    '{$request.query.callback_url}',
    '{$request.query.callback_url}/invoices/{$request.body#/id}',
    'http://notificationServer.com?transactionId={$request.body#/id}&email={$request.body#/email}',
    '{$url}{$method}{$statusCode}',
    '$request.body#/url',
    '$request.query.{x}',
  ])('%s prints back as itself', (text) => {
    expect(printUrlTemplate(parseUrlTemplate(text))).toBe(text);
  });

  it.each([
    ['{$callback_url}', '{$request.query.callback_url}'],
    ['{$callback_url}/invoices/{$request.body.id}', '{$request.query.callback_url}/invoices/{$request.body#/id}'],
    ['{$request.body.customer.id}', '{$request.body#/customer/id}'],
    ['{$response.body.id}', '{$response.body#/id}'],
    ['{$url}', '{$url}'],
    ['{$request.query.hub.callback}', '{$request.query.hub.callback}'],
    ['{$request.query.request.body.id}', '{$request.query.request.body.id}'],
  ])('writes the shorthand %s as %s', (shorthand, text) => {
    expect(printUrlTemplate(parseUrlTemplate(shorthand))).toBe(text);
  });

  it.each([
    ['{$request.query.a', 0],
    ['x/{$request.query.a', 2],
    ['x}/{$request.query.a}', 1],
    ['x/{id}', 2],
    ['x/{}', 2],
    ['x/{$request}', 4],
    ['x/{$request.cookie.a}', 12],
    ['x/$request.body#/id', 2],
    ['{$request.query.{x}}', 19],
    ['$request.cookie.a', 9],
    ['$callback_url', 1],
  ])('finds the fault of %s at %i', (text, position) => {
    expect(syntaxError(text)).toMatchObject({ text, position });
  });

  it('has no empty literal before a first expression or after a last one', () => {
    expect(parseUrlTemplate('{$url}').parts).toHaveLength(1);
    expect(parseUrlTemplate('').parts).toEqual([]);
  });

  it.each([
    ['x/{$url', 2, 'has a { that is never closed', 'Close the expression with }.'],
    ['x}', 1, 'has a } without a {', 'Open the expression with {, or write a literal } as %7D.'],
    ['x/$request.body#/id', 2, 'has an expression outside braces', 'Write {$request.body#/id}.'],
    [
      'x/{id}',
      2,
      'has {id}, which is not a runtime expression',
      '{$request.path.id}, {$request.query.id} or {$request.b',
    ],
    [
      'x/{$request.query}',
      12,
      'has {$request.query}, which does not name a part of the request',
      'Use $request.header.…',
    ],
    ['x/{$a b}', 4, 'has {$a b}, which is not a runtime expression', 'Use one of $url'],
    ['x/{$url$url}', 4, 'has {$url$url}, which is not a runtime expression', 'Use one of $url'],
    // A shorthand stands at its first character, whatever is wrong in it.
    [
      'x/{$request.body.a~2}',
      3,
      'has {$request.body.a~2}, which has an invalid JSON pointer',
      'Write {$request.body#/a~02}.',
    ],
  ])('says where and why %s is wrong, and what to write instead', (text, position, reason, fix) => {
    const error = syntaxError(text);
    expect(error).toMatchObject({ text, position, reason });
    expect(error.fix).toContain(fix);
  });

  it.each([
    // Only the $ is missing, or at the wrong place.
    ['{request.body#/x}', 0, '{$request.body#/x}'],
    ['{request.body.customer.id}', 0, '{$request.body#/customer/id}'],
    ['{request.query.callback_url}', 0, '{$request.query.callback_url}'],
    ['${request.body.x}', 0, '{$request.body#/x}'],
    ['https://x.example/${request.body.x}/y', 18, '{$request.body#/x}'],
    ['https://x.example/${$request.path.id}', 18, '{$request.path.id}'],
    ['${callback_url}', 0, '{$request.query.callback_url}'],
    // The spellings of Nest, Express and others.
    ['{$request.params.id}', 10, '{$request.path.id}'],
    ['{$request.param.id}', 10, '{$request.path.id}'],
    ['{$request.headers.x-hub}', 10, '{$request.header.x-hub}'],
    ["{$request.headers['x-hub']}", 10, '{$request.header.x-hub}'],
    ['{$req.body.x}', 2, '{$request.body#/x}'],
    ['{$req.query.x}', 2, '{$request.query.x}'],
    ['{req.params.id}', 0, '{$request.path.id}'],
    ['{$response.headers.Location}', 11, '{$response.header.Location}'],
    ['{$res.body#/x}', 2, '{$response.body#/x}'],
    ['{$response.status}', 11, '{$statusCode}'],
    ['{$response.status_code}', 11, '{$statusCode}'],
    ['{$request.url}', 10, '{$url}'],
    ['{$Request.Body#/x}', 2, '{$request.body#/x}'],
    ['{body.x}', 0, '{$request.body#/x}'],
    ['{query.callback_url}', 0, '{$request.query.callback_url}'],
    ['{$request.body/x/y}', 14, '{$request.body#/x/y}'],
    ['{$request.body#x}', 15, '{$request.body#/x}'],
    ['{$request.body[0].id}', 14, '{$request.body#/0/id}'],
    ['$callback_url', 1, '{$request.query.callback_url}'],
    ['$req.body.x', 1, '{$request.body#/x}'],
    // Braces and blanks that are too many or too few.
    ['{{$request.body#/x}}', 0, '{$request.body#/x}'],
    ['https://x.example/{{ $request.query.x }}', 18, '{$request.query.x}'],
    ['{ $request.body#/x }', 0, '{$request.body#/x}'],
    ['{$request.query.x }', 0, '{$request.query.x}'],
    ['https://x.example/$request.body.x/y', 18, '{$request.body#/x}'],
    ['https://x.example/$request.body#/x', 18, '{$request.body#/x}'],
    ['https://x.example/a?id=$request.params.id&b=c', 23, '{$request.path.id}'],
    ['https://x.example/$url', 18, '{$url}'],
  ])('of %s, found at %i, it says to write %s', (text, position, expression) => {
    const error = syntaxError(text);
    expect(error).toMatchObject({ text, position });
    expect(error.fix).toContain(`Write ${expression}.`);
    expect(() => parseUrlTemplate(expression)).not.toThrow();
  });

  it.each(['{$request.cookies.session}', '{$request.cookie.session}', '{req.signedCookies.session}'])(
    'of %s it says that no expression reads a cookie',
    (text) => {
      expect(syntaxError(text).fix).toContain('OpenAPI has no expression for a cookie.');
    },
  );

  it.each(['https://x.example/?$filter=a&$url=b', 'https://x.example/a$b/$c'])('%s has no expression', (text) => {
    expect(parseUrlTemplate(text).parts).toEqual([text]);
  });

  it.each(['{:id}', '{*id}', '{id?}'])('of %s it names the parameter', (text) => {
    expect(syntaxError(text).fix).toContain('{$request.path.id}');
  });

  it('suggests expressions for a plain path parameter', () => {
    expect(syntaxError('x/{id}').fix).toContain('{$request.body#/id}');
  });

  it('throws only its own error for any string', () => {
    const pieces = fc.array(fc.oneof(fc.string(), fc.constantFrom('{', '}', '$', '{$request.body#/a}', '$request.')));
    fc.assert(
      fc.property(
        pieces.map((parts) => parts.join('')),
        (text) => {
          try {
            const template = parseUrlTemplate(text);
            expect(parseUrlTemplate(printUrlTemplate(template))).toEqual(template);
          } catch (error) {
            expect(error).toBeInstanceOf(ExpressionSyntaxError);
          }
        },
      ),
    );
  });
});

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
