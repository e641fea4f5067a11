import { FORMAT_VERSION } from '../delivery/callback-delivery.js';
import { ROW_STATES } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';
import { schemaIssue } from './postgres-queue.options.js';

/** What a worker may take: a row of a newer format is left to those who know it. */
export const IS_READY = `state = 'ready' AND version = ${FORMAT_VERSION}`;
/** What a process of this version leaves alone. */
export const IS_NEWER = `version > ${FORMAT_VERSION}`;

/** By the clock of the database, in ms since 1970. Asked once in a statement: an index can be searched for it. */
export const NOW = '(SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint)';

/** How many characters of a column that is as long as its user likes are in an index: Postgres limits what one may hold. */
export const INDEXED = 200;
export const indexed = (column: string) => `left(${column}, ${INDEXED})`;

/** The tables of a queue, each with its schema: what the search path is does not matter. */
export interface Tables {
  readonly schema: string;
  readonly deliveries: string;
  readonly incoming: string;
  readonly untold: string;
  readonly counts: string;
  readonly layout: string;
}

export function tablesOf(schema: string): Tables {
  const of = (table: string) => `"${schema}".${table}`;
  return {
    schema: `"${schema}"`,
    deliveries: of('deliveries'),
    incoming: of('incoming'),
    untold: of('untold'),
    counts: of('counts'),
    layout: of('layout'),
  };
}

/**
 * The SQL that creates the schema and the tables of `postgresQueue()`, for migrations of your own: the queue creates
 * them by itself unless it has `migrate: false`. Run it once, in a transaction, as a role that may create schemas.
 *
 * @param options.schema - the one that `postgresQueue()` is given, by default `callbacks`.
 * @example
 * const sql = postgresQueueSchema({ schema: 'callbacks' });
 */
export function postgresQueueSchema({ schema = 'callbacks' }: { schema?: string } = {}): string {
  const issue = schemaIssue(schema);
  if (issue !== undefined) throw new TypeError(`The \`schema\` of postgresQueueSchema() ${issue}.`);
  return `CREATE SCHEMA IF NOT EXISTS "${schema}";\n${migrationsOf(schema).join('\n')}`;
}

/**
 * What makes each layout out of the one before it: the first one out of an empty schema. What was released does not
 * change any more; a new layout is a further element.
 */
export function migrationsOf(schema: string): readonly string[] {
  return [firstLayout(tablesOf(schema))];
}

const valuesOf = (write: (state: RowState) => string) => ROW_STATES.map(write).join(', ');

/**
 * `state` says what becomes of a delivery next, `due` when, as in the queue in a SQLite file. Two things are different:
 *
 * - What is added in a transaction of the app waits in `incoming` until that has committed. No statement on it can meet
 *   another transaction: there is nothing unique in it.
 * - Each statement that changes how many rows a state has adds a row to `counts`, so that none waits for another one.
 *   They are added up now and then.
 */
function firstLayout({ schema, deliveries, incoming, untold, counts, layout }: Tables): string {
  const columns = `
  id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  enqueued_at bigint NOT NULL,
  callback text COLLATE "C" NOT NULL,
  host text COLLATE "C" NOT NULL,
  receiver text COLLATE "C" NOT NULL,
  key text COLLATE "C",
  digest text COLLATE "C" NOT NULL,
  delivery text NOT NULL,
  body bytea`;
  const trigger = (name: string, event: string, transitions: string, changes: string) => `
CREATE FUNCTION ${schema}.count_${name}() RETURNS trigger LANGUAGE plpgsql AS $count$
BEGIN
  INSERT INTO ${counts} (${valuesOf((state) => state)})
  SELECT ${valuesOf((state) => `coalesce(sum(change) FILTER (WHERE state = '${state}'), 0)`)}
  FROM (SELECT state, sum(change) AS change FROM (${changes}) AS changed GROUP BY state) AS changes
  HAVING bool_or(change <> 0);
  RETURN NULL;
END $count$;
CREATE TRIGGER count_${name} AFTER ${event} ON ${deliveries} REFERENCING ${transitions}
FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.count_${name}();`;
  return `
CREATE TABLE ${deliveries} (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,${columns},
  state text COLLATE "C" NOT NULL DEFAULT 'ready' CHECK (state IN (${valuesOf((state) => `'${state}'`)})),
  due bigint NOT NULL,
  updated_at bigint NOT NULL,
  attempts bigint NOT NULL DEFAULT 0,
  is_cancelled boolean NOT NULL DEFAULT false,
  is_body_dropped boolean NOT NULL DEFAULT false,
  worker text COLLATE "C",
  error text,
  history text,
  UNIQUE (id)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX deliveries_ready ON ${deliveries} (receiver, due) WHERE ${IS_READY};
CREATE INDEX deliveries_newer ON ${deliveries} (state) WHERE ${IS_NEWER};
CREATE INDEX deliveries_due ON ${deliveries} (state, due);
CREATE INDEX deliveries_state ON ${deliveries} (state, sequence);
CREATE INDEX deliveries_host ON ${deliveries} (${indexed('host')}, sequence);
CREATE INDEX deliveries_key ON ${deliveries} (${indexed('key')}, sequence) WHERE key IS NOT NULL;

CREATE TABLE ${incoming} (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,${columns}
);
CREATE INDEX incoming_id ON ${incoming} (id);

CREATE TABLE ${untold} (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery text COLLATE "C" NOT NULL,
  event text NOT NULL,
  due bigint NOT NULL,
  worker text COLLATE "C" NOT NULL
);
CREATE INDEX untold_delivery ON ${untold} (delivery);

CREATE TABLE ${counts} (
  ${valuesOf((state) => `${state} bigint NOT NULL`)}
);${trigger('inserted', 'INSERT', 'NEW TABLE AS added', 'SELECT state, 1 AS change FROM added')}${trigger(
    'updated',
    'UPDATE',
    'OLD TABLE AS removed NEW TABLE AS added',
    'SELECT state, 1 AS change FROM added UNION ALL SELECT state, -1 FROM removed',
  )}${trigger('deleted', 'DELETE', 'OLD TABLE AS removed', 'SELECT state, -1 AS change FROM removed')}

CREATE TABLE ${layout} (version integer NOT NULL);
INSERT INTO ${layout} (version) VALUES (1);`;
}
