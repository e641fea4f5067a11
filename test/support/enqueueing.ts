import type { RequestListener } from 'node:http';
import { ConsoleLogger, Injectable, Module } from '@nestjs/common';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Callbacks, CallbacksModule, OnCallback } from 'nestjs-callbacks';
import type {
  CallbackAttemptFailed,
  CallbackDelivered,
  CallbackFailed,
  CallbacksModuleOptions,
} from 'nestjs-callbacks';
import { closing } from './closing.js';
import { createCertificate } from './create-certificate.js';
import { InvoicesController } from './invoices.js';
import { startReceiver } from './start-receiver.js';
import type { Receiver } from './start-receiver.js';

/** The events that a listener got. */
export type Told =
  | ['delivered', CallbackDelivered]
  | ['attemptFailed', CallbackAttemptFailed]
  | ['failed', CallbackFailed];

/** Listens to all events of callbacks. */
@Injectable()
export class Outcomes {
  readonly told: Told[] = [];

  @OnCallback('delivered')
  noteDelivery(event: CallbackDelivered) {
    this.told.push(['delivered', event]);
  }

  @OnCallback('attemptFailed')
  noteAttempt(event: CallbackAttemptFailed) {
    this.told.push(['attemptFailed', event]);
  }

  @OnCallback('failed')
  async noteFailure(event: CallbackFailed) {
    this.told.push(['failed', event]);
  }
}

/** Keeps the lines that the app logs. */
export class Lines extends ConsoleLogger {
  readonly lines: string[] = [];

  constructor() {
    super({ colors: false });
  }

  protected override printStackTrace(): void {}

  protected override printMessages(messages: unknown[], context?: string): void {
    for (const message of messages) this.lines.push(`[${context}] ${this.stringifyMessage(message, 'log')}`);
  }
}

export const event = { description: 'Payment celebration', paid: true };

export const ok: RequestListener = (_, response) =>
  response.setHeader('content-type', 'application/json').end('{"ok":true}');

export const replying =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end();

export const urlsAt = (receiver: Receiver) => ({ invoiceNotification: `${receiver.url}/invoices/2expen51ve` });

/** Replies with one listener after the other, and then always with the last one. */
export async function receiving(...listeners: RequestListener[]): Promise<Receiver> {
  const receiver = await startReceiver((request, response) => {
    const listener = listeners.length > 1 ? listeners.shift()! : listeners[0]!;
    listener(request, response);
  });
  return closing(receiver);
}

/** The same with TLS, and a certificate that nobody trusts. */
export async function receivingByTls(): Promise<Receiver> {
  return closing(await startReceiver(ok, await createCertificate('127.0.0.1')));
}

/** The options of an app, besides those of the module. */
interface AppMetadata extends ModuleMetadata {
  readonly logger?: ConsoleLogger;
}

/** An app that may call the receiver at this port, and retries at once. */
export async function create(
  port: number | undefined,
  options: CallbacksModuleOptions = {},
  { logger = new Lines(), imports = [], ...metadata }: AppMetadata = {
    controllers: [InvoicesController],
    providers: [Outcomes],
  },
): Promise<INestApplication> {
  const ports = port === undefined ? [] : [port];
  const egress = { allow: ['127.0.0.1'], ports, http: true };
  const retry = { schedule: [20, 20], jitter: 0 };
  @Module({ imports: [CallbacksModule.forRoot({ egress, retry, ...options }), ...imports], ...metadata })
  class TestModule {}
  return NestFactory.create(TestModule, { abortOnError: false, logger });
}

/** The same, started. `closeAll()` closes it. */
export async function start(port: number | undefined, options?: CallbacksModuleOptions, given?: AppMetadata) {
  const logger = given?.logger ?? new Lines();
  const metadata = given ?? { controllers: [InvoicesController], providers: [Outcomes] };
  const app = closing(await create(port, options, { ...metadata, logger }));
  await app.init();
  return {
    app,
    callbacks: app.get(Callbacks),
    outcomes: metadata.providers?.includes(Outcomes) ? app.get(Outcomes) : new Outcomes(),
    lines: logger instanceof Lines ? logger.lines : [],
  };
}
