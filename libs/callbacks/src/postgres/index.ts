export { postgresQueue } from './postgres-queue.js';
export type { PostgresConnection, PostgresPool, PostgresQueueOptions } from './postgres-queue.options.js';
export { postgresQueueSchema } from './schema.js';
