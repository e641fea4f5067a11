import { isDeepStrictEqual } from 'node:util';
import type { OperationObject, ParameterObject, SecuritySchemes } from '../../openapi/openapi-types.js';
import { createNamer } from '../../openapi/unique-name.js';

type Parameter = NonNullable<OperationObject['parameters']>[number];

/** The header is sent as it is given, in any scheme: `Bearer ...`, `Basic ...`, or a key alone. */
const AUTHORIZATION_SCHEME = {
  type: 'apiKey' as const,
  in: 'header',
  name: 'Authorization',
  description: 'The `Authorization` header that was agreed on with the sender.',
};

/** Writes an `Authorization` header parameter, which OpenAPI says is ignored, as a security scheme. */
export function createAuthorizer(existing: SecuritySchemes = {}) {
  const known = Object.keys(existing).find((key) => isDeepStrictEqual({ ...existing[key] }, AUTHORIZATION_SCHEME));
  const name = known ?? createNamer(Object.keys(existing))('authorization');
  const schemes: SecuritySchemes = {};

  function authorize(operation: OperationObject): OperationObject {
    const { parameters = [], security = [] } = operation;
    const headers = parameters.filter(isAuthorization);
    if (headers.length === 0) return operation;
    const others = parameters.filter((parameter) => !isAuthorization(parameter));
    // A scheme that the user names describes the header already, and better.
    if (security.length > 0) return { ...operation, parameters: others };
    schemes[name] = AUTHORIZATION_SCHEME;
    const requirements = [{ [name]: [] }, ...(headers.some(({ required }) => required === false) ? [{}] : [])];
    return { ...operation, parameters: others, security: requirements };
  }

  return { authorize, schemes };
}

function isAuthorization(parameter: Parameter): parameter is ParameterObject {
  return 'in' in parameter && parameter.in === 'header' && parameter.name?.toLowerCase() === 'authorization';
}
