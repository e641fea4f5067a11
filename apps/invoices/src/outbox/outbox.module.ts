import { Module } from '@nestjs/common';
import { Callbacks } from 'nestjs-callbacks';
import type { CallbackQueue } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { configuration } from '../configuration.js';
import { database } from '../database.js';
import { Outbox } from './outbox.js';
import { SqliteOutbox } from './sqlite.outbox.js';
import { TableOutbox } from './table.outbox.js';

const { redisUrl } = configuration;
const sqlite = sqliteQueue({ database });

/** Selects where callbacks wait: in the app's own database or in Redis. Only the selected outbox is loaded. */
export const queue: CallbackQueue =
  redisUrl === undefined ? sqlite : (await import('nestjs-callbacks/bullmq')).bullmqQueue({ connection: redisUrl });

@Module({
  providers: [
    {
      provide: Outbox,
      useFactory: (callbacks: Callbacks) => (queue === sqlite ? new SqliteOutbox(sqlite) : new TableOutbox(callbacks)),
      inject: [Callbacks],
    },
  ],
  exports: [Outbox],
})
export class OutboxModule {}
