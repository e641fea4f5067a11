/** The configuration of this example, from environment variables. */
export const configuration = {
  port: Number(process.env['PORT'] ?? 3000),
  receiverPort: Number(process.env['RECEIVER_PORT'] ?? 3001),
  database: process.env['DATABASE'] ?? 'invoices.db',
  /** If it is set, callbacks wait in this Redis instead of in the database: `redis://localhost:6379`. */
  redisUrl: process.env['REDIS_URL'],
  /** Whether the page that shows all callbacks is served. */
  isDevelopment: process.env['NODE_ENV'] !== 'production',
  /** For development only, since everybody can read this file. */
  webhookSecret: process.env['WEBHOOK_SECRET'] ?? 'whsec_ZGV2ZWxvcG1lbnQtb25seS1zZWNyZXQtMTIz',
};
