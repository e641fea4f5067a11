import type { OpenAPIObject } from '@nestjs/swagger';

/** The document is finished when its callbacks are in it. */
export const finish = (document: OpenAPIObject) => document;
