import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Headers, HttpCode, Post, Put, Query } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiCallbacks,
  ApiConsumes,
  ApiExtension,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiProperty,
  ApiPropertyOptional,
  ApiQuery,
  ApiResponse,
  ApiSecurity,
  ApiTags,
  getSchemaPath,
  OmitType,
  PartialType,
} from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiCallback, CallbackController, receiverReplies } from 'nestjs-callbacks';
import { z } from 'zod';
import { closeApps, createApp, createDocument, documentOf, PLATFORMS } from '../support/create-app.js';
import type { DocumentOptions, Platform } from '../support/create-app.js';
import { callbacksOf, findOperation } from '../support/find-operation.js';
import { findFaults } from '../support/validate-documents.js';

afterEach(closeApps);

const documents: OpenAPIObject[] = [];

enum Status {
  Paid = 'paid',
  Late = 'late',
}

class Address {
  @ApiProperty() city!: string;
}

class Cat {
  @ApiProperty() kind!: string;
  @ApiProperty() lives!: number;
}

class Dog {
  @ApiProperty() kind!: string;
  @ApiProperty() bark!: string;
}

class Event {
  @ApiProperty() id!: string;
  @ApiProperty({ enum: Status, enumName: 'Status' }) status!: Status;
  @ApiProperty({ type: () => Address }) address!: Address;
  @ApiProperty({ type: [Address] }) others!: Address[];
  @ApiPropertyOptional({ nullable: true, type: String }) note!: string | null;
  @ApiProperty({ oneOf: [{ $ref: getSchemaPath(Cat) }, { $ref: getSchemaPath(Dog) }] }) pet!: Cat | Dog;
}

class EventPatch extends PartialType(OmitType(Event, ['pet'] as const)) {}

class Filter {
  @ApiPropertyOptional({ minimum: 1 }) limit?: number;
  @ApiProperty({ enum: Status }) status!: Status;
}

function pageOf<T>(Item: Type<T>) {
  class Page {
    @ApiProperty({ type: [Item] }) items!: T[];
  }
  Object.defineProperty(Page, 'name', { value: `${Item.name}Page` });
  return Page;
}

const AddressPage = pageOf(Address);

const received = z.object({ ok: z.boolean() });

/** Every decorator of @nestjs/swagger that says something of an operation. */
class Operations {
  @Post('a')
  @ApiTags('receivers')
  @ApiOperation({
    summary: 'Told',
    description: 'At **once**.',
    deprecated: true,
    externalDocs: { url: 'https://x.example' },
  })
  @ApiExtension('x-retries', 8)
  @ApiExtraModels(Cat, Dog)
  @ApiOkResponse({ type: AddressPage, description: 'all', headers: { 'x-rate': { schema: { type: 'integer' } } } })
  @ApiResponse({ status: '4XX', description: 'wrong' })
  @ApiResponse({ status: 503, description: 'later' })
  all(
    @Body() event: Event,
    @Query() filter: Filter,
    @Query('page') page: number,
    @Headers('x-trace') trace: string,
  ): void {
    return receiverReplies(event, filter, page, trace);
  }

  @Put('b')
  @ApiHeader({ name: 'x-signature', description: 'of the body', required: true })
  @ApiQuery({ name: 'since', required: false, type: Date })
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiProduces('text/plain')
  @ApiOkResponse({ type: String })
  @ApiSecurity('receiver', ['events'])
  @HttpCode(200)
  media(@Body() patch: EventPatch): void {
    return receiverReplies(patch);
  }

  @Get('c')
  @ApiBearerAuth()
  ping(): void {
    return receiverReplies();
  }

  @Post('d')
  @ApiBody({ schema: { type: 'object' }, examples: { one: { value: { a: 1 } } } })
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'string' } } })
  literal(@Body() body: unknown): void {
    return receiverReplies(body);
  }

  @Post('e')
  @ApiResponse({ status: 200, standardSchema: received, description: 'read' } as never)
  schema(@Body({ schema: z.object({ id: z.string(), count: z.number().int() }) }) body: { id: string }): void {
    return receiverReplies(body);
  }
}

const CONVERTER: DocumentOptions['create'] = {
  standardSchemaConverter: (schema) => ({ schema: z.toJSONSchema(schema as z.ZodType, { target: 'openapi-3.0' }) }),
};

/** The operations of a class once as @nestjs/swagger documents them mounted, and once as callbacks. */
async function bothWays(Class: Type<object>, options: DocumentOptions, platform: Platform) {
  const Mounted = class extends Class {};
  Object.defineProperty(Mounted, 'name', { value: Class.name });
  Controller()(Mounted);
  const Linked = class extends Class {};
  Object.defineProperty(Linked, 'name', { value: Class.name });
  CallbackController('https://receiver.example')(Linked);
  class Orders {
    create() {}
  }
  const create = Object.getOwnPropertyDescriptor(Orders.prototype, 'create')!;
  Post()(Orders.prototype, 'create', create);
  ApiCallback(Linked)(Orders.prototype, 'create', create);
  Controller('orders')(Orders);

  const configure: DocumentOptions['configure'] = (builder) =>
    builder.addBearerAuth().addSecurity('receiver', {
      type: 'oauth2',
      flows: { implicit: { authorizationUrl: 'https://x.example', scopes: { events: '' } } },
    });
  const mounted = createDocument(await createApp({ controllers: [Mounted] }, platform), {
    ...options,
    configure,
    create: { ...options.create, autoTagControllers: false },
  });
  const linked = documentOf(await createApp({ controllers: [Orders] }, platform), { ...options, configure });
  return { mounted, linked };
}

