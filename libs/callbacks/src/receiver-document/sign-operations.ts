import type { OpenAPIObject } from '@nestjs/swagger';
import { SIGNATURE_HEADERS } from '../contract/request-arguments.js';
import type { OperationObject, SecuritySchemes } from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import { createNamer } from '../openapi/unique-name.js';
import { parameterKey } from './parameter-key.js';

const SCHEME = {
  type: 'apiKey' as const,
  in: 'header',
  name: 'webhook-signature',
  description:
    'The value of the header `webhook-signature` of the request that you try out: `v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`, with your secret as the key. The description of this document explains step by step how to create and verify it, according to [Standard Webhooks](https://www.standardwebhooks.com).',
};

/** Adds a security scheme for the signature to operations that have its headers. */
export function createSigner({ components }: OpenAPIObject, resolver: Resolver) {
  const name = createNamer(Object.keys(components?.securitySchemes ?? {}))('webhookSignature');
  const schemes: SecuritySchemes = {};

  function sign(operation: OperationObject): OperationObject {
    const keys = new Set(operation.parameters?.map((parameter) => parameterKey(parameter, resolver)));
    if (!SIGNATURE_HEADERS.every((header) => keys.has(`header ${header}`))) return operation;
    schemes[name] = SCHEME;
    const own = operation.security ?? [];
    const security = (own.length === 0 ? [{}] : own).map((requirement) => ({ ...requirement, [name]: [] }));
    return { ...operation, security };
  }

  return { sign, schemes };
}
