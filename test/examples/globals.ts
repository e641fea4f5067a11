import type * as common from '@nestjs/common';
import type * as swagger from '@nestjs/swagger';
import type libsql from 'libsql';
import type * as library from 'nestjs-callbacks';
import type * as sqlite from 'nestjs-callbacks/sqlite';
import type * as bullmq from 'nestjs-callbacks/bullmq';
import type * as postgres from 'nestjs-callbacks/postgres';
import type * as board from 'nestjs-callbacks/bull-board';
import type { Pool } from 'pg';
import type * as testing from 'nestjs-callbacks/testing';

/**
 * The context of the examples in docstrings: the imports that they leave out, and their invoices. An example's own
 * declarations take precedence. The examples of the guides have their own imports.
 */
declare global {
  const Body: typeof common.Body;
  const Controller: typeof common.Controller;
  const Injectable: typeof common.Injectable;
  const Module: typeof common.Module;
  const Post: typeof common.Post;
  const Query: typeof common.Query;
  const UnprocessableEntityException: typeof common.UnprocessableEntityException;

  const DocumentBuilder: typeof swagger.DocumentBuilder;
  const SwaggerModule: typeof swagger.SwaggerModule;

  const ApiCallback: typeof library.ApiCallback;
  const CallbackController: typeof library.CallbackController;
  const CallbackDocumentError: typeof library.CallbackDocumentError;
  const CallbackError: typeof library.CallbackError;
  const CallbackOutbox: typeof library.CallbackOutbox;
  const CallbacksModule: typeof library.CallbacksModule;
  const isCallbackError: typeof library.isCallbackError;
  const receiverDocument: typeof library.receiverDocument;
  const receiverReplies: typeof library.receiverReplies;
  const Callbacks: typeof library.Callbacks;
  type Callbacks = library.Callbacks;
  const CallbackContractError: typeof library.CallbackContractError;
  const CallbackReplyError: typeof library.CallbackReplyError;
  const CallbacksBoardAdapter: typeof board.CallbacksBoardAdapter;
  const CallbackReceiver: typeof testing.CallbackReceiver;
  const CallbackUrls: typeof library.CallbackUrls;
  type CallbackDelivered = library.CallbackDelivered;
  type CallbackUrlError = library.CallbackUrlError;
  const OnCallback: typeof library.OnCallback;
  const deliveryOf: typeof library.deliveryOf;
  const memoryQueue: typeof library.memoryQueue;
  const bullmqQueue: typeof bullmq.bullmqQueue;
  const postgresQueue: typeof postgres.postgresQueue;
  const postgresQueueSchema: typeof postgres.postgresQueueSchema;
  type CallbackUrls<T extends object> = library.CallbackUrls<T>;
  const WebhookController: typeof library.WebhookController;
  const withCallbacks: typeof library.withCallbacks;

  class Invoice {
    id: string;
    title?: string;
    customer: string;
    total: number;
  }
  class CreateInvoiceQuery {
    callback_url?: string;
  }
  class InvoiceEvent {
    description: string;
    paid: boolean;
  }
  class InvoiceEventReceived {
    ok: boolean;
  }
  class InvoiceCallbacks {
    invoiceNotification(event: InvoiceEvent): InvoiceEventReceived;
  }
  class InvoiceWebhooks {
    invoicePaid(event: InvoiceEvent): InvoiceEventReceived;
  }
  class InvoicesController {}

  const callbacks: library.Callbacks;
  function test(name: string, run: () => Promise<void>): void;
  const callbackQueueTests: typeof testing.callbackQueueTests;
  const Database: typeof libsql;
  const sqliteQueue: typeof sqlite.sqliteQueue;
  const fromDrizzle: typeof postgres.fromDrizzle;
  const fromKysely: typeof postgres.fromKysely;
  const fromPg: typeof postgres.fromPg;
  const fromPrisma: typeof postgres.fromPrisma;
  const fromTypeOrm: typeof postgres.fromTypeOrm;
  const pool: Pool;
  /** The parts of each library that the examples use. test/tools runs the guides with the libraries themselves. */
  const dataSource: Transactional<
    postgres.TypeOrmManager & { query(sql: string, values: unknown[]): Promise<unknown> }
  >;
  const prisma: {
    $transaction(
      run: (
        tx: postgres.PrismaTransaction & { invoice: { update(change: object): Promise<unknown> } },
      ) => Promise<void>,
    ): Promise<void>;
  };
  const drizzle: Transactional<postgres.DrizzleTransaction & { execute(sql: string): Promise<unknown> }>;
  const kysely: {
    transaction(): { execute(run: (trx: postgres.KyselyTransaction & Updating) => Promise<void>): Promise<void> };
  };
  const urls: library.CallbackUrls<InvoiceCallbacks>;
  const event: InvoiceEvent;

  const app: common.INestApplication;
  const document: swagger.OpenAPIObject;
}

interface Transactional<Transaction> {
  transaction(run: (transaction: Transaction) => Promise<void>): Promise<void>;
}

interface Updating {
  updateTable(table: string): this;
  set(values: object): this;
  where(column: string, operator: string, value: string): this;
  execute(): Promise<unknown>;
}
