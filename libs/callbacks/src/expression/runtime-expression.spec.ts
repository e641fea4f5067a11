import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import cases from '../../../../test/cases/runtime-expressions.json' with { type: 'json' };
import { evaluateRuntimeExpression } from './exchange.js';
import { ExpressionSyntaxError, parseRuntimeExpression, printRuntimeExpression } from './runtime-expression.js';

const evaluate = (text: string) => evaluateRuntimeExpression(parseRuntimeExpression(text), cases.exchange);

function syntaxError(text: string): ExpressionSyntaxError {
  try {
    parseRuntimeExpression(text);
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) return error;
    throw error;
  }
  throw new Error(`${text} was read without an error`);
}

describe('the worked example of the OpenAPI specification', () => {
  it.each(Object.entries(cases.values))('%s is %s', (text, value) => {
    expect(evaluate(text)).toBe(value);
    expect(printRuntimeExpression(parseRuntimeExpression(text))).toBe(text);
  });

  it.each(cases.noValue)('%s has no value', (text) => {
    expect(evaluate(text)).toBeUndefined();
  });

  it.each(cases.invalid)('%j is not a runtime expression', (text) => {
    expect(syntaxError(text).text).toBe(text);
  });
});

describe('parseRuntimeExpression', () => {
  it.each([
    ['$url', { source: 'url' }],
    ['$method', { source: 'method' }],
    ['$statusCode', { source: 'statusCode' }],
    ['$request.header.X-Hub', { source: 'header', message: 'request', name: 'X-Hub' }],
    ['$request.query.hub.callback', { source: 'query', message: 'request', name: 'hub.callback' }],
    ['$request.query.{a}/b', { source: 'query', message: 'request', name: '{a}/b' }],
    ['$request.path.id', { source: 'path', message: 'request', name: 'id' }],
    ['$request.body', { source: 'body', message: 'request' }],
    ['$request.body#', { source: 'body', message: 'request', pointer: [] }],
    ['$request.body#/', { source: 'body', message: 'request', pointer: [''] }],
    ['$request.body#/a~1b/~0/0', { source: 'body', message: 'request', pointer: ['a/b', '~', '0'] }],
    ['$response.body#/id', { source: 'body', message: 'response', pointer: ['id'] }],
    ['$response.header.Location', { source: 'header', message: 'response', name: 'Location' }],
  ])('reads %s', (text, expression) => {
    expect(parseRuntimeExpression(text)).toEqual(expression);
    expect(printRuntimeExpression(parseRuntimeExpression(text))).toBe(text);
  });

  it.each([
    ['', 0],
    ['request.query.a', 0],
    ['$requests.query.a', 1],
    ['$request.cookie.session', 9],
    ['$request.header.', 16],
    ['$request.header.x y', 17],
    ['$request.header.x{y}', 17],
    ['$request.body.id', 13],
    ['$request.body#id', 14],
    ['$request.body#/a~2b', 16],
    ['$request.body#/a~', 16],
    ['$response.status', 10],
  ])('finds the fault of %j at %i', (text, position) => {
    expect(syntaxError(text).position).toBe(position);
  });

  it.each([
    ['x$request.query.a', 0, 'is not a runtime expression', 'Use one of $url, $method, $statusCode, $request.…'],
    [
      '$request.cookie.a',
      9,
      'does not name a part of the request',
      'Use $request.header.…, $request.query.…, $request.path.…',
    ],
    ['$response.body/a', 14, 'does not name a part of the response', 'is a JSON pointer: $response.body#/…'],
    [
      '$request.header.a b',
      17,
      'has a character that is not allowed in a header name',
      'consists of letters, digits and',
    ],
    ['$request.header.', 16, 'does not name a header', 'Write the name of the header.'],
    ['$request.body#id', 14, 'has an invalid JSON pointer', 'begins with a slash: $request.body#/id'],
    ['$request.body#/~', 15, 'has an invalid JSON pointer', '~ is written ~0 and / is written ~1.'],
  ])('says where and why %s is wrong, and what to write instead', (text, position, reason, fix) => {
    const error = syntaxError(text);
    expect(error).toMatchObject({ name: 'ExpressionSyntaxError', position, reason });
    expect(error.message).toBe(`${text} ${reason} (at position ${position})`);
    expect(error.fix).toContain(fix);
  });
});