describe.each(PLATFORMS)('on %s', (platform) => {
  it.each(['3.0.0', '3.1.0', '3.2.0'])(
    'every operation is as @nestjs/swagger writes it, in OpenAPI %s',
    async (openapi) => {
      const { mounted, linked } = await bothWays(Operations, { openapi, create: CONVERTER }, platform);
      documents.push(linked);
      const callbacks = callbacksOf(linked, 'POST /orders');
      expect(Object.keys(callbacks)).toEqual(['all', 'media', 'ping', 'literal', 'schema']);
      for (const [name, callback] of Object.entries(callbacks)) {
        const [url, item] = Object.entries(callback)[0]!;
        const [method, operation] = Object.entries(item)[0]!;
        const expected = findOperation(
          mounted,
          `${method.toUpperCase()} ${url.replace('https://receiver.example', '')}`,
        );
        // The rules of callbacks do not apply to a mounted controller: it has no security, and a reply without a type.
        const { responses, security = [], ...rest } = expected;
        expect({ name, ...operation }).toMatchObject({ name, ...rest, security });
        if (!JSON.stringify(responses).includes('"description":""}')) expect(operation['responses']).toEqual(responses);
      }
      expect(linked.components?.schemas).toEqual(mounted.components?.schemas);
    },
  );
});

it('operationIds come from the factory of the caller', async () => {
  const operationIdFactory = (controller: string, method: string) => `${controller}-${method}`;
  const { linked } = await bothWays(Operations, { create: { ...CONVERTER, operationIdFactory } }, 'express');
  const ids = Object.values(callbacksOf(linked, 'POST /orders')).map((callback) => {
    const operation = Object.values(Object.values(callback)[0]!)[0]!;
    return operation['operationId'];
  });
  expect(ids).toEqual([
    'Operations-all',
    'Operations-media',
    'Operations-ping',
    'Operations-literal',
    'Operations-schema',
  ]);
});

it('operationIds stay unique if the factory gives the same one to several classes', async () => {
  const { linked } = await bothWays(
    Operations,
    { create: { ...CONVERTER, operationIdFactory: () => 'same' } },
    'express',
  );
  documents.push(linked);
  const ids = [...JSON.stringify(linked).matchAll(/"operationId":"(.*?)"/g)].map(([, id]) => id);
  expect(ids.toSorted()).toEqual(['same', 'same_2', 'same_3', 'same_4', 'same_5', 'same_6']);
});

describe('several callbacks under one name', () => {
  @CallbackController({ url: '{$request.query.callback_url}', name: 'payments' })
  class Payments {
    @Post('paid') paid(@Body() event: Address): void {
      return receiverReplies(event);
    }
    @Put('paid') corrected(@Body() event: Address): void {
      return receiverReplies(event);
    }
    @Post('refunded?reason={$request.body#/reason}') refunded(): void {
      return receiverReplies();
    }
    @Post() ping(): void {
      return receiverReplies();
    }
  }
  @CallbackController()
  class Fixed {
    @Post('https://audit.example/log') audited(): void {
      return receiverReplies();
    }
    @Post('{$request.header.X-Audit-Url}') auditedElsewhere(): void {
      return receiverReplies();
    }
  }
  @Controller('orders')
  class Orders {
    @Post()
    @ApiHeader({ name: 'x-audit-url' })
    @ApiCallback(Payments)
    @ApiCallback(Fixed, { name: 'payments' })
    @ApiCallbacks({
      name: 'payments',
      callbackUrl: '{$request.query.callback_url}/own',
      method: 'post',
      requestBody: { type: Address },
      expectedResponse: { status: 200 },
    })
    create(@Query('callback_url') url: string, @Body() order: object) {}
  }

  it('keep all their URLs and methods, those of @ApiCallbacks() first', async () => {
    const document = documentOf(await createApp({ controllers: [Orders] }));
    documents.push(document);
    const { payments, ...others } = callbacksOf(document, 'POST /orders');
    expect(others).toEqual({});
    expect(Object.entries(payments!).map(([url, item]) => [url, Object.keys(item)])).toEqual([
      ['{$request.query.callback_url}/own', ['post']],
      ['{$request.query.callback_url}/paid', ['post', 'put']],
      ['{$request.query.callback_url}/refunded?reason={$request.body#/reason}', ['post']],
      ['{$request.query.callback_url}', ['post']],
      ['https://audit.example/log', ['post']],
      ['{$request.header.X-Audit-Url}', ['post']],
    ]);
  });
});

it('all of these documents are valid', async () => {
  expect(documents).not.toEqual([]);
  expect(await findFaults(documents)).toBe('');
});
