import { inspect } from 'node:util';

type Field = string | number | readonly string[] | undefined;

/** What needs no quotes: nothing that comes from elsewhere can end the line, or look like another field. */
const PLAIN = /^[\w.:[\]-]+$/;

/**
 * A line of the log whose message is always the same, so that logs group what is alike: ids and what else differs are
 * fields. An object for a logger that writes JSON, and one line for a logger that writes text.
 */
export class LogLine {
  constructor(message: string, fields: Readonly<Record<string, Field>>) {
    Object.assign(this, { message, ...fields });
  }

  [inspect.custom](): string {
    const { message, ...fields } = this as unknown as { message: string } & Record<string, Field>;
    return `${message} ${writeFields(fields)}`;
  }
}

/** Writes fields as `id=msg_1 attempt=2`. */
export function writeFields(fields: object): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.map(([name, value]) => `${name}=${writeValue(String(value))}`).join(' ');
}

function writeValue(value: string): string {
  return PLAIN.test(value) ? value : JSON.stringify(value);
}
