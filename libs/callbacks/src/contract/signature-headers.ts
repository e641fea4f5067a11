/** The headers of a signed request, by Standard Webhooks. They are the sender's to set, and no one's arguments. */
export const SIGNATURE_HEADERS: readonly string[] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
