import { describe, expect, it } from '@jest/globals';
import { encodeBody } from './encode-request.js';

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';

describe('a body is written', () => {
  it.each([
    ['the first media type', [JSON_TYPE, 'text/plain'], { a: 1 }, JSON_TYPE, '{"a":1}'],
    ['one that is known', ['multipart/form-data', 'application/xml', JSON_TYPE], { a: 1 }, JSON_TYPE, '{"a":1}'],
    ['a type of XML', ['application/xml'], '<a/>', 'application/xml', '<a/>'],
    ['a type of lines', ['application/x-ndjson'], '{"a":1}\n{"a":2}\n', 'application/x-ndjson', '{"a":1}\n{"a":2}\n'],
    ['any type at all', ['application/vnd.example'], 'a', 'application/vnd.example', 'a'],
    ['parts', ['multipart/mixed; boundary=b'], '--b--', 'multipart/mixed; boundary=b', '--b--'],
    ['JSON, though it is a string', [JSON_TYPE], 'a', JSON_TYPE, '"a"'],
    ['one that can hold it', [FORM, JSON_TYPE], ['a', 'b'], JSON_TYPE, '["a","b"]'],
    ['one that can hold it', ['text/plain', JSON_TYPE], { a: 1 }, JSON_TYPE, '{"a":1}'],
    ['the JSON type', ['text/json', FORM], { a: 1 }, 'text/json', '{"a":1}'],
    ['a text type', ['text/plain', JSON_TYPE], 7, 'text/plain', '7'],
    ['a type with parameters', ['application/json; charset=utf-8'], 1, 'application/json; charset=utf-8', '1'],
  ])('in %s of several', (_title, mediaTypes, body, mediaType, text) => {
    expect(encodeBody(body, mediaTypes)).toEqual({ mediaType, text });
  });

  it.each([
    ['a Buffer', Buffer.from([0, 255])],
    ['a Uint8Array', new Uint8Array([9, 0, 255, 9]).subarray(1, 3)],
    ['an ArrayBuffer', new Uint8Array([0, 255]).buffer],
  ])('as the bytes of %s', (_title, body) => {
    const mediaType = 'application/octet-stream';
    expect(encodeBody(body, [mediaType])).toEqual({ mediaType, bytes: Buffer.from([0, 255]) });
  });

  it('as no bytes in JSON', () => {
    expect(encodeBody(Buffer.from('a'), [JSON_TYPE])).toMatchObject({ text: '{"type":"Buffer","data":[97]}' });
  });

  it.each([
    ['an array', ['a', 'b']],
    ['an array that is empty', []],
    ['a number', 7],
    ['a boolean', true],
    ['null', null],
  ])('not as a form if it is %s, which has no names', (_title, body) => {
    const message = `cannot be written as ${FORM}: it must be an object with the fields of the form as properties`;
    expect(encodeBody(body, [FORM])).toEqual({ issues: [{ path: '', message }] });
  });

  it.each([[['a', 'b']], [{ a: 1 }], [null]])('not as text if it is %j', (body) => {
    const message = 'cannot be written as text/csv: it must be a string, a number, a boolean or a Date';
    expect(encodeBody(body, ['text/csv'])).toEqual({ issues: [{ path: '', message }] });
  });

  it.each([
    ['text/plain', 'a\ud800'],
    [FORM, { name: 'a\ud800' }],
    [FORM, { 'a\udc00': 'name' }],
  ])('not as %s with a lone surrogate, which would be replaced', (mediaType, body) => {
    const message = `cannot be written as ${mediaType}: it has a lone surrogate, which UTF-8 cannot contain`;
    expect(encodeBody(body, [mediaType])).toEqual({ issues: [{ path: '', message }] });
    expect(encodeBody(body, [mediaType, JSON_TYPE])).toMatchObject({ mediaType: JSON_TYPE });
  });

  it('or each media type is listed with the reason', () => {
    expect(encodeBody(['a'], ['multipart/form-data', FORM])).toEqual({
      issues: [
        {
          path: '',
          message: 'cannot be written as multipart/form-data: JSON, form-urlencoded, strings and bytes can be sent',
        },
        { path: '', message: expect.stringContaining(`cannot be written as ${FORM}`) },
      ],
    });
  });
});
