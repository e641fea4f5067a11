import type { OperationObject } from '../../openapi/openapi-types.js';

type Parameters = NonNullable<OperationObject['parameters']>;

/** The header parameters of a signed request, by Standard Webhooks. */
const PARAMETERS = [
  signatureHeader(
    'webhook-id',
    'The id of the delivery, the same on every attempt: what came twice with one id is one delivery.',
    'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
  ),
  signatureHeader(
    'webhook-timestamp',
    'When this attempt was made, in seconds since 1970. Refuse what is older than some minutes.',
    '1674087231',
  ),
  signatureHeader(
    'webhook-signature',
    '`v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`; several are separated by a space, and one that is right is enough.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
];

/** The parameters of a signed request: its own, and the signature's where it does not declare them itself. */
export function addSignatureHeaders(parameters: Parameters = []): Parameters {
  const declared = new Set(parameters.map((parameter) => ('name' in parameter ? parameter.name.toLowerCase() : '')));
  return [...parameters, ...PARAMETERS.filter(({ name }) => !declared.has(name))];
}

function signatureHeader(name: string, description: string, example: string) {
  return { name, in: 'header' as const, required: true, description, schema: { type: 'string' }, example };
}
