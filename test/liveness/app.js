/** An app with one callback class, for the programs of this folder. It runs the built package, as a user's app would. */
import { createServer } from 'node:http';
import { Body, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CallbackController, Callbacks, CallbacksModule } from 'nestjs-callbacks';

export class NumberCallbacks {
  numbered() {}
}
Body()(NumberCallbacks.prototype, 'numbered', 0);
Post()(NumberCallbacks.prototype, 'numbered', Object.getOwnPropertyDescriptor(NumberCallbacks.prototype, 'numbered'));
CallbackController('{$request.body#/url}')(NumberCallbacks);

/** Starts the app, which may call the loopback addresses on these ports. */
export async function startApp(ports, options = {}, providers = []) {
  class AppModule {}
  const egress = { allow: ['127.0.0.0/8'], ports, http: true };
  Module({ imports: [CallbacksModule.forRoot({ egress, ...options })], providers })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return app.get(Callbacks);
}

/** Starts a receiver that notes the numbers it is sent. */
export async function startReceiver() {
  const numbers = new Set();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    numbers.add(JSON.parse(body).number);
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, numbers };
}

/** Waits until something is so, and gives up after a minute, or after `patience` ms. */
export async function until(isSo, patience = 60_000) {
  const end = Date.now() + patience;
  while (!(await isSo()) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  return isSo();
}

/** Ends the program with what it has found out, as one line of JSON. */
export function finish(found) {
  process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
}
