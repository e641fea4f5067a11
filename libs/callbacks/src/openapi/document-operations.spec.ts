import { expect, it } from '@jest/globals';
import { LINK_EXTENSION } from '../metadata/operation-links.js';
import { linkExtensionOf, documentOperations, replaceOperations, withoutLinkExtension } from './document-operations.js';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query', 'search'];
const item = Object.fromEntries(METHODS.map((method) => [method, { operationId: method }]));
const document = {
  openapi: '3.1.0',
  paths: { '/orders': { summary: 'Orders', parameters: [], servers: [], ...item }, '/empty': { description: 'None' } },
  webhooks: { paid: { post: { operationId: 'paid' } } },
};

it('the operations of a document are those of its paths, with any method, and of its webhooks', () => {
  const operations = documentOperations(document as never);
  expect(operations.map(({ title }) => title)).toEqual([
    ...METHODS.map((method) => `${method.toUpperCase()} /orders`),
    'POST webhook paid',
  ]);
  expect(operations.map(({ operation }) => operation.operationId)).toEqual([...METHODS, 'paid']);
  expect(operations[0]!.item).toBe(document.paths['/orders']);
});

it('operations are replaced in a copy, and everything else is kept', () => {
  const operations = documentOperations(document as never);
  const replacements = new Map(
    operations
      .filter(({ title }) => title.startsWith('POST'))
      .map(({ operation }) => [operation, { ...operation, operationId: `new ${operation.operationId}` }]),
  );
  const before = structuredClone(document);
  const replaced = replaceOperations(document as never, replacements as never);
  expect(replaced).toEqual({
    openapi: '3.1.0',
    paths: { ...document.paths, '/orders': { ...document.paths['/orders'], post: { operationId: 'new post' } } },
    webhooks: { paid: { post: { operationId: 'new paid' } } },
  });
  expect(document).toEqual(before);
  expect(replaceOperations({ openapi: '3.0.0', paths: {} } as never, new Map())).toEqual({
    openapi: '3.0.0',
    paths: {},
  });
});

it('an operation without the extension is a copy without it', () => {
  const operation = { operationId: 'create', responses: {}, [LINK_EXTENSION]: 'Orders.create#1' };
  expect(linkExtensionOf(operation)).toBe('Orders.create#1');
  expect(withoutLinkExtension(operation)).toEqual({ operationId: 'create', responses: {} });
  expect(linkExtensionOf(operation)).toBe('Orders.create#1');
});
