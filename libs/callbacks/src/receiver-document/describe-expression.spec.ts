import { expect, it } from '@jest/globals';
import { parseRuntimeExpression } from '../expression/runtime-expression.js';
import { describeExpression, describeSources, nameExpressions } from './describe-expression.js';

it.each([
  ['$request.query.callback_url', '`callback_url` in the query of'],
  ['$request.path.shop', '`shop` in the path of'],
  ['$request.header.X-Hub', 'the header `X-Hub` of'],
  ['$request.body#/customer/id', '`customer.id` in the body of'],
  ['$request.body', 'the body of'],
  ['$response.body#/id', '`id` in the body of the response to'],
  ['$response.header.Location', 'the header `Location` of the response to'],
  ['$url', 'the URL of'],
  ['$method', 'the method of'],
  ['$statusCode', 'the status of the response to'],
])('%s is %s', (text, expected) => {
  expect(describeExpression(parseRuntimeExpression(text))).toBe(expected);
});

it.each([
  [[['id of', 'POST /a']], 'id of POST /a'],
  [
    [
      ['id of', 'POST /a'],
      ['id of', 'POST /a'],
      ['id of', 'PUT /a'],
    ],
    'id of POST /a or PUT /a',
  ],
  [
    [
      ['id of', 'POST /a'],
      ['number of', 'PUT /a'],
    ],
    'id of POST /a, or number of PUT /a',
  ],
  [['a', 'b', 'c'].map((title) => ['id of', title]), 'id of a, b or c'],
  [['a', 'b', 'c', 'd', 'e'].map((title) => ['id of', title]), 'id of a, b, c and 2 more'],
])('the sources %j are described together', (sources, expected) => {
  const found = sources.map(([phrase, title]) => ({ phrase: phrase!, title: title! }));
  expect(describeSources(found)).toBe(expected);
});

it.each([
  [['$request.query.callback_url'], ['callback_url']],
  [['$request.query.hub.callback'], ['hub_callback']],
  [['$request.header.X-Hub'], ['X_Hub']],
  [['$request.body#/customer/id'], ['id']],
  [['$request.body#/urls/0'], ['urls_0']],
  [['$request.body#/a/2/1'], ['a_2_1']],
  [['$request.body#/0'], ['body_0']],
  [['$request.body'], ['body']],
  [['$request.body#'], ['body']],
  [['$request.query.'], ['query']],
  [
    ['$url', '$method', '$statusCode'],
    ['request_url', 'request_method', 'status_code'],
  ],
  [
    ['$request.body#/id', '$response.body#/id'],
    ['id', 'response_id'],
  ],
  [
    ['$response.body#/id', '$request.query.id', '$request.path.id'],
    ['id', 'query_id', 'path_id'],
  ],
  [
    ['$request.body#/id', '$request.body#/id', '$request.body#/other/id'],
    ['id', 'body_id', 'id_2'],
  ],
])('%j are named %j', (texts, names) => {
  expect(nameExpressions(texts.map(parseRuntimeExpression))).toEqual(names);
});
