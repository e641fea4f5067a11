import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Body, Controller, Get, Headers, Logger, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiProperty } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { ApiCallback, CallbackController, Callbacks, CallbacksModule, receiverReplies } from 'nestjs-callbacks';
import { BehaviorSubject, Observable } from 'rxjs';
import { z } from 'zod';
import { closeApps, createApp, documentOf, PLATFORMS } from '../support/create-app.js';
import type { Platform } from '../support/create-app.js';
import { callbacksOf } from '../support/find-operation.js';
import { LINKED_FROM, problemsOf } from '../support/problems.js';
import { findFaults } from '../support/validate-documents.js';
import type { InvoiceEvent as TypeOnly } from '../support/invoices.js';

afterEach(closeApps);
afterEach(() => void jest.restoreAllMocks());

const documents: OpenAPIObject[] = [];
const URL = '{$request.query.url}';

class Event {
  @ApiProperty() @IsString() id!: string;
}
class Other {
  @ApiProperty() @IsString() name!: string;
}
interface Shape {
  id: string;
}

@CallbackController(URL)
class Untyped {
  @Post('any') any(@Body() event: unknown) {}
  @Post('union') union(@Body() event: Event | Other) {}
  @Post('interface') shape(@Body() event: Shape) {}
  @Post('generic') generic<T extends Event>(@Body() event: T) {}
  @Post('typeOnly') typeOnly(@Body() event: TypeOnly) {}
  @Post('list') list(@Body() events: Event[]) {}
  @Post('date') date(@Body() at: Date) {}
  @Get('query') query(
    @Query() all: Record<string, string>,
    @Query('one') one: Shape | string,
    @Headers('x-a') a: unknown,
  ) {}
}

@CallbackController(URL)
class Fields {
  @Post('fields') fields(
    @Body('text') text: string,
    @Body('at') at: Date,
    @Body('event') event: Event,
    @Body('shape') shape: Shape,
    @Body('list') list: string[],
    @Body('coerced', { schema: z.object({ size: z.number() }) }) coerced: { size: number },
  ) {}
  @Post('form') @ApiConsumes('application/x-www-form-urlencoded', 'application/json') form(@Body('n') n: number) {}
}

@CallbackController(URL)
class Declared {
  @Post('a') @ApiBody({ type: [Event] }) list(@Body() events: Event[]) {}
  @Post('b') @ApiBody({ schema: { type: 'object', properties: { a: { type: 'string' } } } }) parts(
    @Body('a') a: string,
  ) {}
  @Post('c') @ApiBody({ required: false, description: 'Perhaps.' }) optional(@Body() event?: Event) {}
  @Post('d') @ApiBody({ type: String }) text(@Body() text: Shape | string) {}
  @Post('e') @ApiBody({ type: [String] }) texts(@Body() texts: string[]) {}
}

@CallbackController(URL)
class Described {
  @Post('a') @ApiBody({ description: 'Any.' }) any(@Body() event: Shape) {}
  @Post('b') @ApiBody({ required: false }) list(@Body() events?: Event[]) {}
  @Post('c') @ApiBody({ description: 'A number.' }) count(@Body() count: number) {}
  @Post('d') @ApiBody({ description: 'Parts.' }) parts(@Body('a') a: string, @Body('event') event: Event) {}
  @Post('e') @ApiBody({ description: 'A schema.' }) schema(@Body({ schema: z.object({ a: z.string() }) }) e: Shape) {}
}

async function documentFor(callbacks: new () => object, openapi = '3.0.4', platform: Platform = 'express') {
  @Controller('orders')
  class Orders {
    @Post() create(@Query('url') url: string) {}
  }
  ApiCallback(callbacks)(Orders.prototype, 'create', Object.getOwnPropertyDescriptor(Orders.prototype, 'create')!);
  const app = await createApp({ imports: [CallbacksModule.forRoot()], controllers: [Orders] }, platform);
  const document = documentOf(app, { openapi });
  if (platform === 'express') documents.push(document);
  return document;
}

/** The one operation of each callback, by its name. */
async function operationsOf(callbacks: new () => object, openapi?: string, platform?: Platform) {
  const document = await documentFor(callbacks, openapi, platform);
  const linked = Object.entries(callbacksOf(document, 'POST /orders'));
  return Object.fromEntries(linked.map(([name, callback]) => [name, Object.values(Object.values(callback)[0]!)[0]!]));
}

