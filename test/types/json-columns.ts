import type { CallbackDelivery, Callbacks, CallbackUrls, EnqueuedCallback, PreparedCallback } from 'nestjs-callbacks';

/** Type tests: the JSON columns of common ORMs need no cast. */
class InvoiceCallbacks {
  paid(event: object): void {
    void event;
  }
}

/** `InputJsonValue` and `JsonValue` of Prisma, as `runtime/library.d.ts` of @prisma/client 6.19.3 declares them. */
type InputJsonObject = { readonly [Key in string]?: InputJsonValue | null };
interface InputJsonArray extends ReadonlyArray<InputJsonValue | null> {}
type InputJsonValue = string | number | boolean | InputJsonObject | InputJsonArray | { toJSON(): unknown };
type JsonObject = { [Key in string]?: JsonValue };
interface JsonArray extends Array<JsonValue> {}
type JsonValue = string | number | boolean | JsonObject | JsonArray | null;

/** What `insert()` and `update()` of TypeORM take of an entity, as `query-builder/QueryPartialEntity.d.ts` of 1.1.1 declares it. */
// oxlint-disable-next-line typescript/no-explicit-any -- TypeORM declares it like this
type ObjectLiteral = { [key: string]: any };
type QueryDeepPartialEntity<T> = DeepPartial<ObjectLiteral extends T ? unknown : T>;
type DeepPartial<T> = {
  [P in keyof T]?:
    | (T[P] extends (infer U)[]
        ? DeepPartial<U>[]
        : T[P] extends readonly (infer U)[]
          ? readonly DeepPartial<U>[]
          : DeepPartial<T[P]>)
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

/** What is written to a column. */
export const prisma: InputJsonValue[] = [delivery, delivery.request, prepared, enqueued, urls];
export const typeOrm: QueryDeepPartialEntity<OutboxEntity> = { id: '1', delivery: prepared, urls };
/** A `json()` column of Drizzle without `$type<>()` takes and gives `unknown`. */
export const drizzle: unknown[] = [prepared, urls];

/** What is read from a column. */
export async function submitAll(
  callbacks: Callbacks,
  rows: { ofPrisma: JsonValue; ofDrizzle: unknown; ofTypeOrm: OutboxEntity },
): Promise<EnqueuedCallback[]> {
  return Promise.all([rows.ofPrisma, rows.ofDrizzle, rows.ofTypeOrm.delivery].map((row) => callbacks.submit(row)));
}
