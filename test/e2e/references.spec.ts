import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Post, Query } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiProperty, ApiResponse, getSchemaPath, refs } from '@nestjs/swagger';
import {
  ApiCallback,
  CallbackController,
  CallbackDocumentError,
  CallbacksModule,
  receiverDocument,
  WebhookController,
} from 'nestjs-callbacks';
import type { CallbackProblem } from 'nestjs-callbacks';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
import { errorOf, LINKED_FROM, problemsOf } from '../support/problems.js';
import { OK, receive, withOrders } from '../support/receiver-documents.js';

afterEach(closeApps);

class Cat {
  @ApiProperty() name!: string;
}
class Dog {
  @ApiProperty() name!: string;
}

describe('a dangling reference of a callback', () => {
  it('is a problem, with the decorator that adds its model', async () => {
    @CallbackController('{$request.query.callback_url}')
    class Pets {
      @Post() @ApiBody({ schema: { oneOf: refs(Cat, Dog) } }) bought(@Body() pet: object) {}
    }
    const problemOf = (name: string) => ({
      code: 'unknown-reference',
      place: 'Pets.bought',
      linkedFrom: LINKED_FROM,
      message: `It refers to #/components/schemas/${name}, which is not in the document.`,
      fix: `Put @ApiExtraModels(${name}) on Pets.bought.`,
    });
    const problems = await problemsOf(Pets);
    expect(problems).toHaveLength(2);
    expect(problems).toEqual(expect.arrayContaining([problemOf('Cat'), problemOf('Dog')]));
  });

  it('is resolved once the decorator is there', async () => {
    @CallbackController('{$request.query.callback_url}')
    class Pets {
      @Post() @ApiExtraModels(Cat, Dog) @ApiBody({ schema: { oneOf: refs(Cat, Dog) } }) bought(@Body() pet: object) {}
    }
    @Controller('orders')
    class Orders {
      @Post() @ApiCallback(Pets) create(@Query('callback_url') url: string) {}
    }
    const { components } = documentOf(await createApp({ controllers: [Orders] }));
    expect(Object.keys(components?.schemas ?? {})).toEqual(['Cat', 'Dog']);
  });

  function receiving(schema: object): Type<object> {
    @CallbackController('{$request.query.callback_url}')
    class Pets {
      @Post() @ApiExtraModels(Cat) @ApiBody({ schema }) bought(@Body() pet: object) {}
    }
    return Pets;
  }

  it.each<[string, object, string]>([
    ['in a model', { type: 'object', properties: { example: { $ref: getSchemaPath(Dog) } } }, '@ApiExtraModels(Dog)'],
    ['in a list', { type: 'array', items: { $ref: getSchemaPath(Dog) } }, '@ApiExtraModels(Dog)'],
    ['in a map', { type: 'object', additionalProperties: { $ref: getSchemaPath(Dog) } }, '@ApiExtraModels(Dog)'],
    [
      'in a discriminator',
      { oneOf: [], discriminator: { propertyName: 'kind', mapping: { dog: getSchemaPath(Dog) } } },
      '@ApiExtraModels(Dog)',
    ],
    [
      'in the default of a discriminator',
      { oneOf: [], discriminator: { propertyName: 'kind', defaultMapping: 'Dog' } },
      '@ApiExtraModels(Dog)',
    ],
    ['by the name alone', { $ref: 'Cat' }, 'Did you mean #/components/schemas/Cat?'],
    ['without its #', { $ref: '/components/schemas/Cat' }, 'Did you mean #/components/schemas/Cat?'],
    ['in another case', { $ref: '#/components/schemas/cat' }, 'Did you mean #/components/schemas/Cat?'],
    ['in another file', { $ref: 'other.yaml#/Animal' }, 'npx @redocly/cli bundle'],
    ['to another section', { $ref: '#/components/examples/Gone' }, 'under #/components/examples.'],
  ])('is one %s', async (_, schema, fix) => {
    expect(await problemsOf(receiving(schema))).toMatchObject([
      { code: 'unknown-reference', place: 'Pets.bought', fix: expect.stringContaining(fix) },
    ]);
  });

  it.each<[string, object]>([
    ['an absolute URL', { $ref: 'https://schemas.example/cat.json' }],
    ['a reference in an example', { type: 'object', example: { $ref: '#/nowhere' } }],
    ['a property of that name', { type: 'object', properties: { $ref: { type: 'string' } } }],
    ['a part of a model', { $ref: '#/components/schemas/Cat/properties/name' }],
  ])('is not %s', async (_, schema) => {
    @Controller('orders')
    class Orders {
      @Post() @ApiCallback(receiving(schema)) create(@Query('callback_url') url: string) {}
    }
    const app = await createApp({ controllers: [Orders] });
    expect(() => documentOf(app)).not.toThrow();
  });

  it('is one in a webhook, and in a reply', async () => {
    @WebhookController()
    class Hooks {
      @Post('sold')
      @ApiResponse({
        status: 200,
        description: '',
        content: { 'application/json': { schema: { $ref: getSchemaPath(Dog) } } },
      })
      sold() {}
    }
    const app = await createApp({ imports: [CallbacksModule.forRoot({ webhooks: [Hooks] })] });
    expect(errorOf(() => documentOf(app)).problems).toMatchObject([
      { code: 'unknown-reference', place: 'Hooks.sold', fix: 'Put @ApiExtraModels(Dog) on Hooks.sold.' },
    ]);
  });
});

