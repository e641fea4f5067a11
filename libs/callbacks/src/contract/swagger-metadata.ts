/**
 * The keys under which the decorators of `@nestjs/swagger` keep what they are given. It exports them only since 11.4;
 * they are the same strings in every version from 11.1 to 12.
 */
export const SWAGGER_METADATA = {
  CONSUMES: 'swagger/apiConsumes',
  EXCLUDE_CONTROLLER: 'swagger/apiExcludeController',
  EXTENSION: 'swagger/apiExtension',
  HEADERS: 'swagger/apiHeaders',
  MODEL_PROPERTIES: 'swagger/apiModelProperties',
  PARAMETERS: 'swagger/apiParameters',
  PRODUCES: 'swagger/apiProduces',
  RESPONSE: 'swagger/apiResponse',
} as const;
