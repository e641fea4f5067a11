import { afterEach, expect, it } from '@jest/globals';
import { Controller, Get, Module, Post } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { ApiCallback } from '../decorators/api-callback.decorator.js';
import { CallbackController, receiverReplies } from '../decorators/callback-class.decorators.js';
import { linkedClassesIn, linkedMethodsIn } from './app-controllers.js';

@CallbackController('{$url}')
class Paid {
  @Post() paid(): void {
    return receiverReplies();
  }
}
@CallbackController('{$url}')
class Audited {
  @Post() audited(): void {
    return receiverReplies();
  }
}

@Controller('orders')
class Orders {
  @Post() @ApiCallback(Paid) @ApiCallback(Audited) create() {}
  @Get() list() {}
}
@ApiCallback(Audited)
@Controller('invoices')
class Invoices {
  @Post() create() {}
}
@Controller('health')
class Health {
  @Get() check() {}
}

@Module({ controllers: [Invoices, Health] })
class InvoicesModule {}
@Module({ imports: [InvoicesModule], controllers: [Orders] })
class AppModule {}

let app: INestApplicationContext | undefined;
afterEach(() => app?.close());

it('the linked methods of an app are those of all its modules, and its callback classes each once', async () => {
  app = await NestFactory.create(AppModule, { logger: false });
  const modules = app.get(ModulesContainer);
  const methods = linkedMethodsIn(modules).map(({ title, links }) => [title, links.map(({ callbacks }) => callbacks)]);
  expect(new Map(methods as [string, unknown][])).toEqual(
    new Map<string, unknown>([
      ['Orders.create', expect.arrayContaining([Paid, Audited])],
      ['Invoices.create', [Audited]],
    ]),
  );
  const classes = linkedClassesIn(modules);
  expect(classes).toHaveLength(2);
  expect(new Set(classes)).toEqual(new Set([Paid, Audited]));
});