const bodiesOf = async (callbacks: new () => object) => {
  const bodies = Object.entries(await operationsOf(callbacks)).map(([name, operation]) => [
    name,
    operation['requestBody'],
  ]);
  return Object.fromEntries(bodies) as Record<string, unknown>;
};
const json = (schema: object) => ({ required: true, content: { 'application/json': { schema } } });

describe.each(PLATFORMS)('what is sent without a type on %s', (platform) => {
  it.each(['3.0.4', '3.1.0', '3.2.0'])('is documented in OpenAPI %s', async (openapi) => {
    const { any, fields, query } = {
      ...(await operationsOf(Untyped, openapi, platform)),
      ...(await operationsOf(Fields, openapi, platform)),
    };
    expect(any).toMatchObject({ requestBody: json({}) });
    expect(fields).toMatchObject({ requestBody: json({ type: 'object' }) });
    expect(query).toMatchObject({ parameters: { length: 3 } });
  });
});

it('a body without a class is documented as anything, and an array as one of anything', async () => {
  expect(await bodiesOf(Untyped)).toEqual({
    any: json({}),
    union: json({}),
    shape: json({}),
    generic: json({}),
    typeOnly: json({}),
    list: json({ type: 'array', items: {} }),
    date: json({ type: 'string', format: 'date-time' }),
    query: undefined,
  });
});

it('query parameters and headers without a class are documented as anything', async () => {
  expect((await operationsOf(Untyped))['query']!['parameters']).toEqual(
    expect.arrayContaining([
      { in: 'query', name: 'one', required: true, schema: {} },
      { in: 'header', name: 'x-a', required: true, schema: {} },
      {
        in: 'query',
        name: 'query',
        required: false,
        style: 'form',
        explode: true,
        schema: { type: 'object', additionalProperties: true },
      },
    ]),
  );
});

it('several @Body(name) are one object, whose properties are written as bodies are', async () => {
  const document = await documentFor(Fields);
  const { fields, form } = await bodiesOf(Fields);
  expect(fields).toEqual(
    json({
      type: 'object',
      properties: {
        text: { type: 'string' },
        at: { type: 'string', format: 'date-time' },
        event: { $ref: '#/components/schemas/Event' },
        shape: {},
        list: { type: 'array', items: {} },
        coerced: expect.objectContaining({ type: 'object', properties: { size: { type: 'number' } } }),
      },
      required: ['event'],
    }),
  );
  const schema = { type: 'object', properties: { n: { type: 'number' } } };
  expect(form).toEqual({
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } },
  });
  expect(Object.keys(document.components?.schemas ?? {})).toEqual(['Event']);
});

it('what is documented of several @Body(name) is what is sent', async () => {
  const app = await createApp({ imports: [CallbacksModule.forRoot()] });
  const methods = app.get(Callbacks).prepare(Fields, { fields: 'https://www.external.org/fields' });
  const delivery = await methods.fields('a', new Date(0), { id: '7' }, { id: '8' }, ['b'], { size: 1 });
  expect(delivery.status === 'prepared' && JSON.parse(delivery.request.body!)).toEqual({
    text: 'a',
    at: '1970-01-01T00:00:00.000Z',
    event: { id: '7' },
    shape: { id: '8' },
    list: ['b'],
    coerced: { size: 1 },
  });
});

it('@ApiBody() declares a body, and the type declares the rest', async () => {
  expect(await bodiesOf(Declared)).toEqual({
    list: json({ type: 'array', items: { $ref: '#/components/schemas/Event' } }),
    parts: json({ type: 'object', properties: { a: { type: 'string' } } }),
    optional: { ...json({ $ref: '#/components/schemas/Event' }), required: false, description: 'Perhaps.' },
    text: json({ type: 'string' }),
    texts: json({ type: 'array', items: { type: 'string' } }),
  });
});

