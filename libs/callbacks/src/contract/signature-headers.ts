/** The headers of a signed request, by Standard Webhooks. The sender sets them; they are never arguments. */
export const SIGNATURE_HEADERS: readonly string[] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
