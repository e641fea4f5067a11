import { expect, it } from '@jest/globals';
import { parseRuntimeExpression } from '../expression/parse-runtime-expression.js';
import { nameExpressions } from './name-expression.js';

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
