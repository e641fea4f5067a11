import type { PostgresServer } from './start-postgres.js';

/**
 * Notes, whenever deliveries are inserted, which statements are prepared in the session that inserts them.
 *
 * @returns what was noted: a line for each INSERT, the names in alphabetical order.
 */
export async function notePrepared(server: PostgresServer, schema: string): Promise<() => Promise<readonly string[]>> {
  await server.query(`CREATE TABLE ${schema}.noted (number serial, names text)`);
  await server.query(`
    CREATE FUNCTION ${schema}.note() RETURNS trigger LANGUAGE plpgsql AS $note$
    BEGIN
      INSERT INTO ${schema}.noted (names)
      SELECT coalesce(string_agg(name, ',' ORDER BY name), '') FROM pg_prepared_statements;
      RETURN NULL;
    END $note$`);
  await server.query(`
    CREATE TRIGGER note AFTER INSERT ON ${schema}.deliveries FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.note()`);
  return async () => {
    const rows = await server.query<{ names: string }>(`SELECT names FROM ${schema}.noted ORDER BY number`);
    return rows.map(({ names }) => names);
  };
}
