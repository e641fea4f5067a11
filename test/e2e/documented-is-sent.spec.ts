import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, ConsoleLogger, Controller, Module, Post } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiBody, ApiConsumes, ApiProperty, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import fc from 'fast-check';
import {
  ApiCallback,
  CallbackContractError,
  CallbackController,
  Callbacks,
  CallbacksModule,
  receiverReplies,
} from 'nestjs-callbacks';
import type { CallbacksModuleOptions } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { closeAll, closing } from '../support/closing.js';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
import { failure } from '../support/failure.js';
import { buildModel, MODELS } from '../support/generated-models.js';
import { startReceiver } from '../support/start-receiver.js';
import type { Receiver } from '../support/start-receiver.js';

afterEach(async () => {
  await closeApps();
  await closeAll();
});

/** A callback class whose one method takes a body of this class, and a controller that links it. */
function callbackOf(type: Type<object>) {
  class ModelCallbacks {
    changed(body: object): void {
      receiverReplies(body);
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(ModelCallbacks.prototype, 'changed')!;
  Reflect.defineMetadata('design:paramtypes', [type], ModelCallbacks.prototype, 'changed');
  Body()(ModelCallbacks.prototype, 'changed', 0);
  Post()(ModelCallbacks.prototype, 'changed', descriptor);
  CallbackController('https://x.example/hook')(ModelCallbacks);
  @Controller()
  class Models {
    @Post() @ApiCallback(ModelCallbacks) create() {}
  }
  return { ModelCallbacks, Models };
}

function egressTo({ port }: Receiver): NonNullable<CallbacksModuleOptions['egress']> {
  return { allow: ['127.0.0.1'], ports: [port], http: true };
}

/** What the test reads of a schema. */
interface Schema {
  readonly $ref?: string;
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

/** What the test reads of an operation. */
interface Written {
  readonly requestBody: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** Compares the properties of a sent body with those of its schema, at every depth. */
function expectShown(document: OpenAPIObject, schema: Schema, value: unknown): void {
  const { $ref, oneOf, allOf, items, properties, additionalProperties } = schema;
  if ($ref !== undefined) {
    return expectShown(document, document.components!.schemas![$ref.split('/').at(-1)!] as Schema, value);
  }
  const [alternative] = oneOf ?? allOf ?? [];
  if (alternative) return expectShown(document, alternative, value);
  if (items) return (value as unknown[]).forEach((item) => expectShown(document, items, item));
  const parts = Object(value) as Record<string, unknown>;
  if (properties) {
    expect(Object.keys(parts).toSorted()).toEqual(Object.keys(properties).toSorted());
    for (const [name, inner] of Object.entries(properties)) expectShown(document, inner, parts[name]);
  } else if (typeof additionalProperties === 'object') {
    for (const item of Object.values(parts)) expectShown(document, additionalProperties, item);
  } else if (additionalProperties === true) {
    expect(Object.keys(parts)).toContain('passwordHash');
  }
}

it('requests have exactly the documented properties', async () => {
  const receiver = closing(await startReceiver());
  await fc.assert(
    fc.asyncProperty(MODELS, fc.boolean(), async (spec, isInstance) => {
      const { Class, value } = buildModel(spec, isInstance);
      const { ModelCallbacks, Models } = callbackOf(Class);
      const imports = [CallbacksModule.forRoot({ egress: egressTo(receiver) })];
      const app = await createApp({ imports, controllers: [Models] });
      const document = documentOf(app);
      const callbacks = document.paths['/']!.post!.callbacks as Record<string, Record<string, { post: Written }>>;
      const operation = callbacks['changed']!['https://x.example/hook']!.post;
      await app.get(Callbacks).send(ModelCallbacks, { changed: receiver.url }).changed(value);
      const sent = JSON.parse(receiver.requests.at(-1)!.body.toString()) as unknown;
      expectShown(document, operation.requestBody.content['application/json']!.schema, sent);
      await closeApps();
    }),
    { numRuns: 40 },
  );
}, 120_000);

class Documented {
  @ApiProperty() @IsString() text!: string;
}
/** What an ORM gives: more than the model of the callback. */
class Entity extends Documented {
  passwordHash = 'secret';
}

describe('undeclaredProperties', () => {
  async function scene(type: Type<object>, options: CallbacksModuleOptions = {}) {
    const receiver = closing(await startReceiver());
    const { ModelCallbacks, Models } = callbackOf(type);
    const lines: string[] = [];
    class Lines extends ConsoleLogger {
      protected override printMessages(messages: unknown[], context = '', level = ''): void {
        if (level === 'warn') lines.push(...messages.map((message) => `[${context}] ${String(message)}`));
      }
    }
    const imports = [CallbacksModule.forRoot({ egress: egressTo(receiver), ...options })];
    @Module({ imports, controllers: [Models] })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: new Lines(), abortOnError: false });
    closing({ close: () => app.close() });
    const callbacks = app.get(Callbacks);
    const client = callbacks.send(ModelCallbacks, { changed: receiver.url });
    return { app, client, receiver, lines: () => lines.filter((line) => !line.includes('MemoryQueue')) };
  }
  const entity = Object.assign(new Entity(), { text: 'a' });

  it("is 'remove' by default, and warns once", async () => {
    const { client, receiver, lines } = await scene(Documented);
    await client.changed(entity);
    await client.changed({ text: 'a', passwordHash: 'secret' });
    expect(receiver.requests.map(({ body }) => body.toString())).toEqual(['{"text":"a"}', '{"text":"a"}']);
    expect(lines()).toEqual([
      expect.stringContaining(
        '[Callbacks] ModelCallbacks.changed is sent without "passwordHash": Documented does not declare it. Fix: ',
      ),
    ]);
  });

  it("rejects them and sends nothing if it is 'error'", async () => {
    const { client, receiver } = await scene(Documented, { undeclaredProperties: 'error' });
    const error = await failure(client.changed(entity), CallbackContractError);
    expect(error.issues).toMatchObject([{ path: 'passwordHash' }]);
    expect(receiver.requests).toEqual([]);
  });

  it("sends them if it is 'send'", async () => {
    const { client, receiver } = await scene(Documented, { undeclaredProperties: 'send' });
    await client.changed(entity);
    expect(JSON.parse(receiver.requests[0]!.body.toString())).toEqual({ text: 'a', passwordHash: 'secret' });
  });

  it('cannot be anything else', () => {
    const wrong = { undeclaredProperties: 'strip' } as never;
    expect(() => CallbacksModule.forRoot(wrong)).toThrow(
      "The option `undeclaredProperties` of CallbacksModule must be 'remove', 'error' or 'send'.",
    );
  });

  it('does not change a class without declarations: the start of the app warns about it, and about a nested one', async () => {
    class Unknown {
      text?: string;
    }
    class Outer {
      @ApiProperty() inner!: Unknown;
    }
    const { client, receiver, app, lines } = await scene(Outer);
    await app.init();
    const warning = (name: string) =>
      `[Callbacks] ModelCallbacks.changed sends ${name}, which has no declared properties: it is neither documented nor checked, and sent whole. Fix: `;
    expect(lines()).toEqual([expect.stringContaining(warning('Unknown'))]);
    await client.changed({ inner: { text: 'a', more: 1 } });
    expect(receiver.requests[0]!.body.toString()).toBe('{"inner":{"text":"a","more":1}}');
  });

  it('knows what SwaggerModule.loadPluginMetadata() loads', async () => {
    class OfPlugin {}
    const { client, receiver } = await scene(OfPlugin);
    await client.changed({ text: 'a', more: 1 });
    const models = [[Promise.resolve({ OfPlugin }), { OfPlugin: { text: { required: true, type: () => String } } }]];
    await SwaggerModule.loadPluginMetadata(async () => ({ '@nestjs/swagger': { models } }) as never);
    await client.changed({ text: 'a', more: 1 });
    expect(receiver.requests.map(({ body }) => body.toString())).toEqual(['{"text":"a","more":1}', '{"text":"a"}']);
  });
});

describe('a body of another media type', () => {
  @CallbackController('{$request.query.callback_url}')
  class FileCallbacks {
    @Post('xml') @ApiConsumes('application/xml') xml(@Body() body: string): void {
      receiverReplies(body);
    }
    @Post('file')
    @ApiConsumes('application/octet-stream')
    @ApiBody({ schema: { type: 'string', format: 'binary' } })
    file(@Body() body: Buffer): void {
      receiverReplies(body);
    }
  }
  const bytes = Buffer.from([0, 0xff, 0x80, 0x0a]);

  it.each(['send', 'enqueue'] as const)('is sent unchanged by %s(), and signed', async (way) => {
    const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    const receiver = closing(await CallbackReceiver.listen(FileCallbacks, { secret }));
    const options = { egress: receiver.egress, signing: { secret } };
    const app = await createApp({ imports: [CallbacksModule.forRoot(options)] });
    await app.init();
    const urls = { xml: `${receiver.url}/xml`, file: `${receiver.url}/file` };
    const client = app.get(Callbacks)[way](FileCallbacks, urls);
    await client.xml('<paid/>');
    expect((await receiver.next('xml')).args).toEqual(['<paid/>']);
    await client.file(bytes);
    expect((await receiver.next('file')).args).toEqual([bytes]);
  });
});
