import { afterEach, expect, it, jest } from '@jest/globals';
import { Controller, Logger, Post, Query } from '@nestjs/common';
import { ApiCallback, CallbacksModule, CallbackUrls, Callbacks, CallbackController } from 'nestjs-callbacks';
import { closeApps, createApp } from '../support/create-app.js';

afterEach(async () => {
  jest.restoreAllMocks();
  await closeApps();
});

@CallbackController('{$request.query.callback_url}')
class Told {
  @Post() told() {}
}
@Controller('orders')
class Orders {
  @Post()
  @ApiCallback(Told)
  create(@Query('callback_url') url: string, @CallbackUrls(Told) urls: CallbackUrls<Told>) {
    return urls;
  }
}
const NOT_SET_UP = 'nestjs-callbacks is not set up. Fix: import CallbacksModule.forRoot() in the root module';

it('an app without CallbacksModule gets an error with the import', async () => {
  await expect(createApp({ controllers: [Orders] })).rejects.toThrow(NOT_SET_UP);
  await expect(createApp({ providers: [Callbacks] })).rejects.toThrow(NOT_SET_UP);
});

it('an app that imports it without forRoot() gets an error with the call', async () => {
  await expect(createApp({ imports: [CallbacksModule] })).rejects.toThrow(
    'CallbacksModule has no options. Fix: import CallbacksModule.forRoot() instead of CallbacksModule',
  );
});

it.each(['development', 'production'])(
  'a refused URL is logged with the whole option, unless in production: %s',
  async (mode) => {
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = mode;
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    try {
      const app = await createApp({ imports: [CallbacksModule.forRoot()], controllers: [Orders] });
      await app.listen(0, '127.0.0.1');
      const url = `${await app.getUrl()}/orders?callback_url=http://127.0.0.1:3001/events`;
      expect((await fetch(url, { method: 'POST' })).status).toBe(400);
      const lines = warn.mock.calls
        .map(([line]) => String(line))
        .filter((line) => line.includes('A callback URL was rejected'));
      expect(lines).toEqual(
        mode === 'production'
          ? []
          : [
              "A callback URL was rejected: the query parameter callback_url: its scheme is not https:. Fix: If 127.0.0.1:3001 is meant, set CallbacksModule.forRoot({ egress: { allow: ['127.0.0.1'], ports: [3001], http: true } }).",
            ],
      );
    } finally {
      process.env['NODE_ENV'] = before;
    }
  },
);
