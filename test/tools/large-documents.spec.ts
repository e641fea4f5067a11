import { describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { receiverDocument } from 'nestjs-callbacks';
import { bodyOf, OK, operationsOf, withOrders, written } from '../support/receiver-documents.js';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const model = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** A document whose one operation takes a body of this schema, and sends one. */
function exchanging(schema: object, components: object = {}): OpenAPIObject {
  const callbacks = {
    done: { '{$request.body#/url}/{$request.body#/id}': { post: { requestBody: json(schema), responses: OK } } },
  };
  return written({
    paths: { '/orders': { post: { requestBody: json(schema), callbacks, responses: OK } } },
    components,
  });
}

// None of these would end within a test's time if its cost were not proportional to the size of the document.
describe('a document of any size', () => {
  it('has 4,000 callbacks of one name and path, to URLs that receivers give', () => {
    const url = '{$request.query.url}/x';
    const paths = Object.fromEntries(
      Array.from({ length: 4_000 }, (_, index) => {
        const callbacks = { event: { [url]: { post: { requestBody: bodyOf(`p${index}`), responses: OK } } } };
        return [`/orders${index}`, { post: { callbacks, responses: OK } }];
      }),
    );
    const operations = operationsOf(receiverDocument(written({ paths })));
    expect(operations).toHaveLength(4_000);
    expect([operations[0], operations[1], operations.at(-1)]).toEqual([
      'POST /x',
      'POST /event/x',
      'POST /event_3999/x',
    ]);
  });

  it('has 4,000 callbacks that are sent to one URL', () => {
    const callbacks = Object.fromEntries(
      Array.from({ length: 4_000 }, (_, index) => {
        const operation = { operationId: `op${index}`, requestBody: bodyOf(`p${index}`), responses: OK };
        return [`event${index}`, { [`{$request.query.url}?type=${index}`]: { post: operation } }];
      }),
    );
    const { post } = receiverDocument(withOrders(callbacks)).paths['/']!;
    expect(post!.requestBody).toMatchObject({
      content: { 'application/json': { schema: { anyOf: { length: 4_000 } } } },
    });
    expect(post!.parameters).toMatchObject([{ name: 'type', schema: { enum: { length: 4_000 } } }]);
  });

  it('has models that combine another one twice, 1,000 times over', () => {
    const schemas: Record<string, object> = { S0: { properties: { id: { type: 'integer' } } } };
    for (let level = 1; level <= 1_000; level += 1) {
      schemas[`S${level}`] = { allOf: [model(`S${level - 1}`), model(`S${level - 1}`)] };
    }
    const received = receiverDocument(exchanging(model('S1000'), { schemas }));
    expect(received.paths['/{id}']!.post!.parameters).toMatchObject([{ schema: { type: 'integer' } }]);
    expect(Object.keys(received.components!.schemas!)).toHaveLength(1_001);
  });

  it('has schemas outside the components that hold another one twice, 100 times over', () => {
    const models: Record<string, object> = { S0: { type: 'string' } };
    for (let level = 1; level <= 100; level += 1) {
      const below = { $ref: `#/x-models/S${level - 1}` };
      models[`S${level}`] = { properties: { a: below, b: below } };
    }
    const of = (level: number) => ({ ...exchanging({ $ref: `#/x-models/S${level}` }), 'x-models': models });
    expect(JSON.stringify(receiverDocument(of(10)))).not.toContain('$ref');
    expect(() => receiverDocument(of(100))).toThrow(
      /#\/x-models\/S\d+\n {3}It would be replaced by more than 100000 objects/,
    );
  });

  it('has schemas that are 20,000 deep, with a dangling reference in them', () => {
    const nest = (leaf: object) => {
      let schema = leaf;
      for (let depth = 0; depth < 20_000; depth += 1) schema = { properties: { a: schema } };
      return schema;
    };
    expect(operationsOf(receiverDocument(exchanging(nest({ type: 'string' }))))).toEqual(['POST /{id}']);
    expect(() => receiverDocument(exchanging(nest(model('Gone'))))).toThrow('#/components/schemas/Gone, which is not');
    expect(() => receiverDocument(exchanging(nest({ $ref: '#gone' })))).toThrow('#gone, which is not');
  });

  it('has 20,000 references that are dangling, and 20,000 models that extend one', () => {
    const schemas: Record<string, object> = { Base: { discriminator: { propertyName: 'kind' } } };
    for (let index = 0; index < 20_000; index += 1) schemas[`Heir${index}`] = { allOf: [model('Base')] };
    const received = receiverDocument(exchanging(model('Base'), { schemas }));
    expect(Object.keys(received.components!.schemas!)).toHaveLength(20_001);

    const gone = (nameOf: (index: number) => string) =>
      exchanging({ anyOf: Array.from({ length: 20_000 }, (_, index) => model(nameOf(index))) }, { schemas });
    expect(() => receiverDocument(gone(() => 'Gone'))).toThrow('#/components/schemas/Gone, which is not');
    expect(() => receiverDocument(gone((index) => `heir${index}`))).toThrow('Did you mean #/components/schemas/Heir0?');
  });

  it('has an example with 200,000 slashes, and a name with 200,000 underscores', () => {
    const example = `https://www.external.org${'/'.repeat(200_000)}x`;
    const name = `a${'_'.repeat(200_000)}b`;
    const schema = { properties: { url: { type: 'string', example } } };
    const callbacks = { [name]: { '{$request.body#/url}': { post: { responses: OK } } } };
    const { servers, paths } = receiverDocument(
      written({ paths: { '/orders': { post: { requestBody: json(schema), callbacks, responses: OK } } } }),
    );
    expect(servers).toMatchObject([{ variables: { url: { default: example } } }]);
    expect(paths['/']!.post!.operationId).toBe(name);
  });

  it('has 1,000 callbacks with 1,000 models of which one refers to nothing', () => {
    const schemas: Record<string, object> = { S0: { properties: { id: model('Gone') } } };
    for (let index = 1; index < 1_000; index += 1) schemas[`S${index}`] = { properties: { a: model(`S${index - 1}`) } };
    const callbacks = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => {
        const operation = { requestBody: json(model(`S${index}`)), responses: OK };
        return [`event${index}`, { [`{$request.query.url}/${index}`]: { post: operation } }];
      }),
    );
    expect(() => receiverDocument(withOrders(callbacks, { components: { schemas } }))).toThrow(
      'document 1000 callbacks',
    );
  });
});