describe('evaluateRuntimeExpression', () => {
  const exchange = {
    request: {
      headers: { Shared: 'asked' },
      query: { many: ['a', 'b'], nested: { a: 'b' }, none: null, zero: 0, no: false, empty: '', big: 2n ** 64n },
      body: { list: [...Array.from({ length: 10 }, () => ({})), { id: 7 }], none: null, '': 'unnamed' },
    },
    response: { statusCode: 201, headers: { Shared: 'answered' } },
  };
  it.each([
    ['$request.query.zero', '0'],
    ['$request.query.no', 'false'],
    ['$request.query.empty', ''],
    ['$request.query.big', '18446744073709551616'],
    ['$request.header.shared', 'asked'],
    ['$response.header.SHARED', 'answered'],
    ['$statusCode', '201'],
    ['$request.body#/list/10/id', '7'],
    ['$request.body#/', 'unnamed'],
    ['$request.query.many', undefined],
    ['$request.query.nested', undefined],
    ['$request.query.none', undefined],
    ['$request.query.toString', undefined],
    ['$request.body#/list/010/id', undefined],
    ['$request.body#/list/10a/id', undefined],
    ['$request.body#/list/-/id', undefined],
    ['$request.body#/none/id', undefined],
    ['$request.body#/list/length', undefined],
    ['$request.body#/constructor', undefined],
    ['$request.body', undefined],
    ['$request.path.id', undefined],
    ['$response.query.zero', undefined],
    ['$response.header.missing', undefined],
    ['$response.body#/id', undefined],
  ])('gives %s the value %j', (text, value) => {
    expect(evaluateRuntimeExpression(parseRuntimeExpression(text), exchange)).toBe(value);
  });

  it.each(['$statusCode', '$response.header.Location', '$response.body', '$response.body#/id', '$request.header.Host'])(
    'gives %s no value without a response, and without values in the request',
    (text) => {
      expect(evaluateRuntimeExpression(parseRuntimeExpression(text), { request: {} })).toBeUndefined();
    },
  );
});

describe('properties', () => {
  const message = fc.constantFrom('$request', '$response');
  const tokenCharacters = [..."!#$%&'*+-.^_`|~0123456789abcXYZ"];
  const header = fc.string({ unit: fc.constantFrom(...tokenCharacters), minLength: 1 }).map((name) => `header.${name}`);
  const named = fc
    .tuple(fc.constantFrom('query', 'path'), fc.string({ unit: 'grapheme' }))
    .map((name) => name.join('.'));
  const referenceToken = fc
    .array(
      fc.oneof(
        fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[~/]/g, '')),
        fc.constantFrom('~0', '~1'),
      ),
    )
    .map((parts) => parts.join(''));
  const pointer = fc.array(referenceToken).map((tokens) => tokens.map((token) => `/${token}`).join(''));
  const body = fc.oneof(
    fc.constant('body'),
    pointer.map((text) => `body#${text}`),
  );
  const expression = fc.oneof(
    fc.constantFrom('$url', '$method', '$statusCode'),
    fc.tuple(message, fc.oneof(header, named, body)).map((parts) => parts.join('.')),
  );

  it('every expression of the grammar prints back as itself', () => {
    fc.assert(fc.property(expression, (text) => printRuntimeExpression(parseRuntimeExpression(text)) === text));
  });

  it('the parser throws only its own error for any string, with a position inside the string', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      expression.chain((valid) => fc.mixedCase(fc.constant(valid))),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          parseRuntimeExpression(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionSyntaxError);
          expect((error as ExpressionSyntaxError).position).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });
});
