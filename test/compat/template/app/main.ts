import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { callBack } from './call-back.js';
import { createAdapter } from './create-adapter.js';
import { documentOf } from './document-of.js';
import { startReceiver } from './start-receiver.js';

async function main() {
  const receiver = await startReceiver();
  const app = await NestFactory.create(AppModule.with({ egress: receiver.egress }), createAdapter(), {
    logger: ['error', 'fatal'],
  });
  console.log(JSON.stringify({ ...(await documentOf(app)), ...(await callBack(app, receiver)) }));
  await app.close();
  receiver.close();
}

void main();
