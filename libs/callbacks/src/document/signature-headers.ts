/** The header parameters of a signed request, by Standard Webhooks. */
export const SIGNATURE_HEADERS = [
  header(
    'webhook-id',
    'The id of the delivery, the same on every attempt: what came twice with one id is one delivery.',
  ),
  header(
    'webhook-timestamp',
    'When this attempt was made, in seconds since 1970. Refuse what is older than some minutes.',
  ),
  header(
    'webhook-signature',
    '`v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`; several are separated by a space, and one that is right is enough.',
  ),
];

function header(name: string, description: string) {
  return { name, in: 'header' as const, required: true, description, schema: { type: 'string' } };
}
