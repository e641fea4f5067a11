import type { SwaggerDocumentOptions } from '@nestjs/swagger';
import { z } from 'zod';

/** Documents a schema of Zod under the title that `z.meta()` gave it. */
export const documentOptions: SwaggerDocumentOptions = {
  standardSchemaConverter(schema) {
    if (!(schema instanceof z.ZodType)) return undefined;
    const { title = '' } = schema.meta() ?? {};
    const model = z.toJSONSchema(schema, { target: 'openapi-3.0' });
    return { schema: { $ref: `#/components/schemas/${title}` }, components: { [title]: model } };
  },
};
