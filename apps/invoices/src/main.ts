import { randomBytes } from 'node:crypto';
import { createBullBoard } from '@bull-board/api';
import { ExpressAdapter } from '@bull-board/express';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Callbacks, receiverDocument, withCallbacks } from 'nestjs-callbacks';
import { CallbacksBoardAdapter } from 'nestjs-callbacks/bull-board';
import { AppModule } from './app.module.js';
import { configuration } from './configuration.js';

const app = await NestFactory.create(AppModule, { logger: ['warn', 'error', 'fatal'] });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
app.enableShutdownHooks();

const config = new DocumentBuilder()
  .setTitle('Invoices')
  .setDescription(
    'Create an invoice, and receive a callback once it is paid. [The API that your server must implement](/docs/receiver).',
  )
  .setVersion('1.0')
  .setLicense('MIT', 'https://opensource.org/license/mit')
  .addServer('/')
  .build();
// Documents that no operation needs credentials.
const document = SwaggerModule.createDocument(app, { ...config, security: [] });
const api = withCallbacks(app, document, { mention: true });
SwaggerModule.setup('docs', app, api);

const receiver = receiverDocument(api);
// A path without signatures, so that "Try it out" needs no secret.
const rehearsal = {
  url: `http://localhost:${configuration.receiverPort}/rehearsal`,
  description: 'The receiver of this example. It checks no signature at this path.',
};
SwaggerModule.setup('docs/receiver', app, { ...receiver, servers: [rehearsal, ...(receiver.servers ?? [])] });

// This page shows all callbacks and can send them again: protect it in production.
if (configuration.isDevelopment) {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath('/admin/board');
  createBullBoard({ queues: [new CallbacksBoardAdapter(app.get(Callbacks))], serverAdapter });
  app.use('/admin/board', serverAdapter.getRouter());
}

await app.listen(configuration.port);
const url = (await app.getUrl()).replace('[::1]', 'localhost');
const callbackUrl = `http://localhost:${configuration.receiverPort}/events`;
const id = randomBytes(4).toString('hex');
const invoice = JSON.stringify({ id, customer: 'Mr. Richie Rich', total: 9999 });
console.log(`The invoices API listens on ${url}

  Swagger UI     ${url}/docs
  for receivers  ${url}/docs/receiver, their secret is ${configuration.webhookSecret}
  The document   ${url}/docs-json, /docs-yaml and /docs/receiver-json
  All callbacks  ${url}/admin/board

Create an invoice, record its payment, and read the state of the callback, with every attempt:

  curl -X POST '${url}/invoices?callback_url=${callbackUrl}' -H 'content-type: application/json' -d '${invoice}'
  curl -X POST '${url}/invoices/${id}/payment'
  curl '${url}/invoices/${id}/callback'
`);
