import { afterEach, describe, expect, it } from '@jest/globals';
import { ValidationPipe } from '@nestjs/common';
import { closeAll } from '../support/closing.js';
import { closeApps, PLATFORMS } from '../support/create-app.js';
import { post, scene } from '../support/orders.js';

afterEach(async () => {
  await closeApps();
  await closeAll();
});

describe.each(PLATFORMS)('@CallbackUrls() on %s is the same behind a global ValidationPipe', (platform) => {
  it.each([
    { validateCustomDecorators: true },
    { validateCustomDecorators: true, transform: true },
    { validateCustomDecorators: true, whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true },
    { whitelist: true, forbidNonWhitelisted: true, transform: true },
  ])('with %j', async (options) => {
    const { app, base } = await scene({}, platform);
    app.useGlobalPipes(new ValidationPipe(options));
    const query = `callback_url=${encodeURIComponent(base)}`;
    const { status, body } = await post(app, query, { id: 'a/1' });
    expect({ status, body }).toMatchObject({ status: 201, body: { ping: base } });
    expect(await post(app, 'callback_url=ftp%3A%2F%2Fx.example', { id: 'a/1' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('the query parameter callback_url') },
    });
  });
});
