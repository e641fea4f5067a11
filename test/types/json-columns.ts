import type { CallbackDelivery, Callbacks, CallbackUrls, EnqueuedCallback, PreparedCallback } from 'nestjs-callbacks';

/** Type tests: what the JSON columns of common ORMs take and give back needs no cast. */
class InvoiceCallbacks {
  paid(event: object): void {
    void event;
  }
}

/** `InputJsonValue` and `JsonValue` of Prisma, as `@prisma/client/runtime` declares them. */
type InputJsonObject = { readonly [Key in string]?: InputJsonValue | null };
interface InputJsonArray extends ReadonlyArray<InputJsonValue | null> {}
type InputJsonValue = string | number | boolean | InputJsonObject | InputJsonArray | { toJSON(): unknown };
type JsonObject = { [Key in string]?: JsonValue };
interface JsonArray extends Array<JsonValue> {}
type JsonValue = string | number | boolean | JsonObject | JsonArray | null;

/** What TypeORM's `insert()` and `update()` take of an entity: `QueryDeepPartialEntity`. */
type QueryDeepPartialEntity<T> = {
  [P in keyof T]?:
    | (T[P] extends (infer U)[]
        ? QueryDeepPartialEntity<U>[]
        : T[P] extends readonly (infer U)[]
          ? readonly QueryDeepPartialEntity<U>[]
          : QueryDeepPartialEntity<T[P]>)
    | (() => string);
};
interface OutboxEntity {
  id: string;
  delivery: PreparedCallback;
  urls: CallbackUrls<InvoiceCallbacks>;
}

declare const delivery: CallbackDelivery;
declare const prepared: PreparedCallback;
declare const enqueued: EnqueuedCallback;
declare const urls: CallbackUrls<InvoiceCallbacks>;

/** Going in. */
export const prisma: InputJsonValue[] = [delivery, delivery.request, prepared, enqueued, urls];
export const typeOrm: QueryDeepPartialEntity<OutboxEntity> = { id: '1', delivery: prepared, urls };
/** A `json()` column of Drizzle without `$type<>()` takes and gives `unknown`. */
export const drizzle: unknown[] = [prepared, urls];

/** Coming out. */
export async function submitAll(
  callbacks: Callbacks,
  rows: { ofPrisma: JsonValue; ofDrizzle: unknown; ofTypeOrm: OutboxEntity },
): Promise<EnqueuedCallback[]> {
  return Promise.all([rows.ofPrisma, rows.ofDrizzle, rows.ofTypeOrm.delivery].map((row) => callbacks.submit(row)));
}
