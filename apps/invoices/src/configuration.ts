/** What the environment says of this example. */
export const configuration = {
  port: Number(process.env['PORT'] ?? 3000),
  receiverPort: Number(process.env['RECEIVER_PORT'] ?? 3001),
  database: process.env['DATABASE'] ?? 'invoices.db',
  /** Where it is set, callbacks wait in this Redis instead of in the database: `redis://localhost:6379`. */
  redisUrl: process.env['REDIS_URL'],
  /** Whether pages are open that show everything. */
  isDevelopment: process.env['NODE_ENV'] !== 'production',
  /** Known to everybody who reads this file: good for development only. */
  webhookSecret: process.env['WEBHOOK_SECRET'] ?? 'whsec_ZGV2ZWxvcG1lbnQtb25seS1zZWNyZXQtMTIz',
};
