import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { CallbackUrls } from 'nestjs-callbacks';
import { database } from '../database.js';
import type { InvoiceCallbacks } from './invoice.callbacks.js';
import type { Invoice, InvoiceNotification, StoredInvoice } from './invoice.dto.js';

interface InvoiceRow {
  id: string;
  title: string | null;
  customer: string;
  total: number;
  paid: number;
  callback_urls: string;
  notification: string | null;
}

/** The invoices in a SQLite file, which survive a restart. */
@Injectable()
export class InvoicesRepository implements OnApplicationShutdown {
  constructor() {
    database.exec(`
      CREATE TABLE IF NOT EXISTS invoices (
        number        INTEGER PRIMARY KEY,
        id            TEXT NOT NULL UNIQUE,
        title         TEXT,
        customer      TEXT NOT NULL,
        total         REAL NOT NULL,
        paid          INTEGER NOT NULL DEFAULT 0,
        callback_urls TEXT NOT NULL,
        notification  TEXT
      ) STRICT`);
  }

  /** Stores all changes of `work`, or none if it throws. */
  transaction(work: () => void): void {
    database.transaction(work)();
  }

  /** Stores a new invoice. Returns false if its id is taken. */
  insert(invoice: Invoice, urls: CallbackUrls<InvoiceCallbacks>): boolean {
    const statement = database.prepare(
      'INSERT INTO invoices (id, title, customer, total, callback_urls) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
    );
    const { id, title = null, customer, total } = invoice;
    return statement.run(id, title, customer, total, JSON.stringify(urls)).changes === 1;
  }

  findAll(): StoredInvoice[] {
    const rows = database.prepare('SELECT * FROM invoices ORDER BY number DESC').all();
    return (rows as InvoiceRow[]).map(toInvoice);
  }

  findOne(id: string): StoredInvoice | undefined {
    const row = database.prepare('SELECT * FROM invoices WHERE id = ?').get(id);
    return row ? toInvoice(row as InvoiceRow) : undefined;
  }

  /** Records the payment. Returns false if it is already recorded. */
  markPaid(id: string): boolean {
    return database.prepare('UPDATE invoices SET paid = 1 WHERE id = ? AND paid = 0').run(id).changes === 1;
  }

  /** Returns the callback URLs that the client asked for. */
  urlsOf(id: string): CallbackUrls<InvoiceCallbacks> {
    const row = database.prepare('SELECT callback_urls FROM invoices WHERE id = ?').get(id);
    return JSON.parse((row as InvoiceRow).callback_urls) as CallbackUrls<InvoiceCallbacks>;
  }

  storeNotification(id: string, notification: InvoiceNotification): void {
    const statement = database.prepare('UPDATE invoices SET notification = ? WHERE id = ?');
    statement.run(JSON.stringify(notification), id);
  }

  /** At the end of the shutdown, so that the outcomes of the last callbacks can be stored. */
  onApplicationShutdown(): void {
    database.close();
  }
}

function toInvoice({ id, title, customer, total, paid, notification }: InvoiceRow): StoredInvoice {
  return {
    id,
    ...(title === null ? {} : { title }),
    customer,
    total,
    paid: paid === 1,
    ...(notification === null ? {} : { notification: JSON.parse(notification) as InvoiceNotification }),
  };
}
