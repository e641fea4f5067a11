/**
 * The keys under which the decorators of `@nestjs/swagger` store their metadata. The package exports them only since
 * 11.4; the strings are the same in every version from 11.1 to 12.
 */
export const SWAGGER_METADATA = {
  CONSUMES: 'swagger/apiConsumes',
  EXCLUDE_CONTROLLER: 'swagger/apiExcludeController',
  EXCLUDE_ENDPOINT: 'swagger/apiExcludeEndpoint',
  EXTENSION: 'swagger/apiExtension',
  EXTRA_MODELS: 'swagger/apiExtraModels',
  HEADERS: 'swagger/apiHeaders',
  MODEL_PROPERTIES: 'swagger/apiModelProperties',
  MODEL_PROPERTY_NAMES: 'swagger/apiModelPropertiesArray',
  PARAMETERS: 'swagger/apiParameters',
  PRODUCES: 'swagger/apiProduces',
  RESPONSE: 'swagger/apiResponse',
  SCHEMA: 'swagger/apiSchema',
  WEBHOOK: 'swagger/apiWebhook',
} as const;
