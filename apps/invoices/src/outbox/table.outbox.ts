import { CallbackOutbox } from 'nestjs-callbacks';
import type { Callbacks, PreparedCallback } from 'nestjs-callbacks';
import { database } from '../database.js';
import type { Outbox } from './outbox.js';

/** For a queue elsewhere: callbacks wait in a table until the queue holds them. */
export class TableOutbox extends CallbackOutbox<number> implements Outbox {
  constructor(callbacks: Callbacks) {
    super(callbacks);
    database.exec(`
      CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, delivery TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS refused_callbacks (delivery TEXT NOT NULL, reason TEXT NOT NULL) STRICT`);
  }

  save(delivery: PreparedCallback): void {
    database.prepare('INSERT INTO outbox (delivery) VALUES (?)').run(JSON.stringify(delivery));
  }

  pending(limit: number) {
    const rows = database.prepare('SELECT number AS id, delivery FROM outbox ORDER BY number LIMIT ?').all(limit);
    return rows as { id: number; delivery: string }[];
  }

  settled(id: number): void {
    database.prepare('DELETE FROM outbox WHERE number = ?').run(id);
  }

  refused(id: number, reason: string): void {
    database.transaction(() => {
      const keep = 'INSERT INTO refused_callbacks (delivery, reason) SELECT delivery, ? FROM outbox WHERE number = ?';
      database.prepare(keep).run(reason, id);
      this.settled(id);
    })();
  }
}