it('an @ApiBody() that names no type leaves the type to the arguments', async () => {
  const properties = { a: { type: 'string' }, event: { $ref: '#/components/schemas/Event' } };
  expect(await bodiesOf(Described)).toEqual({
    any: { ...json({}), description: 'Any.' },
    list: { ...json({ type: 'array', items: {} }), required: false },
    count: { ...json({ type: 'number' }), description: 'A number.' },
    parts: { ...json({ type: 'object', properties, required: ['event'] }), description: 'Parts.' },
    schema: {
      ...json(expect.objectContaining({ type: 'object', required: ['a'] }) as object),
      description: 'A schema.',
    },
  });
});

it('an unknown type is reported once when the app starts, with its handler and a fix, unless @ApiBody() declares it', async () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
  await documentFor(Untyped);
  await documentFor(Fields);
  await documentFor(Declared);
  await documentFor(Described);
  const lines = warn.mock.calls.map(([line]) => String(line));
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'Untyped.any',
    'Untyped.union',
    'Untyped.shape',
    'Untyped.generic',
    'Untyped.typeOnly',
    'Untyped.list',
    'Fields.fields',
    'Described.any',
    'Described.list',
  ]);
  expect(lines[0]).toBe(
    'Untyped.any: the type of body is unknown at run time, so it is documented as {} and sent unchecked. ' +
      'Fix: declare a class (not an interface, a union or an `import type`), or set the `type` or `schema` of @ApiBody().',
  );
  expect(lines).toContainEqual(expect.stringContaining('Fields.fields: the type of body.shape, body.list is unknown'));
});

it('a body that is taken twice is a problem', async () => {
  @CallbackController({ url: 'https://x.example' })
  class Twice {
    @Post('a') both(@Body() event: Event, @Body('id') id: string) {}
    @Post('b') wholes(@Body() event: Event, @Body() other: Other) {}
    @Post('c') names(@Body('id') id: string, @Body('id') same: string) {}
  }
  const problem = { code: 'several-bodies', linkedFrom: LINKED_FROM };
  expect(await problemsOf(Twice)).toMatchObject([
    {
      ...problem,
      place: 'Twice.both',
      message: 'It takes the whole body and its id, but a request has one body.',
    },
    { ...problem, place: 'Twice.wholes' },
    { ...problem, place: 'Twice.names' },
  ]);
});

describe('a return type that contains the reply', () => {
  class Later {
    // A promise of a library's own.
    // oxlint-disable-next-line unicorn/no-thenable
    then() {}
  }
  @CallbackController(URL)
  class Holding {
    @Post('a') observable(): Observable<Event> {
      return receiverReplies();
    }
    @Post('b') subject(): BehaviorSubject<Event> {
      return receiverReplies();
    }
    @Post('c') promise(): Promise<Event> {
      return receiverReplies();
    }
    @Post('d') later(): Later {
      return receiverReplies();
    }
    @Post('e') file(): StreamableFile {
      return receiverReplies();
    }
    @Post('f') generator(): AsyncGenerator<Event> {
      return receiverReplies();
    }
  }

  it('counts as no type', async () => {
    const document = await documentFor(Holding);
    const responses = Object.values(callbacksOf(document, 'POST /orders')).map(
      (callback) => Object.values(callback)[0]!['post']!['responses'],
    );
    expect(responses).toEqual(Array.from({ length: 6 }, () => ({ '2XX': { description: 'accepted' } })));
    expect(document.components?.schemas).toEqual({});
  });
});

it('headers that OpenAPI ignores are a problem, with the decorator to use instead', async () => {
  @CallbackController({ url: 'https://x.example' })
  class Ignored {
    @Get('a') accept(@Headers('accept') accept: string) {}
    @Post('b') @ApiHeader({ name: 'Content-Type' }) type(@Body() event: Event) {}
  }
  expect(await problemsOf(Ignored)).toEqual([
    {
      code: 'ignored-header',
      place: 'Ignored.accept',
      linkedFrom: LINKED_FROM,
      message: 'It declares the header accept, but OpenAPI ignores a parameter of this name in favour of media types.',
      fix: 'Remove the header, and declare the media types with @ApiProduces().',
    },
    expect.objectContaining({
      place: 'Ignored.type',
      fix: 'Remove the header, and declare the media types with @ApiConsumes().',
    }),
  ]);
});

it('all of these documents are valid', async () => {
  expect(documents).not.toEqual([]);
  expect(await findFaults(documents)).toBe('');
}, 120_000);