describe('a dangling reference in a document of another tool', () => {
  const COMPONENTS = {
    schemas: {
      'a/b': { type: 'string' },
      'A~2': { type: 'string' },
      Cat: { type: 'string' },
      Loop: { $ref: '#/components/schemas/Loop' },
    },
  };
  const json = (schema: object) => ({ content: { 'application/json': { schema } } });

  function problemsOfCallback(operation: object): readonly CallbackProblem[] {
    const done = { '{$request.query.url}': { post: { responses: OK, ...operation } } };
    try {
      receiverDocument(withOrders({ done }, { components: COMPONENTS }));
    } catch (error) {
      if (error instanceof CallbackDocumentError) return error.problems;
      throw error;
    }
    return [];
  }

  it.each<[string, object, string, RegExp]>([
    ['schema', { requestBody: json({ $ref: '#/components/schemas/Gone' }) }, 'Gone', /under #\/components\/schemas\./],
    ['parameter', { parameters: [{ $ref: '#/components/parameters/Gone' }] }, 'Gone', /parameters/],
    ['request body', { requestBody: { $ref: '#/components/requestBodies/Gone' } }, 'Gone', /requestBodies/],
    ['response', { responses: { default: { $ref: '#/components/responses/Gone' } } }, 'Gone', /responses/],
    [
      'example',
      { requestBody: { content: { 'application/json': { examples: { a: { $ref: '#/components/examples/Gone' } } } } } },
      'Gone',
      /examples/,
    ],
    [
      'header',
      { responses: { 200: { description: '', headers: { 'X-A': { $ref: '#/components/headers/Gone' } } } } },
      'Gone',
      /headers/,
    ],
    [
      'link',
      { responses: { 200: { description: '', links: { next: { $ref: '#/components/links/Gone' } } } } },
      'Gone',
      /links/,
    ],
    ['circle', { requestBody: json({ $ref: '#/components/schemas/Loop' }) }, 'Loop', /./],
    ['file', { requestBody: json({ $ref: 'other.yaml#/X' }) }, 'other.yaml#/X', /npx @redocly\/cli bundle/],
    [
      'name that is not escaped',
      { requestBody: json({ $ref: '#/components/schemas/a/b' }) },
      'a/b',
      /^Did you mean #\/components\/schemas\/a~1b\?$/,
    ],
    [
      'name with a broken escape',
      { requestBody: json({ $ref: '#/components/schemas/A~2' }) },
      'is not a valid reference',
      /^Did you mean #\/components\/schemas\/A~02\?$/,
    ],
  ])('is a problem: %s', (_, operation, message, fix) => {
    const problems = problemsOfCallback(operation);
    expect(problems).toMatchObject([
      { code: 'unknown-reference', place: 'callback done', linkedFrom: ['POST /orders'] },
    ]);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.fix).toMatch(fix);
  });

  it('is one problem, however often it occurs', () => {
    const schema = {
      properties: { a: { $ref: '#/components/schemas/Gone' }, b: { $ref: '#/components/schemas/Gone' } },
    };
    expect(problemsOfCallback({ requestBody: json(schema) })).toHaveLength(1);
  });

  it('is not dangling if it leads to an anchor', () => {
    const schema = { $anchor: 'node', type: 'object', properties: { next: { $ref: '#node' } } };
    expect(problemsOfCallback({ requestBody: json(schema) })).toMatchObject([]);
  });

  it('is a problem of the chosen callbacks only', () => {
    const callbacks = {
      good: { '{$request.query.url}': { post: { responses: OK } } },
      bad: {
        '{$request.query.url}/b': { post: { responses: OK, requestBody: json({ $ref: '#/components/schemas/No' }) } },
      },
    };
    expect(Object.keys(receive(withOrders(callbacks), { only: ['good'] }).paths)).toEqual(['/']);
  });
});
