import type { SwaggerDocumentOptions } from '@nestjs/swagger';

export const documentOptions: SwaggerDocumentOptions = {};
